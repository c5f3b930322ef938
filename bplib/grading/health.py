"""The health of what grading needs beside the jail: kernel, gradebook, configuration, exchange."""

import os
from pathlib import Path
from typing import Any

from bplib.grading.doctor import Health, add_health_check

__all__ = ["add_health_checks"]


def add_health_checks(root: Path) -> None:
    """Return nothing; have `doctor` look at the kernelspec, the extensions, and the course."""
    add_health_check("kernelspec", kernelspec)
    add_health_check("extensions", extensions)
    add_health_check("configuration", lambda: configuration(root))
    add_health_check("gradebook", lambda: gradebook(root))
    add_health_check("exchange", lambda: exchange(root))


def kernelspec() -> Health:
    """Return whether notebooks find the kernel `python3`."""
    from jupyter_client.kernelspec import KernelSpecManager

    if "python3" in KernelSpecManager().find_kernel_specs():
        return Health(True, "the kernel `python3` is there")
    return Health(False, "no kernel `python3`: run `python -m ipykernel install --user`")


def extensions() -> Health:
    """Return whether the formgrader is switched on in JupyterLab."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    manager: Any = ExtensionConfigManager(read_config_path=jupyter_config_path())
    name = "nbgrader.server_extensions.formgrader"
    if manager.get_jpserver_extensions().get(name):
        return Health(True, "the formgrader is switched on")
    return Health(False, f"the formgrader is off: run `jupyter server extension enable {name}`")


def configuration(root: Path) -> Health:
    """Return whether plain nbgrader commands in the course use the engine."""
    from bplib.grading.course import course

    try:
        config = course(root).config
    except ValueError as problem:
        return Health(False, str(problem))
    chosen = [str(item) for item in config.Autograde.get("autograde_preprocessors", [])]
    if any("JailedExecute" in item for item in chosen):
        if "bplib.grading.formgrader" not in str(config.HTMLExporter):
            return Health(
                False,
                "the formgrader shows active parts of students' notebooks here: copy the project's "
                "nbgrader_config.py into the course",
            )
        return Health(True, "plain `nbgrader autograde` uses the jail and the judge")
    return Health(
        False,
        "plain `nbgrader autograde` runs students' code without a jail here: copy the project's "
        "nbgrader_config.py into the course (`bplib grade` is safe in any case)",
    )


def gradebook(root: Path) -> Health:
    """Return whether the gradebook opens and has the tables of this nbgrader."""
    from bplib.grading.course import course

    try:
        api = course(root).api
        with api.gradebook as book:
            count = len(book.assignments)
    except Exception as problem:  # any database, any trouble: it is all the doctor's business
        return Health(False, f"it does not open ({type(problem).__name__}: {problem})"[:300])
    return Health(True, f"it opens and knows {count} assignments")


def exchange(root: Path) -> Health:
    """Return whether nbgrader's exchange, if it is used, can be written."""
    from bplib.grading.course import course

    try:
        config = course(root).config
    except ValueError as problem:
        return Health(False, str(problem))
    folder = Path(config.Exchange.get("root", "/usr/local/share/nbgrader/exchange"))
    if not folder.exists():
        return Health(True, f"not in use ({folder} does not exist)")
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Health(True, f"{folder} can be written")
    return Health(False, f"{folder} cannot be written: run `chmod ugo+rwx {folder}`")
