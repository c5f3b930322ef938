"""No job is lost and none is done twice, whatever happens to a worker."""

from concurrent.futures import BrokenExecutor, Future

import pytest

from bplib.grading.dispatch import TRIES, Failure, results
from bplib.grading.executors import Local
from bplib.grading.worker import Job


class Workers:
    """Two imaginary workers; `behave(job)` raises what happens to them."""

    size = 2

    def __init__(self):
        self.renewed, self.sent, self.under_way = 0, [], []

    @property
    def executor(self):
        return self

    def submit(self, grade, job):
        self.sent.append(job.student)
        future = Future()
        try:
            future.set_result(grade(job))
        except BaseException as problem:
            future.set_exception(problem)
        return future

    def renew(self):
        self.renewed += 1


def jobs(*names):
    return [Job(name, "week", b"", None, ()) for name in names]


def name_of(job):
    return job.student


def test_every_job_comes_back_once():
    names = [f"s{number}" for number in range(20)]
    assert sorted(results(jobs(*names), Workers(), name_of)) == sorted(names)


def test_few_jobs_are_under_way_at_a_time():
    taken = []

    def lazily():
        for job in jobs(*"abcdefghij"):
            taken.append(job)
            yield job

    outcomes = results(lazily(), Workers(), name_of)
    next(outcomes)
    assert len(taken) <= 4


def test_a_job_that_breaks_its_worker_is_given_up_and_takes_no_other_with_it():
    workers = Workers()

    def grade(job):
        if job.student == "bomb":
            raise BrokenExecutor("gone")
        return job.student

    outcomes = list(results(jobs("a", "bomb", "b", "c"), workers, grade))
    assert sorted(o for o in outcomes if isinstance(o, str)) == ["a", "b", "c"]
    (failure,) = [o for o in outcomes if isinstance(o, Failure)]
    assert failure.student == "bomb"
    assert "ended" in failure.cause
    assert workers.sent.count("bomb") == TRIES
    assert workers.renewed == TRIES


def test_an_engine_that_failed_once_is_tried_again():
    failed = []

    def grade(job):
        if not failed:
            failed.append(job)
            raise RuntimeError("the zygote ended")
        return job.student

    assert sorted(results(jobs("a", "b"), Workers(), grade)) == ["a", "b"]


def test_the_cause_is_one_line():
    def grade(job):
        raise RuntimeError("first line\nsecond line")

    (failure,) = results(jobs("a"), Workers(), grade)
    assert failure == Failure("a", "RuntimeError: first line")


def test_at_least_one_worker(tmp_path):
    with pytest.raises(ValueError, match="at least 1, got 0"):
        Local(0, tmp_path)
