"""The other door: what plain `nbgrader autograde`, the formgrader and `generate_feedback` run.

nbgrader_config.py puts these classes in the place of nbgrader's own. They call the same rebuild,
engine, judge and feedback page as `bplib grade`, so both doors give the same marks.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter, NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool

from bplib.grading.feedback import render
from bplib.grading.gradebook import read_marks
from bplib.grading.jail import choose
from bplib.grading.judging import BPLIB, zero
from bplib.grading.notebooks import Notebook, Unreadable, marks, read
from bplib.grading.quarantine import LIMITS, Handed, examine, set_aside
from bplib.grading.rebuild import empty, pictures, rebuild
from bplib.grading.secret import STATE, course_secret, submission_key
from bplib.grading.skeleton import Skeleton, from_gradebook
from bplib.grading.worker import Job, grade_apart

__all__ = [
    "FeedbackExporter",
    "JailedExecute",
    "Rebuild",
    "SaveScores",
    "SubmissionExporter",
    "quarantine",
]

NOTES = "notes.json"


def quarantine(assignment: str, student: str, notebooks: list[str]) -> None:
    """Return nothing; for `Autograde.pre_convert_hook`: before nbgrader copies a submission.

    Moves links, devices and what is too large to .bplib/quarantine/, and gives a notebook with
    another name the expected one. What was released is converted, be it there or not, and nothing
    else. If that fails, nothing of this submission is converted.
    """
    shared = _names(Path("source", assignment))
    released = sorted(path.name for path in Path("release", assignment).glob("*.ipynb"))
    found = list(notebooks)
    notebooks.clear()  # nbgrader goes on after an exception in a hook: then there is nothing left
    for folder in dict.fromkeys(Path(path).parent for path in found):
        keep = _quarantine_folder(Path.cwd(), folder.parent.name, folder.name)
        refused = set_aside(folder, keep, LIMITS, shared) if os.path.lexists(folder) else {}
        notes = Handed(refused=refused).notes + _renamed(folder, folder.name, found)
        if notes:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / NOTES).write_text(json.dumps(notes), encoding="utf-8")
        notebooks.extend(str(folder / name) for name in released)
    if not released:
        notebooks.extend(found)


def _names(folder: Path) -> list[str]:
    return [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file()]


def _quarantine_folder(root: Path, student: str, assignment: str) -> Path:
    return root / STATE / "quarantine" / student / assignment


def _renamed(folder: Path, assignment: str, found: list[str]) -> list[str]:
    """Copy the only notebook of an unknown name to the only expected name that is missing."""
    expected = {path.stem for path in Path("release", assignment).glob("*.ipynb")}
    here = {Path(path).stem for path in found if Path(path).parent == folder}
    unknown, missing = sorted(here - expected), sorted(expected - here)
    if len(unknown) != 1 or len(missing) != 1 or not (folder / f"{unknown[0]}.ipynb").is_file():
        return []
    target = folder / f"{missing[0]}.ipynb"
    shutil.copyfile(folder / f"{unknown[0]}.ipynb", target, follow_symlinks=False)
    found.append(str(target))
    return [f"`{unknown[0]}.ipynb` was taken for `{missing[0]}.ipynb`"]


class SubmissionExporter(NotebookExporter):
    """Return the exporter that reads a submission however broken it is; for `Autograde`."""

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """Return what nbconvert's does; a notebook that cannot be read is empty, with the cause."""
        path = Path(filename)
        content = examine(path.parent, LIMITS).notebooks.get(path.stem)
        try:
            if content is None:
                raise Unreadable("it is missing, a link, no plain file, or too large")
            notebook, notes = read(content)
            metadata = {}
            if path.parent.parent.parent.name == "submitted":
                _lightened(notebook)
            else:
                metadata = json.loads(content).get("metadata", {})
        except Unreadable as problem:
            notebook, notes, metadata = {"cells": []}, [], {BPLIB: {"cause": str(problem)}}
        seen: set[str] = set()
        for number, cell in enumerate(notebook["cells"]):
            _completed(cell, number, seen)
        metadata.setdefault(BPLIB, {}).setdefault("notes", []).extend(notes)
        values = {**notebook, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        resources = resources if resources is not None else {}
        resources.setdefault("metadata", {}).update(name=path.stem, path=str(path.parent))
        converted: Any = super()
        return converted.from_notebook_node(
            nbformat.from_dict(values), resources=resources, **options
        )


def _lightened(notebook: Notebook) -> None:
    """Keep only what `rebuild` asks of a student's cells: nbformat bears no deep nesting."""
    for cell in notebook["cells"]:
        name = marks(cell).get("grade_id")
        known = {"nbgrader": {"grade_id": name}} if isinstance(name, str) else {}
        cell["metadata"], cell["attachments"] = known, pictures(cell["attachments"])


def _completed(cell: dict[str, Any], number: int, seen: set[str]) -> None:
    """Make of what `notebooks.read` gives a whole cell of format 4, whose id is none of `seen`."""
    if not cell["id"] or cell["id"] in seen:
        cell["id"] = f"without-id-{number}"
    seen.add(cell["id"])
    if not cell["attachments"] or cell["cell_type"] == "code":
        del cell["attachments"]
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None


class _WithCourse(NbGraderPreprocessor):  # type: ignore[misc]
    """What both of the following need: the course's folder, and the released notebook."""

    def course_root(self) -> Path:
        converter = getattr(self.parent, "parent", None)
        directory = getattr(converter, "coursedir", None)
        return Path(directory.root if directory is not None else os.getcwd())

    def skeleton(self, resources: Any) -> Skeleton:
        asked = resources["nbgrader"]
        with Gradebook(asked["db_url"]) as gradebook:
            notebook = gradebook.find_notebook(asked["notebook"], asked["assignment"])
            path = self.course_root() / "release" / asked["assignment"] / f"{notebook.name}.ipynb"
            return from_gradebook(notebook, path)


class Rebuild(_WithCourse):
    """Return the preprocessor that puts a submission on the released skeleton."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the rebuilt notebook; notes stand in its metadata."""
        values = _plain(nb)
        skeleton, asked = self.skeleton(resources), resources["nbgrader"]
        said = values["metadata"].get(BPLIB, {})
        for cell in values["cells"]:
            cell.setdefault("attachments", {})
        keep = _quarantine_folder(self.course_root(), asked["student"], asked["assignment"])
        notes = json.loads((keep / NOTES).read_text()) if (keep / NOTES).is_file() else []
        if "cause" in said:
            rebuilt = empty(skeleton)
            cause = f"{asked['notebook']}.ipynb could not be read: {said['cause']}"
            rebuilt["metadata"][BPLIB] = {"notes": [*notes, cause], "cause": cause}
        else:
            rebuilt, changes = rebuild(values, skeleton)
            rebuilt["metadata"][BPLIB] = {"notes": [*notes, *said.get("notes", []), *changes]}
        return nbformat.from_dict(rebuilt), resources


class JailedExecute(_WithCourse):
    """Return the preprocessor that runs a rebuilt notebook in the jail and has it judged."""

    unsafe = Bool(False, help="Run without a jail where none works: trusted code only.").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook with outputs, verdicts, and scores in its cells' metadata.

        Raises JailUnavailable, and EngineError if the engine fails; never for the student.
        """
        values, asked = _plain(nb), resources["nbgrader"]
        said = values["metadata"].setdefault(BPLIB, {"notes": []})
        if "cause" in said:
            zero(values, said["cause"])
            return nbformat.from_dict(values), resources
        root = self.course_root()
        key = submission_key(course_secret(root), asked["student"], asked["assignment"])
        skeleton = self.skeleton(resources)
        folder = Path(resources["metadata"]["path"])
        handed = Handed(files=examine(root / folder).files)
        job = Job(
            student=asked["student"],
            assignment=asked["assignment"],
            key=key,
            handed=handed,
            skeletons=(skeleton,),
            backend=choose(self.unsafe).name,
        )
        ran, values = grade_apart(job, skeleton, values)
        values["metadata"][BPLIB]["notes"] += ran.ended
        return nbformat.from_dict(values), resources


class SaveScores(SaveAutoGrades):  # type: ignore[misc]
    """Return nbgrader's preprocessor with the scores that `JailedExecute` has found."""

    def _add_score(self, cell: Any, resources: Any) -> None:
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        grade.auto_score = cell.metadata[BPLIB]["points"]
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        self.gradebook.db.commit()


class FeedbackExporter(Exporter):
    """Return the exporter that writes bplib's feedback page; for `GenerateFeedback`."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
        """Return the page and the resources."""
        nb, resources = super().from_notebook_node(nb, resources=resources, **options)
        asked = resources["nbgrader"]
        with Gradebook(asked["db_url"]) as gradebook:
            marks = read_marks(
                gradebook.find_submission_notebook(
                    asked["notebook"], asked["assignment"], asked["student"]
                )
            )
        return render(_plain(nb), asked["notebook"], marks), resources


def _plain(nb: Any) -> Notebook:
    """The notebook as plain dicts and lists."""
    values: Notebook = json.loads(json.dumps(nb))
    return values
