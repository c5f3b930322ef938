"""Where the work is done: processes of this machine, or a Dask cluster. Same work, same marks."""

import importlib
import multiprocessing
import os
import re
import signal
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from bplib.grading.jail import die_with_parent

__all__ = ["Cluster", "Local", "Workers"]


class Workers(Protocol):
    """What sends work to an executor; `size` jobs run at a time."""

    size: int

    def __enter__(self) -> Self:
        """Start, and return this."""

    def __exit__(self, *error: Any) -> None:
        """Stop; work that still runs is given up."""

    @property
    def executor(self) -> Executor:
        """Return the executor that works now."""

    def renew(self) -> None:
        """Return nothing; make a new executor after a worker has ended and broken the old one."""


class Local:
    """Return `size` processes of this machine, each with its own warm engine.

    folder: where they put what they need for a moment; whoever starts them removes it.
    """

    def __init__(self, size: int, folder: Path) -> None:
        if size < 1:
            raise ValueError(f"--jobs should be at least 1, got {size}; 0 takes one per processor")
        self.size, self._folder = size, folder
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._give_up()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    @property
    def executor(self) -> Executor:
        """Return the pool; it is started when it is first asked for."""
        if self._pool is None:
            # A fresh interpreter: a fork would copy the gradebook's connection and our threads.
            context = multiprocessing.get_context("spawn")
            # Every processor has a worker; NumPy's own threads would only wait for each other.
            os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by OpenBLAS and MKL
            self._pool = ProcessPoolExecutor(
                self.size, context, initializer=_begin, initargs=(str(self._folder), os.getpid())
            )
        return self._pool

    def renew(self) -> None:
        """Return nothing; give up the broken pool."""
        if self._pool:
            self._give_up()
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _give_up(self) -> None:
        for process in multiprocessing.active_children():
            process.terminate()


def _begin(folder: str, parent: int) -> None:
    """First thing in a worker: it ends with the coordinator, and leaves Ctrl-C to it."""
    die_with_parent()
    if os.getppid() != parent:
        raise SystemExit("the coordinator has ended")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder
    importlib.import_module("bplib.grading.worker")  # while the coordinator imports nbgrader


class Cluster:
    """Return the workers of the Dask scheduler at `address` ("tcp://host:8786").

    Every worker runs one job at a time. Raises ValueError if the address is none, Dask is not
    installed, or nobody answers.
    """

    def __init__(self, address: str) -> None:
        if not re.fullmatch(r"((tcp|tls|ucx|wss?)://)?[^/\s]+:\d+", address):
            raise ValueError(
                f"--scheduler should be an address like tcp://host:8786, got {address!r}"
            )
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise ValueError(
                "--scheduler needs Dask: install it with `pip install 'bplib[cluster]'`"
            ) from None
        try:
            self._client: Any = distributed.Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError) as problem:
            raise ValueError(f"no Dask scheduler answers at {address}: {problem}") from None
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            self._client.close()
            raise ValueError(f"the scheduler at {address} has no workers: start some first")
        self.size = len(workers)
        self._executor: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False)
        self._client.close()

    @property
    def executor(self) -> Executor:
        """Return Dask's own executor; a job that loses its worker is sent to another one."""
        if self._executor is None:
            self._executor = self._client.get_executor(pure=False, retries=2)
        return self._executor

    def renew(self) -> None:
        """Return nothing; Dask replaces its workers itself."""
