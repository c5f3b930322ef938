"""The engine: runs the cells of a notebook in a jailed process, and asks it the judge's questions.

    with Engine(choose(), Policy()) as engine:          # one per worker process, in one thread
        with engine.session(folder, Budget()) as session:   # one per submission
            run = session.run_cell(source)              # -> CellRun
            outcome = session.ask(                      # -> bplib.answers.Outcome
                "hidden_error", case.inputs, shapes=question.shapes, labels=question.labels,
                cpu_limit=2.0, lines=exercise.by_line,
            )
            outcomes = session.ask_all("hidden_error", [Call(…), …], cpu_limit=2.0)

Principle: nothing a student's process can read or change decides a mark, except the arrays that it
returns for inputs it has just been given. So everything that comes out of the child is data: read
within limits, checked, and copied; a reply counts only with the random number of its question.

    this process                      zygote (warm, one thread)        child (one per submission)
    Engine, Session   -- fork, arm ->  forks, counts CPU time,  fork ->  locks itself in, IPython
                      <- ended -----   looks at `overrun`, kills        shell, answers questions
          └──────────── cells, questions, answers: one socket pair ────────────┘

A cell that ends the process or runs out of time ends its child. The next cell or question gets a
fresh child that first runs again, silently, the earlier cells that had ended well.
"""

from bplib.grading.engine.engine import Engine
from bplib.grading.engine.session import Session
from bplib.grading.engine.types import Budget, Call, CellRun, EngineError

__all__ = ["Budget", "Call", "CellRun", "Engine", "EngineError", "Session"]
