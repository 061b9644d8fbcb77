#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Documents: well formed, their links lead somewhere, and what they claim exists.

docs/check.py      without arguments; prints KTAP. Runs no guest.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "../../../../.."))
TESTS = os.path.dirname(HERE)
DOCS = os.path.join(TOP, "Documentation")
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import lines
import messages


def read(path):
    with open(os.path.join(TOP, path)) as f:
        return f.read()


def documents():
    """All of reStructuredText but what the patches of the base touch."""
    found = glob.glob(DOCS + "/**/*.rst", recursive=True)
    found += glob.glob(TOP + "/samples/bpf/*.rst") + glob.glob(TESTS + "/**/*.rst", recursive=True)
    found += glob.glob(TOP + "/kernel/bpf/**/*.rst", recursive=True)
    return sorted(os.path.relpath(p, TOP) for p in found)


def well_formed():
    """documents parse without a warning"""
    try:
        import docutils.core
        import docutils.nodes
        import docutils.parsers.rst
        from docutils.parsers.rst import roles
    except ImportError:
        return ["docutils is missing: run scripts/setup"]

    class TocTree(docutils.parsers.rst.Directive):
        has_content, option_spec = True, {"maxdepth": int}

        def run(self):
            return []

    def role(name, raw, text, number, inliner, options=None, content=None):
        return [docutils.nodes.literal(raw, text)], []

    docutils.parsers.rst.directives.register_directive("toctree", TocTree)
    for name in ("doc", "ref"):
        roles.register_local_role(name, role)
    bad = []
    for path in documents():
        class Errors:
            @staticmethod
            def write(text, path=path):
                bad.append(f"{path}: {text.strip()}")
        docutils.core.publish_doctree(read(path), source_path=path, settings_overrides={
            "warning_stream": Errors, "report_level": 2, "halt_level": 5, "raw_enabled": False})
    return bad


def links():
    """references to documents and labels lead somewhere, each document is reached"""
    bad, reached, labels = [], {"Documentation/bpf/index.rst"}, set()
    for path in documents():
        labels |= set(re.findall(r"^\.\. _([\w-]+):$", read(path), re.M))
    for path in documents():
        text, base = read(path), os.path.dirname(path)
        named = re.findall(r":doc:`(?:[^`<]*<)?([^`>]*)>?`", text)
        for block in re.findall(r"^\.\. toctree::\n((?:   .*\n|\n)*)", text, re.M):
            named += [w for w in block.split() if not w.startswith(":") and not w.isdigit()]
        for name in named:
            to = "Documentation" + name if name.startswith("/") else os.path.join(base, name)
            to = os.path.normpath(re.sub(r"\.rst$", "", to) + ".rst")
            reached.add(to)
            if not os.path.exists(os.path.join(TOP, to)):
                bad.append(f"{path}: no document {to}")
        for name in re.findall(r":ref:`(?:[^`<]*<)?([^`>]*)>?`", text):
            if name not in labels:
                bad.append(f"{path}: no label {name}")
    bad += [f"{p} is in no toctree" for p in documents()
            if p.startswith("Documentation/bpf/") and p not in reached]
    return bad


def readme_links():
    """links of the README lead to files, and its table names every helper"""
    text = read("README.md")
    defined = dict(re.findall(r"^\[([^]]+)\]: (\S+)$", text, re.M))
    bad = [f"README.md: no {to}" for to in re.findall(r"\]\(([^)#]+)\)", text) + list(defined.values())
           if "://" not in to and not os.path.exists(os.path.join(TOP, to))]
    used = set(re.findall(r"\]\[([^]]+)\]", text))
    bad += [f"README.md: no link {name}" for name in used ^ set(defined)]
    named, _ = helper_names()
    return bad + [f"README.md: no helper {n} {name}" for n, name in named.items()
                  if not re.search(rf"[\[ ]{n} {name}[\],]", text)]


def groups():
    """Names of the groups of tests.list, and what each runs."""
    found = {}
    for line in read(os.path.relpath(TESTS, TOP) + "/tests.list").split("\n"):
        words = line.split(None, 4)
        if len(words) == 5 and not line.startswith("#"):
            found[words[0]] = words[4]
    return found


def status_rows():
    """(feature, group, file, check) of each row of the tables of status.rst."""
    feature, rows = None, []
    for line in read("Documentation/bpf/status.rst").split("\n"):
        m = re.match(r'(.*?)\s+(\w+)\s+`([^`]+)`_(?:\s+"(.*)")?$', line)
        if m:
            name = m.group(1).strip()
            feature = feature if name.startswith("\\") else re.split(r"\s{2,}|\s(?=\S+$)", name)[0]
            rows.append((feature, *m.groups()[1:]))
    return rows


