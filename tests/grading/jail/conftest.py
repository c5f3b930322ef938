"""The backends of the jail as test parameters; a missing one is loud, and in CI a failure."""

import os

import pytest

from bplib.grading.jail import BACKENDS, Backend, problem


def _usable(backend: Backend) -> Backend:
    why = problem(backend)
    if why and os.environ.get("CI"):
        pytest.fail(f"CI must check every jail: {why}")
    if why:
        pytest.skip(f"NOT CHECKED: {why}")
    return backend


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    return _usable(request.param)
