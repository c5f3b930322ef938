"""Live figures: pixels follow artists, the PNG is what matplotlib drew, nothing leaks."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from bplib.explore.glyphs import Label
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.png import png
from bplib.explore.style import axes


def simple_panel():
    panel = Panel(200, 150)
    ax = axes(panel, "title", "x", "y", (0, 1), (0, 1))
    return panel, ax, panel.live(ax.plot([0, 1], [0, 1])[0])


def picture(panel):
    return np.asarray(Image.open(io.BytesIO(panel.png())))


def test_png_is_read_back_bit_by_bit():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    image = Image.open(io.BytesIO(png(pixels)))
    assert image.size == (5, 7)
    assert image.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(image), pixels[:, :, :3])


@pytest.mark.parametrize(
    ("pixels", "error", "said"),
    [
        (np.zeros((4, 4, 3)), TypeError, "float64"),
        (np.zeros((4, 4), np.uint8), ValueError, "height, width"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, r"\(4, 4, 2\)"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, r"\(0, 4, 3\)"),
    ],
)
def test_png_refuses_what_is_no_picture(pixels, error, said):
    with pytest.raises(error, match=said):
        png(pixels)


def test_blitting_draws_what_a_full_redraw_draws():
    panel, ax, line = simple_panel()
    ax.spines[:].set_visible(False)  # a live artist is drawn over them, else below
    panel.png()
    line.set_ydata([1, 0])
    blitted = picture(panel)
    line.set_animated(False)
    panel.canvas.draw()
    np.testing.assert_array_equal(blitted, np.asarray(panel.canvas.buffer_rgba())[:, :, :3])


def test_moving_an_artist_changes_pixels_and_moving_back_restores_them():
    panel, _, line = simple_panel()
    first = panel.png()
    line.set_ydata([1, 0])
    assert panel.png() != first
    line.set_ydata([0, 1])
    assert panel.png() == first


def test_changed_limits_need_a_rebase_and_keep_the_live_artists():
    panel, ax, line = simple_panel()
    first = picture(panel)
    ax.set_xlim(0, 2)
    panel.rebase()
    rebased = picture(panel)
    assert not np.array_equal(rebased, first)
    line.set_visible(False)
    assert not np.array_equal(picture(panel), rebased), "the line was missing after rebase"


def test_alt_text_and_size_stand_in_the_html_and_are_escaped():
    panel, _, _ = simple_panel()
    panel.alt = 'a < b & "c"'
    html = panel.html()
    assert 'alt="a &lt; b &amp; &quot;c&quot;"' in html
    assert 'width="200" height="150"' in html
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    assert Image.open(io.BytesIO(data)).size == (200, 150)


def test_refresh_sends_all_panels_in_one_message_and_nothing_if_nothing_changed():
    panels = [simple_panel()[0] for _ in range(3)]
    figure = LiveFigure(panels)
    sent = []
    figure.widget.observe(lambda change: sent.append(change["new"]), names="value")
    figure.refresh()
    figure.refresh()
    assert len(sent) == 1
    assert sent[0].count("<img ") == 3
    panels[1].alt = "new"
    figure.refresh()
    assert len(sent) == 2


def test_a_figure_without_panels_is_refused():
    with pytest.raises(ValueError, match="at least one Panel"):
        LiveFigure([])


def test_pyplot_knows_nothing_of_live_figures():
    before = pyplot.get_fignums()
    for _ in range(3):
        simple_panel()[0].png()
    assert pyplot.get_fignums() == before


def test_a_style_that_the_reader_has_set_does_not_break_a_panel():
    with matplotlib.rc_context({"font.size": 14, "axes.grid": False}):
        assert picture(simple_panel()[0]).shape == (150, 200, 3)


class TestLabel:
    def drawn(self, text, color="black", at=(0.5, 0.5)):
        panel = Panel(200, 150)
        panel.figure.set_layout_engine("none")
        ax = panel.figure.add_axes((0, 0, 1, 1))
        ax.axis("off")
        label = panel.live(Label(ax, *at, 9))
        label.set_text(text)
        label.set_color(color)
        return picture(panel).astype(int)

    def test_looks_like_matplotlib_text(self):
        ours = 255 - self.drawn("−0.25e7")[:, :, 0]
        panel = Panel(200, 150)
        panel.figure.set_layout_engine("none")
        ax = panel.figure.add_axes((0, 0, 1, 1))
        ax.axis("off")
        panel.live(ax.text(0.5, 0.5, "−0.25e7", ha="center", va="center", fontsize=9))
        theirs = 255 - picture(panel)[:, :, 0].astype(int)
        assert ours.sum() == pytest.approx(theirs.sum(), rel=0.15)
        for axis in (0, 1):
            mine, other = (np.flatnonzero(a.sum(axis=axis)) for a in (ours, theirs))
            assert abs(mine.min() - other.min()) <= 4
            assert abs(mine.max() - other.max()) <= 4

    def test_is_centered_line_by_line(self):
        rows = np.flatnonzero((255 - self.drawn("8\n8\n8")[:, :, 0]).sum(axis=1))
        assert abs(rows.mean() - 75) < 4

    def test_empty_text_draws_nothing(self):
        assert (self.drawn("") == 255).all()

    def test_color(self):
        pixels = self.drawn("8888", "red")
        assert pixels[:, :, 0].min() == 255
        assert pixels[:, :, 1].min() < 60

    @pytest.mark.parametrize("at", [(0, 0), (1, 1), (0, 1), (1, 0), (-0.2, 0.5), (1.2, 0.5)])
    def test_beyond_the_edge_is_cut_off(self, at):
        assert self.drawn("12345", at=at).shape == (150, 200, 3)
