"""Attacks: reading what is not the submission's own."""

TEXT = """
# %% gradebook
won = secret in open(course + "/gradebook.db").read()

# %% source with the solutions
won = secret in open(course + "/source/unit01/unit01.ipynb").read()

# %% list of submissions
import os
won = "ada" in os.listdir(course + "/submitted")

# %% gradebook through a link
import os
try:
    os.symlink(course + "/gradebook.db", "link")
except OSError:
    os.link(course + "/gradebook.db", "link")
won = secret in open("link").read()

# %% gradebook through /proc/self/root
won = secret in open("/proc/self/root" + course + "/gradebook.db").read()

# %% home folder
import os
os.listdir(home)
won = True

# %% password file | needs: root
won = bool(open("/etc/shadow").read())

# %% environment of the parent
import os
open(f"/proc/{os.getppid()}/environ", "rb").read()
won = True

# %% environment of another process
won = secret in open(f"/proc/{bystander}/environ").read()

# %% memory of the parent | needs: permission to trace
import os
open(f"/proc/{os.getppid()}/mem", "rb")
won = True

# %% a neighbor's folder
import os
won = os.listdir(neighbor) == []

# %% a neighbor's memory | needs: permission to trace
open(f"/proc/{neighbor_pid}/mem", "rb")
won = True

# %% open files of the parent
import os
from contextlib import suppress
for number in range(3, 64):
    with suppress(OSError):
        os.fstat(number)
        said += f"{number} "
for number in os.listdir(f"/proc/{os.getppid()}/fd"):
    won = True

# %% exchange of nbgrader
import os
os.listdir("/usr/local/share")
won = True

# %% list of all processes
import os
won = any(name.isdigit() for name in os.listdir("/proc"))
"""
