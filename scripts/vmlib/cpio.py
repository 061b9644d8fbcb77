# SPDX-License-Identifier: GPL-2.0-only
"""Write an initramfs (cpio "newc") without root and without unpacked copies.

Only what a guest needs: directories, regular files, symbolic links and the
console device, which the kernel opens before init can mount anything.
"""
import os
import stat


class Archive:
    def __init__(self, path):
        self.out = open(path, "wb")
        self.inode = 0
        self.seen = set()

    def _entry(self, name, mode, data=b"", rdev=(0, 0)):
        self.inode += 1
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(raw), 0)
        self._padded(b"070701" + b"".join(b"%08x" % f for f in fields) + raw)
        self._padded(data)

    def _padded(self, data):
        self.out.write(data + b"\0" * (-len(data) % 4))

    def directory(self, name, mode=0o755):
        name = name.strip("/")
        if not name or name in self.seen:
            return
        self.directory(os.path.dirname(name))
        self.seen.add(name)
        self._entry(name, stat.S_IFDIR | mode)

    def text(self, name, content, mode=0o644):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), stat.S_IFREG | mode, content.encode())

    def symlink(self, name, target):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def console(self):
        self.directory("dev")
        self._entry("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))

    def host_file(self, src, name):
        """A file, link or whole directory of the host, as it is."""
        info = os.lstat(src)
        if stat.S_ISDIR(info.st_mode):
            self.directory(name)
            for entry in sorted(os.listdir(src)):
                self.host_file(os.path.join(src, entry), os.path.join(name, entry))
        elif stat.S_ISLNK(info.st_mode):
            self.symlink(name, os.readlink(src))
        else:
            self.directory(os.path.dirname(name))
            with open(src, "rb") as f:
                self._entry(name.strip("/"), stat.S_IFREG | stat.S_IMODE(info.st_mode), f.read())

    def close(self):
        self._entry("TRAILER!!!", 0)
        self.out.close()
