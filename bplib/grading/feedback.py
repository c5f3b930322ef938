"""The feedback page of one notebook: marks, messages, the student's own work; inert and small.

Everything from the notebook is text or a PNG picture: the template escapes whatever it prints, no
HTML or Markdown of anybody is rendered, and the page forbids itself to load or run anything.
Hidden tests are never shown, and lines of them that turn up in outputs are masked.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bplib.grading.skeleton import HIDDEN

__all__ = ["LARGEST", "Marks", "render"]

# Bytes of a page; pictures and texts that do not fit are left out, marks and messages never.
LARGEST = 1_000_000
SOURCE, TEXT, COMMENT, SAID = 8_000, 6_000, 4_000, 2_000
# A title (`]`) ends at the next escape at the latest: no beginning is read to the end of all.
ANSI = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*\x07|.)")
# The last two ranges turn the order of what is read around.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HEADING = re.compile(r"^#{1,3} +(.+)$", re.MULTILINE)
BASE64 = re.compile(r"[A-Za-z0-9+/=\n]+")
# Shorter lines of a hidden test say nothing about it.
TELLING = 8


@dataclass(frozen=True)
class Marks:
    """Return what the gradebook says of a notebook: scores and comments by grade_id.

    An instructor's scores and comments come before the automatic ones. by_hand: grade_ids that a
    person still has to read; penalty: for being late.
    """

    student: str
    assignment: str
    scores: dict[str, float]
    comments: dict[str, str]
    by_hand: frozenset[str]
    score: float
    max_score: float
    penalty: float = 0.0

    @property
    def earned(self) -> float:
        """Return the points that are left after the penalty; as in nbgrader, never below zero.

        The penalty is of the day of grading; marks given by hand since then may have lowered the
        score.
        """
        return max(0.0, self.score - self.penalty)


@dataclass
class _Page:
    title: str
    student: str
    points: str
    to_read: int
    penalty: str
    notes: list[str]
    blocks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [block for block in self.blocks if block["kind"] == "question"]


def render(notebook: dict[str, Any], name: str, marks: Marks) -> str:
    """Return the page, at most `LARGEST` bytes of UTF-8.

    notebook: as published in autograded/, nbformat 4 as plain values with joined texts.
    """
    title = marks.assignment if name == marks.assignment else f"{marks.assignment}, {name}"
    page = _Page(
        title=_short(title, 200),
        student=_short(marks.student, 200),
        points=f"{marks.earned:.4g} of {marks.max_score:g} points",
        to_read=len(marks.by_hand),
        penalty=f"{marks.penalty:.4g}" if marks.penalty else "",
        notes=[_short(note, SAID) for note in _notes(notebook)],
    )
    for block in _blocks(notebook, marks):
        page.blocks.append(block)
    for room in (LARGEST, LARGEST // 2, LARGEST // 4, LARGEST // 10, 0):
        text = str(_template().render(page=page))
        if len(text.encode()) <= LARGEST:
            return text
        _shrink(page, room)
    page.blocks = page.questions[:1000]  # so many questions that only the marks fit
    for block in page.blocks:
        block["said"], block["comment"], block["outputs"] = block["said"][:1], "", []
        block["said"] = [line[:100] for line in block["said"]]
    return str(_template().render(page=page))


def _notes(notebook: dict[str, Any]) -> list[str]:
    found = notebook.get("metadata", {}).get("bplib", {})
    return [str(note) for note in found.get("notes", [])][:20]


def _blocks(notebook: dict[str, Any], marks: Marks) -> list[dict[str, Any]]:
    masked = _hidden_lines(notebook)
    blocks = []
    number = 0
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader") or {}
        source = _text(cell["source"])
        if meta.get("grade") or meta.get("task"):
            number += 1
            blocks += _question(cell, meta, source, number, marks, masked)
        elif meta.get("solution"):
            blocks.append(_work("Your answer", source, cell, masked, True, _comment(meta, marks)))
        elif cell["cell_type"] == "code" and not meta and (source.strip() or cell["outputs"]):
            blocks.append(_work("A cell without points", source, cell, masked, False, ""))
        elif cell["cell_type"] == "markdown" and not meta:
            heading = HEADING.search(source)
            if heading:
                blocks.append(_block("heading", text=_short(heading[1], 200)))
    return blocks


def _block(kind: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "outputs": [], "comment": "", **values}


def _comment(meta: dict[str, Any], marks: Marks) -> str:
    return _short(marks.comments.get(meta["grade_id"], ""), COMMENT)


def _work(
    title: str, source: str, cell: dict[str, Any], masked: list[str], opened: bool, comment: str
) -> dict[str, Any]:
    shown = _masked(_short(source, SOURCE), masked)
    outputs = _outputs(cell, masked)
    return _block("work", title=title, source=shown, outputs=outputs, open=opened, comment=comment)


def _question(
    cell: dict[str, Any],
    meta: dict[str, Any],
    source: str,
    number: int,
    marks: Marks,
    masked: list[str],
) -> list[dict[str, Any]]:
    """The student's text if it is graded by hand, then the question with points and messages."""
    name, most = meta["grade_id"], float(meta["points"])
    points = marks.scores.get(name, 0.0)
    waiting = name in marks.by_hand
    messages = (cell["metadata"].get("bplib") or {}).get("messages", [])
    said = [_short(line, SAID) for message in messages[:5] for line in str(message).split("\n")]
    earned = f"{points:.4g} of {most:g} points"
    if waiting:  # a mark given by hand stays when the submission is graded again
        earned = f"{earned}, still to be read again" if points else "still to be read"
    mood = "" if waiting else ("full" if points >= most else "part")
    question = _block(
        "question",
        number=number,
        title=_short(name.removeprefix("test_").replace("_", " "), 100),
        points=earned,
        mood=mood,
        said=[_masked(line, masked) for line in said[:40]],
        comment=_comment(meta, marks) if not meta.get("solution") else "",
    )
    if meta.get("solution"):
        comment = _comment(meta, marks)
        return [_work("Your answer", source, cell, masked, True, comment), question]
    if "BEGIN HIDDEN" not in source and not _judged(cell):
        question["outputs"] = _outputs(cell, masked)
    return [question]


