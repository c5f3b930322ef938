"""What the formgrader shows of students' Markdown: readable, and nothing in it is active.

The formgrader's page may do whatever the instructor may: a mere picture of the address
`/formgrader?path=…` makes the server run a configuration file, and the boxes for the points are
found by their ids. So nothing that stands in a notebook asks the server for anything or has a name.
"""

import re
from typing import Any
from urllib.parse import unquote

from bleach import clean
from jinja2 import pass_context
from markupsafe import escape
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML

__all__ = ["Inert", "markdown"]

TAGS = frozenset(
    ["abbr", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em"]
    + ["h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s", "span"]
    + ["strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"]
)
# Pasted into the notebook, or a file beside it.
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[\w+/=\s]*|\w[\w. -]*\.(png|jpe?g|gif)")
LONGEST = 10_000  # some Markdown takes a time that grows with the square of its length


class Inert(SanitizeHTML):
    """Return nbconvert's preprocessor for all but Markdown cells, which `markdown` renders.

    Cleaned before it is rendered, Markdown is neither safe nor readable: `[x](javascript:…)` stays,
    and `<` and `&` in formulas and code come out as `&lt;` and `&amp;`.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Return the cell without what is active in its outputs."""
        if cell.cell_type == "markdown":
            return cell, resources
        clean_cell: Any = super().preprocess_cell
        done: tuple[Any, Any] = clean_cell(cell, resources, cell_index)
        return done


@pass_context
def markdown(context: Any, source: str) -> str:
    """Return Markdown as HTML; for `HTMLExporter.filters`, in the place of `markdown2html`."""
    if len(source) > LONGEST:
        source = f"{source[:LONGEST]}\n\n[… The rest is too long for this page.]"
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = _Renderer(escape=False, exclude_anchor_links=True, attachments=attachments)
    page = MarkdownWithMath(renderer=renderer).render(source)
    return str(clean(page, tags=TAGS, attributes=_harmless, protocols=["data"]))


class _Renderer(IPythonRenderer):
    def image(self, text: str, url: str, title: str | None = None) -> str:
        """The picture; nbconvert stops at one that was lost."""
        name = unquote(url.removeprefix("attachment:"))
        if name in self.attachments:
            url = f"attachment:{name}"
        elif not PICTURE.fullmatch(url):
            return f"[{text}: a picture that is not in the notebook: {escape(url)}]"
        return str(super().image(text, url, title))

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """The text and the address, not to be clicked."""
        return text if text == url else f"{text} ({escape(url)})"


def _harmless(tag: str, name: str, value: str) -> bool:
    return (tag, name) == ("img", "alt") or (
        (tag, name) == ("img", "src") and PICTURE.fullmatch(value) is not None
    )
