# SPDX-License-Identifier: GPL-2.0-only
"""The lanes of tests, and which tier runs which, in the order that tells first.

A lane has a budget of seconds on two idle cores, one for a run in which a kernel
had to be compiled and one for a run in which none had; past it the lane fails.
"""
import collections

TIERS = {"check": 1, "test": 2, "nightly": 3}

# Seconds of a whole tier: cold, warm.
TIER_BUDGETS = {"check": (600, 120), "test": (2700, 1500), "nightly": (12 * 3600, 12 * 3600)}

# tier: the first that has the lane. kind: of kernel, or None. builds: the lane is
# the build of that kernel. append: arguments its guests get besides.
Lane = collections.namedtuple("Lane", "name tier kind builds cold warm append", defaults=[()])

LANES = [
    Lane("programs", "check", None, False, 120, 20),
    Lane("unit", "check", None, False, 150, 100),
    Lane("build-uml", "check", "uml", True, 420, 20),
    Lane("uml", "check", "uml", False, 120, 75),
    Lane("build-ours", "test", "ours", True, 420, 20),
    Lane("static", "check", None, False, 150, 120),
    Lane("build-pristine", "test", "pristine", True, 420, 20),
    Lane("vm", "test", "ours", False, 780, 780),
    Lane("build-debug", "test", "debug", True, 720, 20),
    # In debug and uml the interpreter runs whatever does not ask for machine code:
    # under KASAN making it takes most of the time of a load.
    Lane("debug", "test", "debug", False, 600, 600, ("sysctl.net.core.bpf_jit_enable=0",)),
    Lane("uml-jit", "test", "uml", False, 120, 90, ("sysctl.net.core.bpf_jit_enable=1",)),
    Lane("gate", "test", None, False, 600, 120),
    Lane("pristine", "nightly", "pristine", False, 1800, 1800),
    Lane("debug-jit", "nightly", "debug", False, 1800, 1800, ("sysctl.net.core.bpf_jit_enable=1",)),
    Lane("long", "nightly", None, False, 8 * 3600, 8 * 3600),
    Lane("targets", "nightly", None, False, 4 * 3600, 4 * 3600),
]

# What only the nightly tier calls, as "make NAME", with seconds each may take.
TARGETS = {"proof": 1800, "conformance": 3600, "differences": 5400, "coverage": 1200}


def of_tier(tier):
    return [l for l in LANES if TIERS[l.tier] <= TIERS[tier]]


def host_lane(group):
    """The lane of a group that needs no guest."""
    return "long" if "nightly" in group.needs else "gate" if "gate" in group.needs else "unit"


def runs_group(lane, group, tier):
    """Does GROUP belong to LANE when TIER is run?"""
    if group.root == "host":
        return lane.name == host_lane(group)
    if "nightly" in group.needs and tier != "nightly":
        return False
    if lane.name == "debug":
        return "debug" in group.needs or tier == "nightly"
    if lane.name == "debug-jit":
        return "debug" in group.needs
    return lane.name in ("uml", "uml-jit", "vm", "pristine")