def _judged(cell: dict[str, Any]) -> bool:
    from bplib.exercises.grade import MIME

    return any(MIME in output.get("data", {}) for output in cell.get("outputs", []))


def _outputs(cell: dict[str, Any], masked: list[str]) -> list[dict[str, str]]:
    shown: list[dict[str, str]] = []
    for output in cell.get("outputs", [])[:60]:
        data = output.get("data", {})
        picture = _text(data.get("image/png", ""))
        if picture and BASE64.fullmatch(picture):
            shown.append({"image": "image/png;base64," + picture.replace("\n", ""), "text": ""})
            continue
        if output["output_type"] == "error":
            text = "\n".join(output.get("traceback") or [f"{output['ename']}: {output['evalue']}"])
        else:
            text = _text(output.get("text", data.get("text/plain", "")))
        if text.strip():
            shown.append({"image": "", "text": _masked(_short(text, TEXT), masked)})
    return shown


def _text(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _short(text: str, most: int) -> str:
    """The text without terminal codes, cut in the middle if it is too long."""
    text = CONTROL.sub("", ANSI.sub("", text))
    return text if len(text) <= most else f"{text[: most // 2]}\n[…]\n{text[-most // 2 :]}"


def _hidden_lines(notebook: dict[str, Any]) -> list[str]:
    lines = []
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader") or {}
        if meta.get("solution") or not (meta.get("grade") or meta.get("locked")):
            continue  # a student's own cell, which may hold a million such lines
        for found in HIDDEN.finditer(_text(cell["source"])):
            lines += [line.strip() for line in found[1].splitlines()]
    return [line for line in dict.fromkeys(lines) if len(line) >= TELLING]


def _masked(text: str, lines: list[str]) -> str:
    for line in lines:
        if line in text:
            text = text.replace(line, "[a line of a hidden test]")
    return text


def _shrink(page: _Page, room: int) -> None:
    """Keep the outputs and sources that fit into `room` bytes, in order."""
    for block in page.blocks:
        kept = []
        for output in block["outputs"]:
            # Escaped, one sign takes up to six bytes.
            room -= 6 * len(output["text"]) + len(output["image"])
            if room > 0:
                kept.append(output)
        if len(kept) < len(block["outputs"]):
            kept.append({"image": "", "text": "[The rest was too long for this page.]"})
        block["outputs"] = kept
        room -= 6 * len(block.get("source", ""))
        if block.get("source") and room <= 0:
            block["source"] = "[This cell was too long for this page.]"


@cache
def _template() -> Any:
    from importlib import resources

    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup, escape

    def code(text: str) -> Markup:
        """The text escaped, with `backquoted` parts as code."""
        parts = str(escape(text)).split("`")
        tagged = [f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)]
        return Markup("".join(tagged))

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["code"] = code
    file = resources.files("bplib.grading") / "templates" / "feedback.html"
    return environment.from_string(file.read_text(encoding="utf-8"))
