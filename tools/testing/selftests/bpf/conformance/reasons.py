# SPDX-License-Identifier: GPL-2.0-only
"""Which missing feature a case that does not pass hangs on.

Judged by what our kernel answered and the suite printed, not by what the case is
about. The first rule that matches names the feature. A case that differs on purpose
is named in the file "explained"; one that nothing explains is an error.
"""
import os
import re

from suites import HERE, TOP


UNEXPLAINED = "NOT EXPLAINED"


def names_of(prefix):
    """Names of an enumeration by number, from our own header."""
    table = {}
    with open(os.path.join(TOP, "include/uapi/linux/bpf.h")) as f:
        for name, number in re.findall(rf"\b{prefix}_([A-Z0-9_]+)\s*=\s*(\d+)", f.read()):
            table.setdefault(int(number), name.lower())
    return table


MAP_TYPES = names_of("BPF_MAP_TYPE")
PROG_TYPES = names_of("BPF_PROG_TYPE")

RULES = [
    (r"unsupported program type (\d+)", lambda m: f"program type {PROG_TYPES.get(int(m[1]), m[1])}"),
    (r"unsupported map type (\d+)", lambda m: f"map type {MAP_TYPES.get(int(m[1]), m[1])}"),
    # Offset of sk in struct __sk_buff.
    (r"invalid bpf_context access off=168 size=8", "the socket of a packet"),
    (r"unknown func (bpf_\w+)", lambda m: f"helper {m[1]}"),
    (r"Failed to find BTF ID|BTF is not found|BTF_LOAD|BTF", "type information"),
    (r"bpf_prog_test_run error \(Invalid argument\)", "BPF_PROG_TEST_RUN"),
    (r"mount cgroup2|Opening Cgroup|cgroup", "control group hooks (not configured)"),
    (r"lookup_and_del", "BPF_MAP_LOOKUP_AND_DELETE_ELEM"),
    (r"Failed to create [\w -]*'Invalid argument'|map_fd:-22, errno:22|map_in_map", "a map type"),
    (r"`(info->)?map(_fd\w*)? >= 0'|bpf_map_update_elem\(info->map_fd", "a map type"),
    (r"Finding map info failed", "BPF_OBJ_GET_INFO_BY_FD"),
    # Its threads use the map that could not be made.
    (r"lpm_test_command: Assertion", "map type lpm_trie"),
    (r"_batch\b|batch_ops", "batches of elements"),
    (r"bpf_try_load_prog", "AF_ALG (not configured)"),
    (r"tag_from_alg", "AF_ALG (not configured)"),
    (r"map_type:(\d+)", lambda m: f"map type {MAP_TYPES.get(int(m[1]), m[1])}"),
]


def read_explained():
    """{(suite, case): label of a section of compat.rst}"""
    with open(os.path.join(TOP, "Documentation/bpf/compat.rst")) as f:
        labels = set(re.findall(r"(?m)^\.\. _([\w-]+):$", f.read()))
    table = {}
    with open(os.path.join(HERE, "explained")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                suite, case, label = line.split()
                if label not in labels:
                    raise SystemExit(f"conformance: compat.rst has no section {label}")
                table[suite, case] = label
    return table


EXPLAINED = read_explained()


def reason(suite, case):
    if (suite, case.ident) in EXPLAINED:
        return f"differs on purpose: {EXPLAINED[suite, case.ident]}"
    if case.status == "skip" and case.ident.endswith("/u"):
        return "loading without privilege"
    for pattern, label in RULES:
        found = re.search(pattern, case.text)
        if found:
            return label if isinstance(label, str) else label(found)
    if case.status == "skip":
        return "left out by the suite"
    return UNEXPLAINED
