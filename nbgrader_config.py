"""The course's nbgrader configuration: plain `nbgrader` commands in this folder use it."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "backpropagation"
# Masters (*.py) hold the solutions and lie beside the notebooks in source/: never release them.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    ".pytest_cache",
    "*.py",
]

# Kernels keep no history file and say nothing about their transport.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--Application.log_level=ERROR"]
