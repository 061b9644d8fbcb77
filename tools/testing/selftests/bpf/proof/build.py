# SPDX-License-Identifier: GPL-2.0-only
"""Compile the scalar domain to assembly text, and to a library for comparison.

clang -O0 with wrapping arithmetic and no optimiser pass, so that of the compiler
only the front end is trusted, and C's variables keep their names.
"""
import os
import subprocess

from ir import Module

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, '../../../../..'))
VERIFIER = os.path.join(TOP, 'kernel/bpf/verifier')
SHIM = os.path.join(HERE, '../unit/include')
FILES = ('tnum', 'arc', 'word', 'scalar', 'scalar_alu', 'scalar_jmp')
# The last one: byte swaps in C, not in the machine's assembly.
FLAGS = ['-std=gnu11', '-w', '-fwrapv', '-fno-strict-aliasing', '-D_ASM_X86_SWAB_H']


def tool(name):
    """Debian 12's version 14, or the plain name."""
    for directory in os.environ['PATH'].split(':'):
        if os.access(os.path.join(directory, name + '-14'), os.X_OK):
            return name + '-14'
    return name


def include(*sources):
    return ['-I' + place for place in (SHIM, *sources)]


def module(path, out, headers=VERIFIER):
    """One file as a Module; its text is left in out."""
    os.makedirs(out, exist_ok=True)
    done = os.path.join(out, os.path.basename(path)[:-2] + '.ll')
    subprocess.run([tool('clang'), *FLAGS, '-O0', '-Xclang', '-disable-O0-optnone',
                    '-fno-discard-value-names', *include(headers), '-S', '-emit-llvm',
                    '-o', done, path], check=True)
    with open(done) as text:
        return Module(text.read())


def sources():
    """The files, the last of which instantiates the inline functions."""
    return [*[os.path.join(VERIFIER, name + '.c') for name in FILES], os.path.join(HERE, 'inlines.c')]


def assembly(out):
    """Modules of all files."""
    return [module(path, out) for path in sources()]
