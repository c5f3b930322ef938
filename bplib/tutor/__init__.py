"""The tutor: what a student's notebook calls.

    from bplib.tutor import check
    check("04.hidden_error", hidden_error)

It works with the answer keys alone; the exercise bank and the grading are not needed.
"""

from bplib.tutor.check import NotRightYet, check

__all__ = ["NotRightYet", "check"]
