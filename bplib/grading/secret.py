"""The course's secret, from which the cases of every student follow.

Whoever knows it could compute the hidden cases in advance; it never leaves the instructor's
machine. A worker gets a key for one submission, which says nothing about any other.
"""

import hashlib
import hmac
import os
from pathlib import Path

__all__ = ["STATE", "course_secret", "exercise_seed", "submission_key"]

# What grading keeps in the course folder: the secret, the lock, records, what was set aside.
STATE = ".bplib"
SIZE = 32


def course_secret(root: Path) -> bytes:
    """Return the secret of the course in `root`, made at first use: 32 random bytes.

    Raises ValueError if the file has another size (a half-written or edited one).
    """
    path = root / STATE / "secret"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f"secret.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(os.urandom(SIZE))
        try:
            os.link(draft, path)  # the first of two processes wins, and nobody sees half of it
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    secret = path.read_bytes()
    if len(secret) != SIZE:
        raise ValueError(
            f"{path} should hold {SIZE} bytes, got {len(secret)}; restore it from a backup, or "
            "delete it (then the next grading draws new cases for everybody)"
        )
    return secret


def submission_key(secret: bytes, student: str, assignment: str) -> bytes:
    """Return the key of one submission: HMAC-SHA256 of the secret over both names."""
    message = f"{len(student)}:{student}:{assignment}".encode()
    return hmac.digest(secret, message, hashlib.sha256)


def exercise_seed(key: bytes, exercise: str) -> int:
    """Return the seed of an exercise's questions, 0 … 2¹²⁸ − 1: HMAC of the submission's key."""
    return int.from_bytes(hmac.digest(key, exercise.encode(), hashlib.sha256)[:16], "big")
