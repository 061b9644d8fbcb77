# SPDX-License-Identifier: GPL-2.0-only
"""Macros of headers and what they mean, asked from the compiler.

values(...) gives {name: meaning}. The meaning of a macro is the value, size and
signedness of the expression it makes; with parameters, for a few arguments
each; of one that makes an instruction, its bytes; of anything else, its text
without spaces.
"""
import itertools
import os
import re
import subprocess

ARGUMENTS = ("0", "1", "0x5a", "0xff", "0x1234")


def defined(compile_, source, headers):
    """{name: (parameters or None, text)} of the macros that HEADERS define."""
    done = subprocess.run(compile_ + ["-E", "-dD", source], check=True, text=True, stdout=subprocess.PIPE)
    found, inside = {}, False
    for line in done.stdout.split("\n"):
        mark = re.match(r'# \d+ "([^"]*)"', line)
        if mark:
            inside = mark.group(1).endswith(tuple("/linux/" + h for h in headers))
        macro = re.match(r"#define (\w+)(\([^)]*\))? ?(.*)", line)
        undef = re.match(r"#undef (\w+)", line)
        if inside and macro:
            found[macro.group(1)] = (macro.group(2), macro.group(3))
        if undef:
            found.pop(undef.group(1), None)
    return found


def expressions(macros):
    """(name, expression) pairs to ask for."""
    for name, (params, text) in sorted(macros.items()):
        if params is None:
            if text:
                yield name, name
            continue
        count = params.count(",") + 1 if params.strip("() ") else 0
        for args in itertools.islice(itertools.product(ARGUMENTS, repeat=count), 25):
            yield name, f"{name}({', '.join(args)})"


def ask(compile_, include, asked, form, folder):
    """{expression: what the compiled program prints}, of those that compile."""
    asked = list(asked)
    path = os.path.join(folder, "ask")
    while asked:
        with open(path + ".c", "w") as f:
            f.write(f"{include}\nint printf(const char *, ...);\nint main(void)\n{{\n")
            f.writelines(f'#line {i + 1} "ask"\n' + form.format(e=e, i=i) + "\n" for i, e in enumerate(asked))
            f.write("return 0;\n}\n")
        done = subprocess.run(compile_ + ["-w", "-fmax-errors=0", path + ".c", "-o", path], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 0:
            out = subprocess.run([path], check=True, text=True, stdout=subprocess.PIPE).stdout.split("\n")
            return dict(zip(asked, out))
        wrong = {int(n) for n in re.findall(r"(?m)^ask:(\d+):", done.stdout)}
        if not wrong:
            raise RuntimeError(done.stdout[:2000])
        asked = [e for i, e in enumerate(asked) if i + 1 not in wrong]
    return {}


VALUE = ('printf("%lld, %d bytes, %s\\n", (long long)({e}), (int)sizeof({e}), '
         '(__typeof__({e}))-1 < 0 ? "signed" : "unsigned");')
BYTES = ('{{ struct sock_filter f_{i} = {e}; printf("%x %x %x %x\\n", f_{i}.code, f_{i}.jt, f_{i}.jf, f_{i}.k); }}')


def values(compile_, include, source, headers, folder):
    macros = defined(compile_, source, headers)
    pairs = list(expressions(macros))
    known = ask(compile_, include, (e for _, e in pairs), VALUE, folder)
    rest = [e for _, e in pairs if e not in known]
    known.update(ask(compile_, include, rest, BYTES, folder))
    found = {}
    for name, (params, text) in macros.items():
        answers = [known.get(e) for n, e in pairs if n == name]
        if answers and None not in answers:
            found[name] = "; ".join(answers)
        else:
            found[name] = f"{params or ''} {re.sub(chr(92) + 's+', '', text)}"
    return found
