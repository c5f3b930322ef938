"""`bplib doctor`: tries every attack on every backend of the jail, and the health of the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bplib.grading.jail import BACKENDS, UNSAFE, Backend, problem
from bplib.grading.jail.attacks import Attack, Outcome, attacks, attempt
from bplib.grading.jail.trial import TrialError

__all__ = ["Health", "Report", "add_health_check", "attacks", "doctor", "report"]


@dataclass(frozen=True)
class Health:
    """Return whether a part of the installation is well, and one line: so, or what to do."""

    well: bool
    message: str


_HEALTH_CHECKS: dict[str, Callable[[], Health]] = {}


def add_health_check(name: str, check: Callable[[], Health]) -> None:
    """Return nothing; `check` is run by `doctor` and shown under `name`.

    This is the place for kernelspec, extensions, gradebook and exchange. A check answers with
    `Health(False, what to do)`; it does not raise. Raises `ValueError` if the name is taken.
    """
    if name in _HEALTH_CHECKS:
        raise ValueError(f"there is a health check {name!r} already: choose another name")
    _HEALTH_CHECKS[name] = check


@dataclass(frozen=True)
class Report:
    """Return what the doctor found.

    `outcomes[attack][backend name]`; `problems` says of each backend that does not work here why;
    with `controlled`, the backend "none" was tried too: there an attack must not be held.
    """

    outcomes: dict[Attack, dict[str, Outcome]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    health: dict[str, Health] = field(default_factory=dict)
    controlled: bool = False

    def broken(self) -> list[str]:
        """Return a line for each attack that succeeded in a jail."""
        return [
            f"{attack.kind}: {attack.name} ({name}): {outcome.seen}"
            for attack, row in self.outcomes.items()
            for name, outcome in row.items()
            if name != UNSAFE.name and not outcome.held
        ]

    def toothless(self) -> list[str]:
        """Return a line for each attack that fails without a jail, too, for no good reason."""
        return [
            f"{attack.kind}: {attack.name} fails without a jail, too: {row[UNSAFE.name].seen}"
            for attack, row in self.outcomes.items()
            if not attack.needs and UNSAFE.name in row and row[UNSAFE.name].held
        ]

    @property
    def well(self) -> bool:
        """Return whether a backend works, all hold, and all health checks are well."""
        works = len(self.problems) < len(BACKENDS)
        healthy = all(health.well for health in self.health.values())
        return works and healthy and not self.broken() and not self.toothless()


def _attempt(attack: Attack, backend: Backend) -> Outcome:
    try:
        return attempt(attack, backend)
    except TrialError as error:
        return Outcome(backend is UNSAFE, f"could not be tried: {error}")


def doctor(unsafe: bool = False, tell: Callable[[int, int], None] | None = None) -> Report:
    """Return what holds: each of `attacks()` is really attempted on each backend that works here.

    With `unsafe` each is tried without a jail as well, in amounts that do no harm: it must succeed
    there, or its failure in a jail proves nothing. `tell(done, of)` is called after each attempt.
    """
    problems = {b.name: why for b in BACKENDS if (why := problem(b)) is not None}
    backends = [b for b in BACKENDS if b.name not in problems] + ([UNSAFE] if unsafe else [])
    tried = attacks()
    outcomes: dict[Attack, dict[str, Outcome]] = {attack: {} for attack in tried}
    done = 0
    for attack in tried:
        for backend in backends:
            outcomes[attack][backend.name] = _attempt(attack, backend)
            done += 1
            if tell:
                tell(done, len(tried) * len(backends))
    health = {name: check() for name, check in _HEALTH_CHECKS.items()}
    return Report(outcomes, problems, health, controlled=unsafe)


def _cell(attack: Attack, name: str, row: dict[str, Outcome]) -> Text:
    if name not in row:
        return Text("not applicable", "dim")
    if name == UNSAFE.name:
        if not row[name].held:
            return Text("succeeds")
        return Text(f"needs {attack.needs}", "dim") if attack.needs else Text("FAILS", "bold red")
    return Text("held", "green") if row[name].held else Text("BROKEN", "bold red")


def _table(found: Report) -> Table:
    table = Table("attack", *(backend.name for backend in BACKENDS))
    if found.controlled:
        table.add_column("without a jail")
    names = [backend.name for backend in BACKENDS] + [UNSAFE.name] * found.controlled
    kind = ""
    for attack, row in found.outcomes.items():
        if attack.kind != kind:
            kind = attack.kind
            table.add_section()
        table.add_row(Text(f"{kind}: {attack.name}"), *(_cell(attack, name, row) for name in names))
    return table


def report(console: Console, unsafe: bool = False) -> int:
    """Return the exit status, 0 if all is well, after printing what `doctor` found."""
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("trying the attacks")
        found = doctor(unsafe, lambda done, of: progress.update(task, completed=done, total=of))
    console.print(_table(found))
    for name, why in found.problems.items():
        console.print(Text(f"{name}: not available: {why}", "yellow"))
    for name, health in found.health.items():
        style = "green" if health.well else "bold red"
        console.print(Text(f"{name}: ").append(health.message, style))
    for line in found.broken() + found.toothless():
        console.print(Text(line, "red"))
    if len(found.problems) == len(BACKENDS):
        console.print(Text("No jail works here: grading will refuse to start.", "bold red"))
    elif found.well:
        console.print(Text("Every attack was held.", "green"))
    return 0 if found.well else 1
