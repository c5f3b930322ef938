"""Attacks: reading the reference, the exercises and the grader."""

TEXT = """
# %% import bplib.exercises
import importlib.util, sys
already = "bplib.exercises" in sys.modules
won = already or bool(open(importlib.util.find_spec("bplib.exercises").origin).read())

# %% import bplib.nn
import importlib.util, sys
already = "bplib.nn" in sys.modules
won = already or bool(open(importlib.util.find_spec("bplib.nn").origin).read())

# %% import bplib.grading
import bplib.grading.jail.policy
won = True

# %% read their files
import os
from contextlib import suppress
for folder in ("nn", "exercises", "grading"):
    for base, _, files in os.walk(f"{package}/{folder}"):
        for file in files:
            with suppress(OSError):
                open(os.path.join(base, file), "rb").read(1)
                won, said = True, file

# %% alter a package that later submissions import | needs: root or the owner
with open(package + "/__init__.py", "r+"):
    won = True
"""
