"""Two misconceptions at once: a student who makes one mistake may make another."""

from itertools import combinations

from bplib.exercises.exercise import Exercise, Variant


def pairs(exercise: Exercise) -> dict[tuple[str, str], Variant]:
    """Wrong implementations with two misconceptions each, by their ids.

    Made of the slips whose edits can both be applied to the text of the same style; a misconception
    that is declared as a whole function, or touches the same words as the other, is in no pair.
    """
    if exercise.pairs is None:
        made = {
            (one.name, other.name): compose(exercise, one, other)
            for one, other in combinations(exercise.misconceptions.values(), 2)
        }
        exercise.pairs = {names: variant for names, variant in made.items() if variant is not None}
    return exercise.pairs


def compose(exercise: Exercise, one: Variant, other: Variant) -> Variant | None:
    """The wrong implementation with the edits of both slips; None where one undoes the other's."""
    if not (one.edits and other.edits) or one.style != other.style:
        return None
    for edits in ((*one.edits, *other.edits), (*other.edits, *one.edits)):
        source = _edited(exercise.styles[one.style].source, edits)
        if source is not None:
            return Variant(f"{one.name} + {other.name}", source, exercise.name, edits, one.style)
    return None


def _edited(source: str, edits: tuple[tuple[str, str], ...]) -> str | None:
    for old, new in edits:
        if source.count(old) != 1:
            return None
        source = source.replace(old, new)
    return source
