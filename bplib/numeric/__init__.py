"""The second oracle: gradients from values of the function alone, and a check that can fail.

`differences` holds the rules as the lesson derives them (unit 06: forward, central, complex
step).  `estimation` adds to a difference the size of its own error, `kinks` finds where a
function has no slope, and `check` compares a gradient with all that.  NumPy only.
"""

from bplib.numeric.check import GradientCheck, gradient_check
from bplib.numeric.differences import (
    central_difference,
    complex_step,
    default_step,
    forward_difference,
    relative_error,
)
from bplib.numeric.estimation import Estimate, difference_error, estimate, gradient, jacobian

__all__ = [
    "Estimate",
    "GradientCheck",
    "central_difference",
    "complex_step",
    "default_step",
    "difference_error",
    "estimate",
    "forward_difference",
    "gradient",
    "gradient_check",
    "jacobian",
    "relative_error",
]
