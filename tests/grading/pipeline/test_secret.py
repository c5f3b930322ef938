"""Every student's cases follow from a secret that nobody else can compute with."""

import pytest

from bplib.grading.secret import course_secret, exercise_seed, submission_key


def test_it_is_made_once_and_readable_by_its_owner_alone(tmp_path):
    first = course_secret(tmp_path)
    assert course_secret(tmp_path) == first
    assert len(first) == 32
    path = tmp_path / ".bplib" / "secret"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["secret"]


def test_a_damaged_one_is_not_used(tmp_path):
    course_secret(tmp_path)
    (tmp_path / ".bplib" / "secret").write_bytes(b"short")
    with pytest.raises(ValueError, match="should hold 32 bytes, got 5"):
        course_secret(tmp_path)


def test_students_assignments_and_exercises_have_seeds_of_their_own():
    seeds = {
        exercise_seed(submission_key(secret, student, assignment), exercise)
        for secret in (b"a" * 32, b"b" * 32)
        for student, assignment in (("ada", "b"), ("ad", "ab"), ("ada:b", ""), ("ada", "c"))
        for exercise in ("04.x", "05.x")
    }
    assert len(seeds) == 16
    assert all(0 <= seed < 2**128 for seed in seeds)
