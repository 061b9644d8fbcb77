# SPDX-License-Identifier: GPL-2.0-only
"""The table of kernel kinds, scripts/kinds, for the Python scripts."""
import copy
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Kind:
    """One line of scripts/kinds; the columns are described there."""

    def __init__(self, name, tree, arch, configs, image, memory, slower, *arguments):
        self.name, self.tree, self.memory, self.slower = name, tree, memory, float(slower)
        self.arguments = list(arguments)
        # What logs are called by, and what guests are started with besides.
        self.label, self.append = name, []
        self.uml = arch == "um"
        self.folder = os.path.join(TOP, "build", name)
        self.image = os.path.join(self.folder, os.path.basename(image))

    def with_arguments(self, label, append):
        """The same kernel, its guests started with more arguments."""
        other = copy.copy(self)
        other.label, other.append = label, list(append)
        return other

    def options(self):
        """Names of the options its configuration sets."""
        with open(os.path.join(self.folder, "config")) as f:
            return {l.split("=")[0] for l in f if l.startswith("CONFIG_") and l.rstrip()[-2:] in ("=y", "=m")}


def _read():
    with open(os.path.join(TOP, "scripts/kinds")) as f:
        return [Kind(*l.split()) for l in f if l.strip() and not l.startswith("#")]


KINDS = {k.name: k for k in _read()}


def megabytes(size):
    """"1G" or "512M" as a number."""
    return int(size[:-1]) * {"M": 1, "G": 1024}[size[-1]]
