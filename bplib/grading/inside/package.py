"""The course's package while a notebook is graded: tutor, explorers and data only."""

__path__: list[str] = []  # a package, with nothing on disk
