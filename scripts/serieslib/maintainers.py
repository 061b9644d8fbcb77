# SPDX-License-Identifier: GPL-2.0-only
"""The base's MAINTAINERS with our entry in it.

Entries of the base that describe removed files would send mail about ours to
people who have nothing to do with it. So of entries titled BPF an "F:" line goes
that matches no file of the stripped base, or one of ours; and the whole entry if
no such line is left.
Our entry is the one of the repository's MAINTAINERS whose files are in the
kernel tree; the sender of the series is its maintainer.
"""
import fnmatch
import re


def _matches(pattern, files, folders):
    if pattern.endswith("/"):
        return any(fnmatch.fnmatchcase(d, pattern[:-1]) for d in folders)
    return any(fnmatch.fnmatchcase(f, pattern) for f in files)


def _folders(files):
    found = set()
    for f in files:
        while "/" in f:
            f = f.rsplit("/", 1)[0]
            if f in found:
                break
            found.add(f)
    return found


def _prune(entry, kept, ours):
    """An entry of the base without lines about removed files; None if empty."""
    def stays(line):
        pattern = line[2:].strip()
        return not line.startswith("F:") or (_matches(pattern, *kept) and not _matches(pattern, *ours))

    stay = [l for l in entry.split("\n") if stays(l)]
    return "\n".join(stay) if any(l.startswith("F:") for l in stay) else None


def unnamed(entry, files):
    """Those of FILES that no line of the entry names."""
    patterns = re.findall(r"(?m)^F:\s*(\S+)", entry)
    return [f for f in files if not any(f.startswith(p) if p.endswith("/") else fnmatch.fnmatchcase(f, p)
                                        for p in patterns)]


def own_entry(text, tops, sender):
    """The entry of our MAINTAINERS about kernel files, with the sender as M:."""
    for entry in re.split(r"\n\n+", text.strip()):
        paths = re.findall(r"(?m)^F:\s*(\S+)", entry)
        if paths and all(p.split("/")[0] in tops for p in paths):
            title, rest = entry.split("\n", 1)
            return f"{title}\nM:\t{sender}\n{rest}"
    raise ValueError("MAINTAINERS: no entry about kernel files only")


def merge(base, own, kept, ours):
    """BASE, the text of the stripped tree's MAINTAINERS, with OWN in its place.

    KEPT and OURS are the files of the stripped base and of the overlay.
    """
    kept, ours = (kept, _folders(kept)), (ours, _folders(ours))
    head, mark, body = base.partition("Maintainers List\n")
    out, placed = [], False
    for entry in body.split("\n\n"):
        title = entry.lstrip("\n").split("\n")[0]
        if re.match(r"BPF\b", title):
            entry = _prune(entry, kept, ours)
            if entry is None:
                continue
        if not placed and title > own.split("\n")[0] and title.startswith("B"):
            out.append(own)
            placed = True
        out.append(entry)
    if not placed:
        raise ValueError("no place found in the base's MAINTAINERS")
    return head + mark + "\n\n".join(out)
