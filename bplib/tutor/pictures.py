"""Draws the shape of an array as a small box: rows down, columns across."""

from dataclasses import dataclass
from html import escape

# Sides of a box in pixels, and how many boxes stand for a third axis.
LEAST, MOST, LAYERS = 14.0, 84.0, 3
ROOM = 30.0


@dataclass(frozen=True)
class Shapes:
    """The shape that an array should have, and the one that came back."""

    name: str
    wanted: tuple[int, ...]
    got: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.name} should have the shape {self.wanted}; it has the shape {self.got}"

    def svg(self) -> str:
        """Both boxes to the same scale, as inline SVG whose lines take the color of the text."""
        scale = _scale(self.wanted, self.got)
        height = max(_sides(shape, scale)[1] for shape in (self.wanted, self.got)) + 2 * ROOM
        parts, x = [], 8.0
        for title, shape, dash in (
            ("should be", self.wanted, ""),
            ("is", self.got, " stroke-dasharray='5 3'"),
        ):
            width = max(_sides(shape, scale)[0], 90.0)
            parts.append(_box(title, shape, scale, x + width / 2, height / 2, dash))
            x += width + 24
        return (
            f"<svg role='img' aria-label='{escape(str(self), quote=True)}' "
            f"viewBox='0 0 {x - 16:.0f} {height:.0f}' width='{x - 16:.0f}' "
            "style='max-width:100%;height:auto;display:block;margin:6px 0' "
            "font-family='inherit' font-size='13' fill='none' stroke='currentColor'>"
            f"<title>{escape(str(self))}</title>{''.join(parts)}</svg>"
        )


def _scale(*shapes: tuple[int, ...]) -> float:
    """Pixels per entry, so that the longest side of all is MOST."""
    return MOST / max(1, *(side for shape in shapes for side in shape))


def _sides(shape: tuple[int, ...], scale: float) -> tuple[float, float]:
    """Width and height of the box; one number is a small square, a vector is one row."""
    rows, columns = ((1, 1) + shape)[-2:]
    return max(LEAST, columns * scale), max(LEAST, rows * scale)


def _box(title: str, shape: tuple[int, ...], scale: float, x: float, y: float, dash: str) -> str:
    """One box around (x, y), its title above and its shape below."""
    width, height = _sides(shape, scale)
    stack = LAYERS if len(shape) > 2 else 1
    rects = "".join(
        f"<rect x='{x - width / 2 + 4 * i:.1f}' y='{y - height / 2 - 4 * i:.1f}' "
        f"width='{width:.1f}' height='{height:.1f}' stroke-width='1.5'{dash}/>"
        for i in range(stack)
    )
    text = "text-anchor='middle' fill='currentColor' stroke='none'"
    label = str(shape) if shape else "one number"
    return (
        f"<text x='{x:.1f}' y='{y - height / 2 - 4 * stack - 4:.1f}' {text}>{title}</text>{rects}"
        f"<text x='{x:.1f}' y='{y + height / 2 + 17:.1f}' {text}>{label}</text>"
    )
