"""The tutor's answer as a small card: HTML in a notebook, text in a terminal."""

from dataclasses import dataclass
from html import escape

from bplib.tutor.pictures import Shapes

BLUE, VERMILION = "#0072b2", "#b84a00"
# Of what a function printed: enough to look for a mistake, and no page of numbers.
MOST_PRINTED, MOST_LINES = 600, 10


@dataclass(frozen=True)
class Card:
    """One answer of the tutor.

    title: function and equation; where: the case; note: what is off (or what to notice when it is
    right); hint: the question, if the mistake has a name; warnings: what NumPy complained about;
    second: the question of a second mistake; shapes: to be drawn where one is wrong; offer: what
    else the student can try; printed: what the function printed, of which the beginning is shown.
    """

    title: str
    right: bool
    where: str
    note: str
    hint: str
    warnings: tuple[str, ...] = ()
    second: str = ""
    shapes: Shapes | None = None
    offer: str = ""
    printed: str = ""

    @property
    def sign(self) -> str:
        """A mark and a word, so that neither color nor symbol alone carries the message."""
        return "✓ right" if self.right else "✗ not yet"

    def __str__(self) -> str:
        parts = [f"{self.title}: {self.sign}", self.where, self.note]
        parts += [f"Question: {question}" for question in (self.hint, self.second) if question]
        parts += [f"Warning while it ran: {warning}" for warning in self.warnings]
        parts += [f"It printed:\n{_beginning(self.printed)}" if self.printed.strip() else ""]
        parts += [self.offer.replace("`", "")]
        return "\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        # Blue and vermilion are told apart by all. White on them is readable; everything else takes
        # the notebook's own colors, so that the card suits a light theme and a dark one.
        color = BLUE if self.right else VERMILION
        badge = f"background:{color};color:#fff;border-radius:4px;padding:1px 8px;margin-left:6px"
        lines = [
            f"<strong>{escape(self.title)}</strong> "
            f"<span style='{badge};white-space:nowrap'>{self.sign}</span>",
            f"<span style='opacity:.85'>{escape(self.where)}</span>" if self.where else "",
            _code(self.note),
            self.shapes.svg() if self.shapes else "",
            *(f"<em>{escape(question)}</em>" for question in (self.hint, self.second) if question),
            *(f"Warning while it ran: {escape(warning)}" for warning in self.warnings),
            self._printed(),
            f"<small>{_code(self.offer)}</small>" if self.offer else "",
        ]
        body = "".join(f"<div style='margin:2px 0'>{line}</div>" for line in lines if line)
        return (
            f"<div role='status' style='border-left:4px solid {color};padding:4px 12px;"
            f"margin:4px 0;max-width:44em;line-height:1.5;overflow-wrap:anywhere'>{body}</div>"
        )

    def _printed(self) -> str:
        if not self.printed.strip():
            return ""
        style = "margin:0;white-space:pre-wrap;font-size:90%"
        return f"It printed:<pre style='{style}'>{escape(_beginning(self.printed))}</pre>"


def _beginning(text: str) -> str:
    """The first lines of what was printed, and a mark if there is more."""
    lines = text.rstrip()[:MOST_PRINTED].splitlines()[:MOST_LINES]
    shown = "\n".join(lines)
    return shown + ("\n…" if len(shown) < len(text.rstrip()) else "")


def _code(text: str) -> str:
    """The text as HTML, with `backquoted` parts as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))


def show(card: Card) -> None:
    """Show the card in the notebook, or print it where there is none."""
    try:
        from IPython import get_ipython
    except ImportError:
        shell = None
    else:
        shell = get_ipython()
    if shell is None:
        print(card)
    else:
        from IPython.display import display

        display(card)
