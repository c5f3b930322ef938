"""One question before the answer: the reader commits to a guess, then the picture decides."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ipywidgets

from bplib.explore.controls import WRAP

if TYPE_CHECKING:
    from bplib.explore.panel import Explorer

UNDECIDED = "choose …"


@dataclass(frozen=True)
class Prediction:
    """A question whose answer is read off the numbers, never written down here.

    question: HTML    choices: what the reader may guess
    settings: how the explorer is set when the answer is shown (the others as at the start)
    right(numbers): the index of the right choice    because(numbers): HTML, with the numbers
    """

    question: str
    choices: tuple[str, ...]
    right: Callable[[Any], int]
    because: Callable[[Any], str]
    settings: dict[str, Any] = field(default_factory=dict)


def prediction_box(prediction: Prediction, explorer: Explorer) -> PredictionBox:
    """Return the widget of a prediction about this explorer."""
    return PredictionBox(prediction, explorer)


class PredictionBox(ipywidgets.VBox):  # type: ignore[misc]
    """The question, the guesses, a button that reveals, and then the verdict."""

    def __init__(self, prediction: Prediction, explorer: Explorer) -> None:
        self.asked, self.explorer = prediction, explorer
        self.guess = ipywidgets.Dropdown(
            options=[UNDECIDED, *prediction.choices],
            description="Your guess",
            layout=ipywidgets.Layout(width="330px", max_width="calc(100% - 4px)"),
        )
        self.reveal = ipywidgets.Button(
            description="Reveal", disabled=True, layout=ipywidgets.Layout(width="auto"),
            tooltip="Choose a guess first",
        )  # fmt: skip
        self.verdict = ipywidgets.HTML()
        self.guess.observe(self._chosen, names="value")
        self.reveal.on_click(lambda _: self.show())
        question = f"<p style='margin:2px 0;line-height:1.5'><b>Predict:</b> {prediction.question}"
        asked = ipywidgets.HTML(question + "</p>", layout=ipywidgets.Layout(flex="1 1 400px"))
        answer = ipywidgets.Box([self.guess, self.reveal], layout=ipywidgets.Layout(**WRAP))
        row = ipywidgets.Box([asked, answer], layout=ipywidgets.Layout(width="100%", **WRAP))
        super().__init__([row, self.verdict])

    def show(self) -> None:
        """Set the explorer as the question says, and tell what came out."""
        self.explorer.set(**self.explorer.start | self.asked.settings)
        numbers = self.explorer.numbers
        right = self.asked.choices[self.asked.right(numbers)]
        guess = self.guess.value
        word = "Yes" if guess == right else f"Not this time: you guessed “{html.escape(guess)}”, "
        tail = f": {html.escape(right)}." if guess == right else f"it is “{html.escape(right)}”."
        self.verdict.value = (
            f"<p role='status' style='margin:2px 0;line-height:1.5'><b>{word}{tail}</b> "
            f"{self.asked.because(numbers)}</p>"
        )

    def _chosen(self, change: Any) -> None:
        self.reveal.disabled = change["new"] == UNDECIDED
        self.verdict.value = ""
