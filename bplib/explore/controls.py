"""The controls of the explorers: sliders and choices with a label, and their limits in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import ipywidgets

# A control is as wide as the page at most; several share a line where there is room: beside the
# file browser of a laptop (848 pixels) two sliders, or one slider and two lists.
SLIDER, LIST, SWITCH = "375px", "226px", "180px"
LABEL = {"description_width": "118px"}
WRAP = {"display": "flex", "flex_flow": "row wrap"}


def _common(label: str, tooltip: str, width: str = SLIDER) -> dict[str, Any]:
    layout = ipywidgets.Layout(width=width, max_width="calc(100% - 4px)")
    return {"description": label, "tooltip": tooltip, "style": LABEL, "layout": layout}


def slider(label: str, value: float, low: float, high: float, step: float, tip: str = "") -> Any:
    """Return a slider of floats that sends every value while it moves."""
    return ipywidgets.FloatSlider(
        value=value, min=low, max=high, step=step, readout_format=".2f", **_common(label, tip)
    )


def whole(label: str, value: int, low: int, high: int, tip: str = "") -> Any:
    """Return a slider of whole numbers."""
    return ipywidgets.IntSlider(value=value, min=low, max=high, **_common(label, tip))


def log_slider(
    label: str, value: float, low: float, high: float, step: float = 0.05, readout: str = ".3g"
) -> Any:
    """Return a slider from 10^low to 10^high with equal steps of the exponent.

    readout: a format of d3; ".3g" writes 0.0000056 in full, which is cut off, ".1e" as 5.6e-6
    """
    return ipywidgets.FloatLogSlider(
        value=value, min=low, max=high, step=step, readout_format=readout, **_common(label, "")
    )


def choice(label: str, value: Any, options: Iterable[Any], tip: str = "") -> Any:
    """Return a drop-down list; options: values, or pairs (text, value).

    It is the one choice that ipywidgets names and reads out.  JupyterLab takes the arrow keys of
    a closed list, which Space opens, but those of radio buttons for good; of toggle buttons and
    selection sliders nobody hears the label, nor what is chosen.
    """
    return ipywidgets.Dropdown(options=list(options), value=value, **_common(label, tip, LIST))


def buttons(label: str, value: Any, options: Iterable[Any], tip: str = "") -> Any:
    """Return a row of buttons of which one is pressed; options: values, or pairs (text, value)."""
    common = _common(label, tip) | {"style": LABEL | {"button_width": "auto"}}
    common["layout"] = ipywidgets.Layout(max_width="100%")
    return ipywidgets.ToggleButtons(options=list(options), value=value, **common)


def switch(label: str, value: bool, tip: str = "") -> Any:
    """Return a check box."""
    common = _common("", tip, SWITCH) | {"description": label, "indent": False, "style": {}}
    return ipywidgets.Checkbox(value=value, **common)


def put(name: str, control: Any, value: Any) -> None:
    """Move a control to the value that it can take next to this one.

    A slider rounds to its steps, in the browser too: a value between them would come back changed.
    Raises ValueError, with what is allowed, for a value out of range.
    """
    require_allowed(name, control, value)
    if isinstance(control, ipywidgets.FloatLogSlider):
        exponent = _rounded(control, math.log(value, control.base))
        value = float(f"{control.base**exponent:.12g}")
    elif isinstance(control, ipywidgets.FloatSlider):
        value = _rounded(control, value)
    control.value = value


def _rounded(control: Any, value: float) -> float:
    steps = round((value - control.min) / control.step)
    return float(min(control.max, round(control.min + steps * control.step, 10)))


def require_allowed(name: str, control: Any, value: Any) -> None:
    """Raise ValueError, with what is allowed, unless the control can take this value."""
    if isinstance(control, ipywidgets.Dropdown | ipywidgets.ToggleButtons):
        pairs = [o if isinstance(o, tuple) else (o, o) for o in control.options]
        values = [pair[1] for pair in pairs]
        fits, allowed = value in values, ", ".join(map(repr, values))
    elif isinstance(control, ipywidgets.Checkbox):
        fits, allowed = isinstance(value, bool), "True, False"
    else:
        low, high = control.min, control.max
        if isinstance(control, ipywidgets.FloatLogSlider):
            low, high = control.base**low, control.base**high
        number = isinstance(value, int | float) and not isinstance(value, bool)
        whole_only = isinstance(control, ipywidgets.IntSlider)
        slack = 1e-9 * abs(high)
        fits = number and low - slack <= value <= high + slack
        fits = fits and (not whole_only or float(value).is_integer())
        kind = "a whole number" if whole_only else "a number"
        allowed = f"{kind} from {low:g} to {high:g}"
    if not fits:
        raise ValueError(f"{name} is {value!r}; allowed is {allowed}")
