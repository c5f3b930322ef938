"""Text from a process that nobody vouches for, made harmless to store and to print."""

__all__ = ["clean"]

# Tab and newline are text; carriage return and escape move the cursor, which pages know to show.
_KEPT = {"\t", "\n", "\r", "\b", "\x1b"}
_DROPPED = {code: None for code in range(32) if chr(code) not in _KEPT} | {0x7F: None}
_DROPPED |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))  # reorder what is read


def clean(text: str, limit: int) -> str:
    """Return at most `limit` characters that every file and terminal can take.

    Lone surrogates cannot be written as UTF-8 and become "?"; control characters are dropped.

    >>> clean("ok\\ud800\\x00!", 10)
    'ok?!'
    """
    return text[:limit].encode("utf-8", "replace").decode("utf-8").translate(_DROPPED)
