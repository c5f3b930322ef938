"""Explorers: pictures that follow sliders, with all numbers from `bplib.nn`.

Every function returns a widget.  In a notebook:  `from bplib.explore import saturation`, and
`saturation()` as the last line of a cell.  Its keyword arguments are the first settings.
"""

from bplib.explore.explorers.blame import blame
from bplib.explore.explorers.checking import gradient_check
from bplib.explore.explorers.descent import descent
from bplib.explore.explorers.neuron import neuron
from bplib.explore.explorers.output_error import output_error
from bplib.explore.explorers.saturation import saturation
from bplib.explore.explorers.stepper import backprop_stepper
from bplib.explore.explorers.vanishing import vanishing
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.panel import Explorer

# In the order of the lessons.
EXPLORERS = {
    "neuron": neuron,
    "saturation": saturation,
    "output_error": output_error,
    "blame": blame,
    "backprop_stepper": backprop_stepper,
    "gradient_check": gradient_check,
    "descent": descent,
    "vanishing": vanishing,
}

__all__ = [
    "EXPLORERS",
    "Explorer",
    "LiveFigure",
    "Panel",
    "backprop_stepper",
    "blame",
    "descent",
    "gradient_check",
    "neuron",
    "output_error",
    "saturation",
    "vanishing",
]
