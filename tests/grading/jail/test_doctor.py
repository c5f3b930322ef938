"""The doctor's table says what was found, and its exit status follows."""

import io

import pytest
from rich.console import Console

from bplib.grading import doctor
from bplib.grading.doctor import Health, Report, add_health_check, report
from bplib.grading.jail import BACKENDS, UNSAFE
from bplib.grading.jail.attacks import Attack, Outcome

SPY = Attack("reading", "[b]gradebook", "won = True")
HELD, BROKEN = Outcome(True, "refused"), Outcome(False, "it succeeded")


def _shown(monkeypatch: pytest.MonkeyPatch, unsafe: bool, jail: Outcome, bare: Outcome) -> str:
    monkeypatch.setattr(doctor, "attacks", lambda: [SPY])
    monkeypatch.setattr(doctor, "problem", lambda backend: None)
    monkeypatch.setattr(doctor, "attempt", lambda _, b: bare if b is UNSAFE else jail)
    console = Console(file=io.StringIO(), width=120)
    status = report(console, unsafe)
    assert isinstance(console.file, io.StringIO)
    return f"{status} {console.file.getvalue()}"


def test_all_held(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _shown(monkeypatch, True, HELD, BROKEN)
    assert shown.startswith("0 ")
    assert "reading: [b]gradebook" in shown
    assert "succeeds" in shown
    assert "Every attack was held." in shown


def test_broken_jail_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _shown(monkeypatch, False, BROKEN, BROKEN)
    assert shown.startswith("1 ")
    assert "BROKEN" in shown
    assert "reading: [b]gradebook (landlock): it succeeded" in shown


def test_attack_that_always_fails_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _shown(monkeypatch, True, HELD, HELD)
    assert shown.startswith("1 ")
    assert "fails without a jail, too" in shown


def test_no_backend_is_a_failure_with_the_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "problem", lambda backend: f"no {backend.name} here")
    console = Console(file=io.StringIO(), width=120)
    assert report(console) == 1
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "no bubblewrap here" in shown
    assert "grading will refuse to start" in shown


def test_health_checks_are_shown_and_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_HEALTH_CHECKS", {})
    add_health_check("gradebook", lambda: Health(False, "cannot be written: chmod u+w it"))
    with pytest.raises(ValueError, match="already"):
        add_health_check("gradebook", lambda: Health(True, "well"))
    shown = _shown(monkeypatch, False, HELD, HELD)
    assert shown.startswith("1 ")
    assert "gradebook: cannot be written: chmod u+w it" in shown


def test_report_of_nothing_is_not_well() -> None:
    assert not Report(problems={backend.name: "missing" for backend in BACKENDS}).well
