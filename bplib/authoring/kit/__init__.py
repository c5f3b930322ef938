"""The student kit: one zip with all that a student needs, and nothing that gives answers away.

`kit` packs the released notebooks, the lessons, a wheel of the parts of bplib that students use, a
README of one screen, and the files from which pip, conda and Binder make the environment. Before it
writes the zip it searches all of it for solutions, hidden tests and the exercise bank (`leaks`).
"""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from bplib.authoring.kit.archive import packed
from bplib.authoring.kit.parts import student_files
from bplib.authoring.kit.search import leaks, secrets
from bplib.authoring.kit.wheel import Metadata, wheel

TEMPLATES = resources.files("bplib.authoring.kit") / "templates"
TOP = "student-kit"
# Beside the notebook: what a folder of notebooks gathers and nobody needs.
SKIPPED = (".ipynb_checkpoints", "__pycache__", ".pytest_cache")
# Masters, and what tells maintainers which source a lesson covers.
MAINTAINERS = (".py", ".toml")

__all__ = ["contents", "kit", "leaks", "secrets"]


def kit(root: Path, out: Path) -> list[str]:
    """Write the student kit of the course folder `root` to the zip `out`; the names of its files.

    The same content makes the same bytes. Raises ValueError if nothing is released, if bplib's
    student part needs what students do not get, or if a solution would leak.
    """
    files = contents(root)
    found = leaks(files, secrets(root))
    if found:
        shown = "\n".join(found[:10])
        raise ValueError(
            f"the kit would give answers away, so it is not written:\n{shown}\n"
            "run `bplib build`, and look for what brought these lines there"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(packed({f"{TOP}/{name}": data for name, data in files.items()}))
    part.replace(out)
    return list(files)


def contents(root: Path) -> dict[str, bytes]:
    """The files of the kit by their names in it. Raises ValueError if nothing is released."""
    notebooks = dict(_folder(root / "release", "notebooks"))
    if not any(name.endswith(".ipynb") for name in notebooks):
        raise ValueError(f"nothing is released in {root / 'release'}: run `bplib build` first")
    metadata = Metadata.installed()
    files = {**notebooks, **dict(_folder(root / "course", "lessons"))}
    files[metadata.file_name] = wheel(metadata, student_files())
    if (root / "LICENSE").is_file():
        files["LICENSE"] = (root / "LICENSE").read_bytes()
    first = min(name for name in notebooks if name.endswith(".ipynb"))
    lessons = any(name.startswith("lessons/") for name in files)
    for name in ("README.md", "requirements.txt", "environment.yml", "binder/runtime.txt"):
        files[name] = _filled(name, metadata, first, lessons)
    files["binder/requirements.txt"] = files["requirements.txt"]
    return dict(sorted(files.items()))


def _folder(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The files below a folder, without caches, links, and what maintainers alone need."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part in SKIPPED or part.startswith(".") for part in inside.parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        if path.suffix in MAINTAINERS:
            continue
        yield f"{name}/{inside.as_posix()}", path.read_bytes()


def _filled(name: str, metadata: Metadata, first: str, lessons: bool) -> bytes:
    """A template with its {{words}} filled in."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    conda = [f"  - {requirement}" for requirement in metadata.requires]
    words = {
        "wheel": metadata.file_name,
        "version": metadata.version,
        "python": metadata.python.lstrip(">="),
        "packages": "\n".join(conda),
        "first": first,
        "lessons": "- `lessons/`: the explanations, with pictures to play with.\n"
        if lessons
        else "",
    }
    for word, value in words.items():
        text = text.replace("{{" + word + "}}", value)
    return text.encode()
