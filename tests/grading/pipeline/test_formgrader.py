"""What the formgrader shows of a student's Markdown: readable, and nothing in it is active."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config.loader import PyFileConfigLoader

PROJECT = Path(__file__).parents[3]
GIF = "R0lGODlhAQABAAAAACwAAAAAAQABAAA="
RESOURCES = {
    "base_url": "", "submission_id": "1", "assignment_id": "a", "notebook_id": "n", "index": 0,
    "total": 1, "student": "s", "first_name": "", "last_name": "", "notebook_path": "n.ipynb",
}  # fmt: skip


@pytest.fixture(scope="module")
def formgrader():
    """The exporter of the formgrader, as nbgrader makes it from the project's configuration."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(PROJECT)).load_config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    return HTMLExporter(config=config)


@pytest.fixture
def shown(formgrader):
    """A function (cell) -> the part of the formgrader's page that shows it, parsed."""

    def show(cell):
        page, _ = formgrader.from_notebook_node(new_notebook(cells=[cell]), dict(RESOURCES))
        return BeautifulSoup(page, "html.parser").select_one("#notebook-container")

    return show


@pytest.mark.parametrize(
    "source",
    [
        "![x](/formgrader?path=submitted/eve/05)",  # nbgrader runs the configuration in there
        "![x](http://example.org/seen.png) ![x](//example.org/seen.png)",
        "![x](../../../formgrader?path=a.png) ![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "![x][1]\n\n[1]: /formgrader?path=x",
        '<img src="/formgrader?path=x">',
        "[x](javascript:alert(1)) [y](/formgrader?path=x) <javascript:alert(1)> http://a.b",
        '<a href="javascript:alert(1)">x</a> <a href="/formgrader?path=x">x</a>',
        "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)></svg>",
        "$</span><script>alert(1)</script>$ \\\\(<img src=x onerror=alert(1)>\\\\)",
        "```mermaid\n</pre><script>alert(1)</script>\n```",
        '<form action="/x"><input id="test_backprop" class="score"></form>',
        "# test_backprop\n\n# explain_price-comment",  # the page finds the boxes by these ids
        '<div id="test_backprop" class="nbgrader_cell" style="position:fixed">x</div>',
    ],
)
def test_nothing_in_markdown_asks_the_server_or_has_a_name(shown, source):
    part = shown(new_markdown_cell(source)).select_one(".text_cell_render")
    assert part.get_text(strip=True) or part.find("img")
    for tag in part.find_all(True):
        assert tag.name not in ("a", "script", "svg", "form", "input", "iframe", "style")
        assert set(tag.attrs) <= {"alt", "src"}
        assert tag.get("src", "x") == "x"  # a file beside the notebook at most


def test_formulas_and_code_come_out_as_they_were_written(shown):
    source = r"`a < b & c`, $a < b$, $$\begin{pmatrix} 1 & 2 \end{pmatrix}$$ and a < b, &c."
    assert source.replace("`", "") in shown(new_markdown_cell(source)).get_text()


def test_pasted_pictures_show_and_a_lost_one_hides_nothing(shown):
    cell = new_markdown_cell("![p](attachment:my%20plot.gif) ![lost](attachment:lost.png) Read on.")
    cell.attachments = {"my plot.gif": {"image/gif": GIF}}
    part = shown(cell)
    assert [image["src"] for image in part.find_all("img")] == [f"data:image/gif;base64,{GIF}"]
    assert "attachment:lost.png" in part.get_text()
    assert "Read on." in part.get_text()


def test_what_would_take_long_to_render_is_cut(shown):
    said = shown(new_markdown_cell("![" * 50_000)).get_text()
    assert "![![" in said
    assert len(said) < 20_000
    assert "too long for this page" in said


def test_outputs_are_inert(shown):
    evil = {
        "text/html": "<script>1</script>",
        "image/svg+xml": "<svg onload='1'>",
        "text/plain": "x",
    }
    part = shown(new_code_cell("1", outputs=[new_output("display_data", evil)]))
    assert not part.find_all(["script", "svg"])
