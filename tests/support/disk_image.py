"""A real file system of its own, small, on a loop device."""

import contextlib
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

NEEDED = ("mkfs.ext4", "mount", "umount", "losetup")


class DiskImage:
    """ext4 with blocks of 1 KB, mounted at `place`. Errors make it read-only, as on most gates."""

    def __init__(self, folder, place, size_mb):
        path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
        if os.geteuid() or any(shutil.which(name, path=path) is None for name in NEEDED):
            pytest.skip("a file system may not be mounted here (needs root and e2fsprogs)")
        self.place, self._image = place, folder / "disk.img"
        with self._image.open("wb") as file:
            file.truncate(size_mb * 1_000_000)
        self._run("mkfs.ext4", "-q", "-b", "1024", "-m", "0", str(self._image))
        place.mkdir(parents=True, exist_ok=True)
        self.mounted = False
        self.mount()
        self._glutton = None
        self._full = threading.Event()

    def _run(self, *command):
        env = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        done = subprocess.run(command, capture_output=True, text=True, env=env)
        if done.returncode:
            pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")

    def mount(self):
        options = "loop,errors=remount-ro"
        self._run("mount", "-t", "ext4", "-o", options, str(self._image), str(self.place))
        self.mounted = True

    def writable(self, yes):
        """Mounted anew, for writing or for reading only."""
        how = "remount,rw" if yes else "remount,ro"
        subprocess.run(["mount", "-o", how, str(self.place)], check=True)

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", str(self.place)], check=True)
            self.mounted = False

    def check(self):
        """As a technician would, unmounted."""
        subprocess.run(["fsck.ext4", "-fy", str(self._image)], capture_output=True)

    def fill(self):
        """Another program eats all there is, and whatever becomes free, until `free`."""
        self._full.clear()
        self._glutton = threading.Thread(target=self._eat, daemon=True)
        self._glutton.start()

    def free(self):
        if self._glutton is not None:
            self._full.set()
            self._glutton.join()
            self._glutton = None
            (self.place / "glutton").unlink()

    def _eat(self):
        with (self.place / "glutton").open("ab", buffering=0) as file:
            while not self._full.wait(0.01):
                with contextlib.suppress(OSError):
                    while file.write(bytes(1_000_000)):
                        pass
                with contextlib.suppress(OSError):
                    while file.write(bytes(1024)):
                        pass

    def fail(self):
        """The kernel meets an error in it, and mounts it read-only under all who use it."""
        device = Path(
            subprocess.run(
                ["findmnt", "-no", "SOURCE", str(self.place)], capture_output=True, text=True
            ).stdout.strip()
        ).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("a test")
