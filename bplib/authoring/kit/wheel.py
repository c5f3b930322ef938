"""A wheel of plain Python files, written directly.

A wheel is a zip with three more files (METADATA, WHEEL, RECORD). Writing them takes a few lines and
needs no build tool, no network, and no clock, so that the same files make the same wheel.
"""

import base64
import hashlib
import importlib.metadata
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bplib.authoring.kit.archive import packed

# The packages that notebooks need; the rest of bplib's requirements serves instructors.
STUDENTS = ("numpy", "matplotlib", "ipywidgets", "jupyterlab")


@dataclass(frozen=True)
class Metadata:
    """What a wheel says of itself; requires: requirements such as "numpy>=2.0"."""

    name: str
    version: str
    summary: str
    license: str
    python: str
    requires: tuple[str, ...]

    @classmethod
    def installed(cls) -> "Metadata":
        """What the installed bplib says, with the requirements of students alone."""
        said = importlib.metadata.metadata("bplib")
        every = importlib.metadata.requires("bplib") or []
        requires = [r for r in every if re.split(r"[^\w.-]", r)[0] in STUDENTS and ";" not in r]
        return cls(
            name="bplib",
            version=said["Version"],
            summary=said["Summary"],
            license=said["License-Expression"],
            python=said["Requires-Python"],
            requires=tuple(sorted(requires)),
        )

    @property
    def file_name(self) -> str:
        """The wheel's file name, which says that it runs on any Python 3."""
        return f"{self.name}-{self.version}-py3-none-any.whl"

    def text(self) -> str:
        """The METADATA file (version 2.4 of the format)."""
        lines = [
            "Metadata-Version: 2.4",
            f"Name: {self.name}",
            f"Version: {self.version}",
            f"Summary: {self.summary}",
            f"License-Expression: {self.license}",
            f"Requires-Python: {self.python}",
            *(f"Requires-Dist: {requirement}" for requirement in self.requires),
        ]
        return "\n".join(lines) + "\n"


def wheel(metadata: Metadata, files: Mapping[str, bytes]) -> bytes:
    """The wheel of the files, by their path below site-packages."""
    folder = f"{metadata.name}-{metadata.version}.dist-info"
    tags = "Wheel-Version: 1.0\nGenerator: bplib\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    inside = {
        **files,
        f"{folder}/METADATA": metadata.text().encode(),
        f"{folder}/WHEEL": tags.encode(),
    }
    record = [f"{name},sha256={_digest(inside[name])},{len(inside[name])}" for name in inside]
    lines = "\n".join([*sorted(record), f"{folder}/RECORD,,"]) + "\n"
    return packed({**inside, f"{folder}/RECORD": lines.encode()})


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
