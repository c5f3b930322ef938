"""What an exercise is: one declaration, from which keys, hidden tests and hints follow."""

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator

from bplib.answers import Array, leaves
from bplib.exercises.catalogue import Entry, entry
from bplib.exercises.families import FAMILIES, Family
from bplib.functions import NamedFunction

Function = Callable[..., Any]
# A derivation is about one number; it is checked at this many points at once. No prime width is 4.
POINTS = 4


@dataclass(frozen=True)
class Case:
    """One random situation.

    inputs: what the student's function is called with, in the order of its signature.
    hidden: what only the numerical oracle needs (such as the activation behind a slope).
    m:      the number of examples in it, whose powers are the likeliest wrong factors.
    """

    inputs: Mapping[str, Any]
    m: int
    hidden: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Variant:
    """One way to write the student's function, right or wrong, as source text that uses only `np`.

    A right one is a style ("loops"); a wrong one carries the misconception's id as its name.
    edits, style: for a slip, what was changed in the text of which style.
    """

    name: str
    source: str
    call: str
    edits: tuple[tuple[str, str], ...] = ()
    style: str = ""

    @cached_property
    def function(self) -> Function:
        """The compiled function."""
        scope: dict[str, Any] = {"np": np}
        exec(compile(self.source, f"<{self.call}: {self.name}>", "exec"), scope)
        return scope[self.call]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Question:
    """A case with its right answer from both oracles: what a judge asks and compares with."""

    family: Family
    case: Case
    labels: Any
    right: Mapping[str, Array]
    numeric: Mapping[str, Array]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The right shape of every array by name."""
        return {name: array.shape for name, array in self.right.items()}

    @property
    def label(self) -> str:
        """The situation in one line: "m = 3, W_next (2, 5), dphi_z (3, 5)", "at 4 points, z".

        A single example needs no number, and layers, gradients or costs alone have none.
        """
        inputs = self.case.inputs.items()
        functions = [f"{k} is {v.name}" for k, v in inputs if isinstance(v, NamedFunction)]
        arrays = [(k, v) for k, v in inputs if isinstance(v, np.ndarray)]
        answers = [*self.right.values(), *(v for _, v in arrays)]
        if self.case.m == 1 and arrays and all(a.shape == (POINTS,) for a in answers):
            return ", ".join([f"at {POINTS} points", *functions, *(k for k, _ in arrays)])
        m = [f"m = {self.case.m}"] if self.case.m > 1 else []
        return ", ".join([*m, *functions, *(f"{k} {v.shape}" for k, v in arrays)])


@dataclass(frozen=True)
class SizeGate:
    """One large case, on which a numerical method runs out of time and no honest style does.

    draw: makes the case; cpu_seconds: the limit for it, by CPU time.
    points: what it is worth, out of those of the exercise.
    """

    draw: Callable[[Generator], Case]
    cpu_seconds: float
    points: float


@dataclass
class Exercise:
    """A graded function, declared once.

    id:        "04.hidden_error"; the number is the unit's.
    title:     what the student reads above it.
    call:      the signature, "hidden_error(W_next, delta_next, dphi_z)".
    returns:   names of what comes back, in order, with their shapes as text.
    equation:  the name under which the lesson knows it ("BP2").
    reference: a call into bplib.nn with the same arguments.
    points:    what it is worth.
    by_line:   True for a derivation: every line is graded on its own, a None is an open line.
    families:  names of the families to draw from; by default all of them.
    sentences: what a family means here, where its own sentence speaks of units and there are none.
    visible:   names of the families whose fixed cases the student may see.
    labels:    for answers of varying length: names for the leaves of one right answer.
    steps:     for answers made of several steps: credit by step (see `follow_through`).
    upward:    for answers with `labels`: True if the first part comes first, as in a forward pass.
    forbid_warnings: True if a RuntimeWarning of NumPy (an overflow) costs the case it came in.
    notice:    what a student who is right should look at next.
    pairs:     two misconceptions at once, by their ids; made when first asked for (see `pairs`).
    gate:      one large case with a time limit, where a numerical method would pass otherwise.
    """

    id: str
    title: str
    call: str
    returns: Mapping[str, str]
    equation: str
    reference: Function
    points: int
    by_line: bool = False
    families: tuple[str, ...] = tuple(f.name for f in FAMILIES)
    visible: tuple[str, ...] = ("ordinary", "one-example", "equal-widths")
    labels: Callable[[Any], Any] | None = None
    steps: Callable[..., Any] | None = None
    upward: bool = False
    forbid_warnings: bool = False
    sentences: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    styles: dict[str, Variant] = field(default_factory=dict)
    misconceptions: dict[str, Variant] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Variant] | None = None
    draw: Callable[[Generator, Family], Case] | None = None
    nudge: Function | None = None
    gate: SizeGate | None = None

    @property
    def name(self) -> str:
        """The function's name: "hidden_error"."""
        return self.call.partition("(")[0]

    @property
    def unit(self) -> str:
        """The unit's number: "04"."""
        return self.id.partition(".")[0]

    def cases(
        self, draw: Callable[[Generator, Family], Case]
    ) -> Callable[[Generator, Family], Case]:
        """Decorator for the function that draws a case of a family."""
        self.draw = draw
        return draw

    def numeric(self, nudge: Function) -> Function:
        """Decorator for the second oracle: the same answer by finite differences.

        It is called with the case's inputs and its hidden values, by name.
        """
        self.nudge = nudge
        return nudge

    def size_gate(
        self, *, cpu_seconds: float, points: float
    ) -> Callable[[Callable[[Generator], Case]], Callable[[Generator], Case]]:
        """Decorator for the function that draws one large case, to be answered in cpu_seconds.

        Draw it so that the limit is at least 3 times what the slowest honest style needs, plain
        Python loops, and that differences by each parameter need 5 times the limit; a test measures
        both. No tolerance can tell these methods apart, for a complex step is exact.
        The grading engine asks it, with the limit. The judge in process does not: nothing there
        could stop a function that is late.
        Raises ValueError if the limit is not above 0, or the points leave none for the rest.
        """
        if not (cpu_seconds > 0 and 0 < points < self.points):
            raise ValueError(
                f"{self.id}: cpu_seconds={cpu_seconds!r} and points={points!r}; give seconds above "
                f"0, and points between 0 and {self.points}, which the small cases share with it"
            )

        def register(draw: Callable[[Generator], Case]) -> Callable[[Generator], Case]:
            self.gate = SizeGate(draw, cpu_seconds, points)
            return draw

        return register

    def style(self, name: str) -> Callable[[Function], Function]:
        """Decorator for a right implementation, as a student with that habit would write it."""

        def register(function: Function) -> Function:
            self.styles[name] = Variant(name, _source(function, self.name), self.name)
            return function

        return register

    def misconception(self, name: str) -> Callable[[Function], Function]:
        """Decorator for a wrong implementation; its hint stands in the catalogue.

        Raises ValueError if the catalogue does not know the name.
        """
        entry(name)

        def register(function: Function) -> Function:
            self.misconceptions[name] = Variant(name, _source(function, self.name), self.name)
            return function

        return register

    def slip(self, name: str, *edits: tuple[str, str], style: str = "vectorized") -> None:
        """Declare a misconception as edits (old, new) to the text of a right implementation.

        Raises ValueError if the catalogue does not know the name, or an old text does not occur
        exactly once.
        """
        entry(name)
        source = self.styles[style].source
        for old, new in edits:
            if source.count(old) != 1:
                raise ValueError(
                    f"{self.id}, {name}: {old!r} occurs {source.count(old)} times in style "
                    f"{style!r}; an edit needs exactly one place"
                )
            source = source.replace(old, new)
        self.misconceptions[name] = Variant(name, source, self.name, edits, style)

    def hints(self) -> dict[str, Entry]:
        """The catalogue's entries for the misconceptions of this exercise, by id."""
        return {name: entry(name) for name in self.misconceptions}

    def question(self, family: Family, rng: Generator) -> Question:
        """A fresh case of the family, with its answer from both oracles.

        Raises ValueError if the declaration has no cases or no numerical oracle.
        """
        if self.draw is None or self.nudge is None:
            raise ValueError(f"{self.id} declares no cases or no numerical oracle")
        case = self.draw(rng, family)
        answer = self.reference(**case.inputs)
        labels = self.labels(answer) if self.labels else _labels(self.returns)
        checked = self.nudge(**case.inputs, **case.hidden)
        right, numeric = self.named(answer, labels), self.named(checked, labels)
        usual = (case.m == 1 and family.alone) or family.sentence
        sentence = self.sentences.get(family.name, usual)
        here = family if sentence == family.sentence else replace(family, sentence=sentence)
        return Question(here, case, labels, right, numeric)

    def large_question(self, seed: int) -> Question:
        """The case of the size gate, drawn from the seed, with the reference's answer alone.

        A numerical oracle would be as slow as what the gate is to refuse.
        Raises ValueError if the declaration has no size gate.
        """
        if self.gate is None:
            raise ValueError(f"{self.id} declares no size gate")
        case = self.gate.draw(np.random.default_rng([seed, *b"large", *self.id.encode()]))
        answer = self.reference(**case.inputs)
        labels = self.labels(answer) if self.labels else _labels(self.returns)
        family = Family("large", "a large network")
        return Question(family, case, labels, self.named(answer, labels), {})

    def named(self, answer: Any, labels: Any) -> dict[str, Array]:
        """The leaves of an answer as float64 arrays by name, in the order of the computation.

        Answers with `labels` run from layer 1 to L; errors are made from L down, so L comes first,
        while a forward pass makes Z[1], A[1], Z[2], A[2], …
        """
        named = [(name, np.asarray(leaf, np.float64)) for name, leaf in leaves(answer, labels)]
        if self.upward:
            return dict(sorted(named, key=lambda pair: int(re.sub(r"\D", "", pair[0]))))
        return dict(reversed(named) if self.labels else named)

    def questions(self, *seed: int) -> Iterator[Question]:
        """One question per family, drawn from the seed: the same seed asks the same questions."""
        name: Any = np.array([*self.id.encode()], np.uint32)
        for index, family in enumerate(FAMILIES):
            if family.name in self.families:
                rng = np.random.default_rng([*seed, index, name])
                yield self.question(family, rng)


def _labels(returns: Mapping[str, str]) -> str | tuple[str, ...]:
    names = tuple(returns)
    return names[0] if len(names) == 1 else names


def _source(function: Function, name: str) -> str:
    """The function's own text under the student's name, without decorators."""
    text = textwrap.dedent(inspect.getsource(function))
    return re.sub(r"\A.*?^def \w+\(", f"def {name}(", text, count=1, flags=re.DOTALL | re.MULTILINE)
