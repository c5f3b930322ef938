"""The tutor's answer as a small card: HTML in a notebook, text in a terminal."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Card:
    """One answer of the tutor.

    title: function and equation; where: the case; note: what is off (or what to notice when it is
    right); hint: the question, if the mistake has a name; warnings: what NumPy complained about.
    """

    title: str
    right: bool
    where: str
    note: str
    hint: str
    warnings: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """A mark and a word, so that neither color nor symbol alone carries the message."""
        return "✓ right" if self.right else "✗ not yet"

    def __str__(self) -> str:
        parts = [f"{self.title}: {self.sign}", self.where, self.note]
        parts += [f"Question: {self.hint}"] if self.hint else []
        parts += [f"Warning while it ran: {warning}" for warning in self.warnings]
        return "\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        color = "#0072b2" if self.right else "#d55e00"  # blue and vermilion: told apart by all
        lines = [
            f"<strong>{escape(self.title)}</strong> <span style='color:{color}'>{self.sign}</span>",
            escape(self.where),
            _code(self.note),
            f"<em>{escape(self.hint)}</em>" if self.hint else "",
            *(f"Warning while it ran: {escape(warning)}" for warning in self.warnings),
        ]
        body = "".join(f"<div>{line}</div>" for line in lines if line)
        return (
            f"<div role='status' style='border-left:4px solid {color};padding:4px 12px;"
            f"max-width:44em;line-height:1.5'>{body}</div>"
        )


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
