"""Every attack on every backend, and without a jail: one that cannot succeed proves nothing."""

import pytest

from bplib.grading.jail import UNSAFE, Backend
from bplib.grading.jail.attacks import Attack, attacks, attempt

ATTACKS = attacks()


def _name(attack: Attack) -> str:
    return f"{attack.kind}: {attack.name}".replace("/", "_")


@pytest.mark.parametrize("attack", ATTACKS, ids=_name)
def test_jail_holds(attack: Attack, backend: Backend) -> None:
    outcome = attempt(attack, backend)
    assert outcome.held, outcome.seen


@pytest.mark.parametrize("attack", [a for a in ATTACKS if not a.needs], ids=_name)
def test_succeeds_without_a_jail(attack: Attack) -> None:
    outcome = attempt(attack, UNSAFE)
    assert not outcome.held, outcome.seen


def test_every_kind_has_attacks_with_distinct_names() -> None:
    assert len({(a.kind, a.name) for a in ATTACKS}) == len(ATTACKS)
    assert {a.kind for a in ATTACKS} == {
        "network", "reading", "package", "writing", "processes", "resources", "kernel",
    }  # fmt: skip
