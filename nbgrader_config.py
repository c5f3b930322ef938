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

# One engine, two doors: plain `nbgrader autograde`, the formgrader and `nbgrader generate_feedback`
# run the code of students in a jail, judge it from outside, and write the pages of `bplib grade`.
c.Autograde.pre_convert_hook = "bplib.grading.preprocessors.quarantine"
c.Autograde.exporter_class = "bplib.grading.preprocessors.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "bplib.grading.preprocessors.Rebuild",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "bplib.grading.preprocessors.JailedExecute",
    "bplib.grading.preprocessors.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GenerateFeedback.exporter_class = "bplib.grading.preprocessors.FeedbackExporter"
c.GenerateFeedback.preprocessors = []
# The formgrader shows students' Markdown to the instructor: nothing active in it.
c.HTMLExporter.preprocessors = ["bplib.grading.formgrader.Inert"]
c.HTMLExporter.filters = {"markdown2html": "bplib.grading.formgrader.markdown"}

# Kernels keep no history file and say nothing about their transport.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--Application.log_level=ERROR"]
