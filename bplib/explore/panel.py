"""What all explorers have in common: the widget that wires controls, picture and words.

An explorer is made of pure parts (see `Parts`): settings -> numbers -> picture, sentence, code.
This module only connects them, so everything can be tested without a browser.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets

from bplib.explore.controls import WRAP, put, require_allowed
from bplib.explore.live import LiveFigure
from bplib.explore.prediction import Prediction, prediction_box

Settings = dict[str, Any]
ROW = WRAP | {"width": "100%"}
# Lines break between words: JupyterLab breaks them anywhere, and takes the keys that would scroll.
CODE = (
    "margin:0 0 4px;padding:4px 8px;background:#f5f5f5;color:#000;white-space:pre-wrap;"
    "word-break:normal;overflow-wrap:anywhere;user-select:all;font:12px/1.4 monospace"
)
# Two boxes of code stand side by side where there is room.
PAIR, HALF = "display:flex;flex-wrap:wrap;gap:0 8px", "flex:1 1 380px;min-width:0"


class Picture(Protocol):
    """The figure of an explorer, and how numbers get into its artists."""

    figure: LiveFigure

    def show(self, numbers: Any) -> None:
        """Set the live artists, and `alt` of every panel, to these numbers."""


@dataclass(frozen=True)
class Parts:
    """The pure functions of an explorer.

    numbers(**settings): everything that is shown, from bplib.nn    picture: see `Picture`
    sentence(numbers): HTML, says in words what is seen
    code(numbers): lines that compute what is shown with bplib.nn
    formula(numbers): HTML, above the sentence; "" for none
    more(numbers): what the explorer's function takes beside the settings, to come back to here
    """

    numbers: Callable[..., Any]
    picture: Picture
    sentence: Callable[[Any], str]
    code: Callable[[Any], str]
    formula: Callable[[Any], str] = lambda numbers: ""
    more: Callable[[Any], Settings] = lambda numbers: {}


class Explorer(ipywidgets.VBox):  # type: ignore[misc]
    """An explorer: a widget with sliders, a live picture, a sentence, presets and a code line.

    name: of the function in `bplib.explore`    title: for the reader
    controls: the control of each setting, by the name of the setting
    presets: settings by the text on the button    prediction: a question before the answer
    extra: further widgets below the controls

    What is shown now: `settings`, `numbers`, the HTML `formula` and `sentence`, the texts `call`
    (opens the explorer at these settings) and `code`, and `alts`, the alt texts of the panels.
    """

    def __init__(
        self,
        name: str,
        title: str,
        controls: Mapping[str, Any],
        parts: Parts,
        presets: Mapping[str, Settings],
        prediction: Prediction | None = None,
        extra: tuple[Any, ...] = (),
    ) -> None:
        self.name, self.parts = name, parts
        self.controls, self.presets = dict(controls), dict(presets)
        self.start: Settings = self.settings
        self.numbers: Any = None
        self._together = False
        self.formula = self.sentence = self.call = self.code = ""
        self.words = ipywidgets.HTML()
        self.buttons = {text: self._button(text, preset) for text, preset in presets.items()}
        self.buttons["Reset"] = ipywidgets.Button(
            description="Reset", icon="undo", tooltip="Back to the first settings"
        )
        self.buttons["Reset"].on_click(lambda _: self.reset())
        for button in self.buttons.values():
            button.layout.width = "auto"
        self.prediction = prediction_box(prediction, self) if prediction else None
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        self.draw()
        rows = [
            ipywidgets.HTML(f"<h4 style='margin:0;line-height:1.4'>{html.escape(title)}</h4>"),
            *([self.prediction] if self.prediction else []),
            ipywidgets.Box([*self.controls.values(), *extra], layout=ipywidgets.Layout(**ROW)),
            ipywidgets.Box(list(self.buttons.values()), layout=ipywidgets.Layout(**ROW)),
            self.parts.picture.figure.widget,
            self.words,
        ]
        super().__init__(rows, layout=ipywidgets.Layout(width="100%", overflow="hidden"))

    @property
    def settings(self) -> Settings:
        """The present value of every control, by name; numbers to six digits, as in the code."""
        values = {name: control.value for name, control in self.controls.items()}
        return {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in values.items()}

    @property
    def alts(self) -> list[str]:
        """The present alt text of every panel."""
        return [panel.alt for panel in self.parts.picture.figure.panels]

    def set(self, **settings: Any) -> None:
        """Move several controls at once, with one redraw.

        Raises ValueError for a name that is not among the controls, or a value out of range;
        nothing has moved then.
        """
        for name, value in settings.items():
            if name not in self.controls:
                known = ", ".join(self.controls)
                raise ValueError(f"{name!r} is not a setting of this explorer; allowed: {known}")
            require_allowed(name, self.controls[name], value)
        self._together = True
        try:
            for name, value in settings.items():
                put(name, self.controls[name], value)
        finally:
            self._together = False
        self.draw()

    def reset(self) -> None:
        """Go back to the settings with which the explorer was made."""
        self.set(**self.start)

    def draw(self) -> None:
        """Compute the numbers and show them; the picture goes first, as the eye is there."""
        self.numbers = numbers = self.parts.numbers(**self.settings)
        self.parts.picture.show(numbers)
        self.parts.picture.figure.refresh()
        self.formula = self.parts.formula(numbers)
        self.sentence, self.code = self.parts.sentence(numbers), self.parts.code(numbers)
        given = (self.settings | self.parts.more(numbers)).items()
        arguments = ", ".join(f"{name}={value!r}" for name, value in given)
        self.call = f"from bplib.explore import {self.name}; {self.name}({arguments})"
        # One message for all words: each costs the front end some milliseconds.
        self.words.value = (
            f"<div style='line-height:1.6'>{self.formula}</div>"
            f"<p role='status' aria-live='polite' style='margin:4px 0;line-height:1.5'>"
            f"{self.sentence}</p>"
            + f"<div style='{PAIR}'>"
            + _copied("Open the explorer at these settings:", self.call)
            + _copied("Compute this with bplib.nn:", self.code)
            + "</div>"
        )

    def _button(self, text: str, preset: Settings) -> Any:
        button = ipywidgets.Button(description=text)
        button.on_click(lambda _: self.set(**self.start | preset))
        return button

    def _changed(self, change: Any) -> None:
        if not self._together:
            self.draw()


def _copied(label: str, code: str) -> str:
    """Return code as HTML, of which a click selects all."""
    return (
        f"<div style='{HALF}'><small>{label}</small>"
        f"<pre tabindex='0' aria-label='{label}' style='{CODE}'>{html.escape(code)}</pre></div>"
    )


def start_at(controls: Mapping[str, Any], settings: Settings) -> None:
    """Put every control at the value that the caller of an explorer asked for.

    Raises ValueError for a value that a control cannot take.
    """
    for name, value in settings.items():
        put(name, controls[name], value)