def status():
    """each row of status.rst names a group, its file, and a check that is there"""
    known, bad, rows = groups(), [], status_rows()
    targets = dict(re.findall(r"^\.\. _(\S+): (\S+)$", read("Documentation/bpf/status.rst"), re.M))
    for feature, group, name, check in rows:
        path = os.path.normpath(os.path.join("Documentation/bpf", targets.get(name, "missing")))
        if group not in known:
            bad.append(f"{feature}: no group {group}")
        elif name.endswith(".c") and os.path.dirname(name) in ("abi", "attach", "maps", "progs", "verifier", "races") \
                and name[:-2] not in known[group]:
            bad.append(f"{feature}: the group {group} does not run {name}")
        if not os.path.exists(os.path.join(TOP, path)):
            bad.append(f"{feature}: no file {path}")
        elif check and check not in read(path):
            bad.append(f'{feature}: "{check}" is not in {path}')
    return bad if len(rows) > 80 else bad + [f"only {len(rows)} rows were understood"]


def helper_names():
    """Numbers and names of the helpers that programs may call."""
    offered = set(re.findall(r"^row helper \d+\s+(\d+) ", read(
        os.path.relpath(TESTS, TOP) + "/matrix/helper.expect"), re.M))
    text = read("Documentation/bpf/helpers.rst")
    return {n: name for n, name in re.findall(r"^(\d+) +(\w+) ", text, re.M)}, offered


def helpers_shown():
    """each helper stands in helpers.rst and status.rst, with a line that runs"""
    named, offered = helper_names()
    bad = [f"helper {n} is offered and not in helpers.rst" for n in sorted(offered - set(named), key=int)]
    bad += [f"helper {n} is in helpers.rst and not offered" for n in sorted(set(named) - offered, key=int)]
    commands = "\n".join(c for _, c, _ in lines.examples(DOCS + "/bpf/helpers.rst"))
    tested = {row[0] for row in status_rows()}
    for number, name in named.items():
        if f"bpf_{name}(" not in commands:
            bad.append(f"no line in helpers.rst calls bpf_{name}()")
        if f"{number} {name}" not in tested:
            bad.append(f"no row of status.rst for helper {number} {name}")
    return bad


def maps_shown():
    """each map type stands in maps.rst with a line that runs, and in status.rst"""
    parts = re.split(r"^(BPF_MAP_TYPE_\w+)\n=+\n", read("Documentation/bpf/maps.rst"), flags=re.M)
    tested, bad = {row[0] for row in status_rows()}, []
    for name, text in zip(parts[1::2], parts[2::2]):
        if "\n\t# " not in text:
            bad.append(f"no line that runs under {name}")
        if name.replace("BPF_MAP_TYPE_", "") not in tested:
            bad.append(f"no row of status.rst for {name}")
    offered = re.findall(r"^row map_type .*# (\w+)$", read(
        os.path.relpath(TESTS, TOP) + "/matrix/map_create.expect"), re.M)
    return bad + [f"{n} is not in maps.rst" for n in offered if f"BPF_MAP_TYPE_{n}" not in parts[1::2]]


def quotations():
    """code said to be from a sample is in it"""
    bad = []
    for path in documents():
        for name, block in re.findall(r"From\s+``(samples/[^`]+)``::\n\n((?:\t.*\n|\n)+)", read(path)):
            source = " ".join(read(name).split())
            for paragraph in block.strip().split("\n\n"):
                if " ".join(paragraph.split()) not in source:
                    bad.append(f"{path}: not in {name}: {paragraph.strip()[:60]}")
    return bad


def samples():
    """samples have less than 150 lines, and all are in the list with the group that runs them"""
    bad, listed = [], read("samples/bpf/README.rst")
    script = read(os.path.relpath(TESTS, TOP) + "/clients/samples.sh") + "".join(
        read(p) for p in ("samples/bpf/demo.sh", "samples/bpf/tc.sh")) + "".join(
        c for d in ("bpf/helpers", "bpf/maps", "networking/filter")
        for _, c, _ in lines.examples(f"{DOCS}/{d}.rst"))
    for path in sorted(glob.glob(TOP + "/samples/bpf/*")):
        name = os.path.basename(path)
        with open(path) as f:
            n = sum(1 for _ in f)
        if n >= 150:
            bad.append(f"samples/bpf/{name} has {n} lines")
        if name.endswith(".bpf.c"):
            stem = name[:-len(".bpf.c")]
            if f"``{stem}``" not in listed:
                bad.append(f"{name} is not in samples/bpf/README.rst")
            if stem not in script:
                bad.append(f"no test runs {name}")
    return bad


def manual():
    """groff has nothing to say about the manual page"""
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-z", DOCS + "/bpf/bpf.2"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.split("\n")[:-1] if done.stdout or done.returncode else []


def refusals():
    """the document of refusals is what the rules and their programs make"""
    return messages.check()


CHECKS = [well_formed, links, readme_links, status, helpers_shown, maps_shown, quotations, samples, manual,
          refusals]


def main():
    failed = 0
    print(f"1..{len(CHECKS)}")
    for number, check in enumerate(CHECKS, 1):
        bad = check()
        failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {number} - {check.__doc__}")
        for line in bad[:40]:
            print("#   " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
