"""The picture of two shapes: readable by people and by screen readers, in light and dark."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from bplib.exercises.bank import bank
from bplib.tutor.check import answer
from bplib.tutor.key import read_key
from bplib.tutor.pictures import Shapes

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ((3, 5), (5, 3)),
        ((), (4, 4)),
        ((5,), (3, 5)),
        ((2, 3, 4), (3, 4)),
        ((0, 3), (3,)),
        ((3, 5), (300, 2)),
    ],
)
def test_two_boxes_with_their_dimensions(wanted, got) -> None:
    picture = ElementTree.fromstring(Shapes("delta", wanted, got).svg())
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == (
        f"delta should have the shape {wanted}; it has the shape {got}"
    )
    words = [text.text for text in picture.iter("text")]
    assert words[0] == "should be"
    assert words[1] == (str(wanted) if wanted else "one number")
    assert words[2:] == ["is", str(got)]
    _, _, width, height = map(float, str(picture.get("viewBox")).split())
    for box in picture.iter("rect"):
        x, y, w, h = (float(str(box.get(name))) for name in ("x", "y", "width", "height"))
        assert w > 0
        assert h > 0
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height


def test_the_picture_takes_the_colors_of_the_page_and_the_width_of_a_phone() -> None:
    svg = Shapes("delta", (3, 5), (5, 3)).svg()
    assert "currentColor" in svg
    assert "#" not in svg
    assert "max-width:100%" in svg


def test_a_hostile_name_is_escaped() -> None:
    svg = Shapes("<script>'\"&", (1,), (2,)).svg()
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


def test_it_is_drawn_where_a_shape_is_wrong_and_nowhere_else() -> None:
    key = read_key("04.hidden_error")
    wrong = answer(key, lambda W, d, s: ((d @ W) * s).T)
    assert wrong.shapes is not None
    assert wrong.shapes.got == wrong.shapes.wanted[::-1]
    assert wrong.shapes.svg() in wrong._repr_html_()
    assert "svg" not in str(wrong)
    for other in (lambda W, d, s: (d @ W) * s, lambda W, d, s: d @ W, lambda W, d, s: None):
        assert answer(key, other).shapes is None
        assert "<svg" not in answer(key, other)._repr_html_()


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_text_on_color_is_readable() -> None:
    """White on the badge: a contrast of 4.5 at least; all other text takes the page's color."""
    key = read_key("04.hidden_error")
    for function in (bank()["04.hidden_error"].styles["vectorized"].function, lambda W, d, s: d):
        html = answer(key, function)._repr_html_()
        (color,) = set(re.findall(r"background:(#\w{6})", html))
        assert 1.05 / (luminance(color) + 0.05) >= 4.5
        assert set(re.findall(r"[^-]color:([^;']+)", html)) == {"#fff"}
        assert "overflow-wrap:anywhere" in html
