"""Attacks: altering something outside the own folder."""

TEXT = """
# %% gradebook
with open(course + "/gradebook.db", "a") as file:
    file.write("10/5")
won = True

# %% delete a submission
import os
os.unlink(course + "/submitted/ada/unit01/unit01.ipynb")
won = True

# %% empty a file by its path
import os
os.truncate(course + "/gradebook.db", 0)
won = True

# %% empty a file by opening it to read
import os
os.open(course + "/gradebook.db", os.O_RDONLY | os.O_TRUNC)
won = True

# %% mode, times and owner of a file | needs: root or the owner
import os
from contextlib import suppress
with suppress(PermissionError):
    os.chmod(course + "/gradebook.db", 0o777)  # may seem to succeed: what counts is the harm
with suppress(PermissionError):
    os.utime(course + "/gradebook.db", (1, 1))
with suppress(PermissionError):
    os.setxattr(course + "/gradebook.db", "user.planted", b"x")
    won = True
with suppress(PermissionError):
    os.chown(course + "/gradebook.db", os.getuid(), os.getgid())
    won = True

# %% rename
import os
os.rename(course + "/gradebook.db", course + "/old.db")
won = True

# %% temporary folder
import os, tempfile
descriptor, path = tempfile.mkstemp(dir="/tmp")
os.unlink(path)
won = True

# %% shared memory folder
import os, tempfile
descriptor, path = tempfile.mkstemp(dir="/dev/shm")
os.unlink(path)
won = True

# %% a neighbor's folder
open(neighbor + "/planted", "w").close()
won = True

# %% device, pipe, socket or link in its own folder
import os, socket, stat
from contextlib import suppress
for make in (
    lambda: os.mkfifo("pipe"),
    lambda: os.mknod("device", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    lambda: socket.socket(socket.AF_UNIX).bind("socket"),
    lambda: os.symlink("/etc/passwd", "link"),
    lambda: os.link("/etc/passwd", "hard"),
):
    with suppress(OSError):
        make()
        won = True
said = str(os.listdir("."))

# %% kernel settings | needs: root
open("/proc/sys/kernel/core_pattern", "r+")
won = True
"""
