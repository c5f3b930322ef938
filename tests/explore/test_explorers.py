"""What every explorer must do, without a browser: sliders move pictures, words and code."""

import html
import itertools
import re

import ipywidgets
import numpy as np
import pytest
from matplotlib import pyplot

import bplib.explore
from bplib.explore import EXPLORERS

NAMES = list(EXPLORERS)


@pytest.fixture(scope="module", params=NAMES)
def explorer(request):
    """One explorer of each kind; the tests leave it reset."""
    return EXPLORERS[request.param]()


@pytest.fixture(autouse=True)
def fresh(request):
    """Reset the explorer before a test that uses it."""
    if "explorer" in request.fixturenames:
        request.getfixturevalue("explorer").reset()


def images(explorer):
    return re.findall(r'base64,([^"]+)"', explorer.parts.picture.figure.widget.value)


def state(explorer):
    return explorer.parts.picture.figure.widget.value, explorer.words.value


def moved(control):
    """Put a control at another value than its present one, as a reader would."""
    if isinstance(control, ipywidgets.Checkbox):
        control.value = not control.value
    elif isinstance(control, ipywidgets.Dropdown | ipywidgets.ToggleButtons):
        pairs = [o if isinstance(o, tuple) else (o, o) for o in control.options]
        control.value = next(v for _, v in pairs if v != control.value)
    elif isinstance(control, ipywidgets.FloatLogSlider):
        control.value *= control.base ** (4 * control.step)
    else:
        up = control.value + 4 * control.step
        control.value = up if up <= control.max else control.value - 4 * control.step


def extremes(control):
    if isinstance(control, ipywidgets.Checkbox):
        return [True, False]
    if isinstance(control, ipywidgets.Dropdown | ipywidgets.ToggleButtons):
        return [o[1] if isinstance(o, tuple) else o for o in control.options]
    if isinstance(control, ipywidgets.FloatLogSlider):
        return [control.base**control.min, control.base**control.max]
    return [control.min, control.max]


def test_every_control_moves_picture_or_words(explorer):
    for name, control in explorer.controls.items():
        explorer.reset()
        before = state(explorer)
        moved(control)
        assert state(explorer) != before, f"{name} changes nothing"
        explorer.reset()
        assert state(explorer) == before, f"Reset does not undo {name}"


def test_the_first_slider_changes_image_alt_text_and_words(explorer):
    control = next(c for c in explorer.controls.values() if hasattr(c, "min"))
    before = images(explorer), explorer.alts, explorer.words.value
    moved(control)
    after = images(explorer), explorer.alts, explorer.words.value
    for what, old, new in zip(("pixels", "alt texts", "words"), before, after, strict=True):
        assert new != old, what


def test_one_redraw_per_change_also_for_presets(explorer):
    drawn = []
    explorer.parts.picture.figure.widget.observe(lambda c: drawn.append(c), names="value")
    for text, button in explorer.buttons.items():
        drawn.clear()
        button.click()
        assert len(drawn) <= 1, text
    explorer.parts.picture.figure.widget.unobserve_all()


def test_presets_do_what_they_say(explorer):
    for text, preset in explorer.presets.items():
        explorer.buttons[text].click()
        for name, value in preset.items():
            got = explorer.settings[name]
            if isinstance(value, float):
                assert got == pytest.approx(value, rel=0.07, abs=0.13), (text, name)
            else:
                assert got == value, (text, name)
    explorer.buttons["Reset"].click()
    assert explorer.settings == explorer.start


def test_same_settings_same_bytes_in_a_second_explorer(explorer):
    for control in explorer.controls.values():
        moved(control)
    other = EXPLORERS[NAMES_BY_TITLE[title(explorer)]](**explorer.settings)
    assert images(other) == images(explorer)
    assert other.words.value == explorer.words.value


def title(explorer):
    return re.sub("<[^>]+>", "", explorer.children[0].value)


NAMES_BY_TITLE = {
    "One neuron": "neuron",
    "Saturation": "saturation",
    "A saturated output": "output_error",
    "Where blame comes from": "blame",
    "Backpropagation, step by step": "backprop_stepper",
    "Numerical gradients: right but slow": "gradient_check",
    "Gradient descent": "descent",
    "Vanishing and exploding gradients": "vanishing",
}


NONSENSE = re.compile(r"(?i:\bnan\b|\binf\b)|∞|not a number|\bNone\b")


def said(explorer):
    captions = [panel.caption for panel in explorer.parts.picture.figure.panels]
    return " ".join([explorer.formula, explorer.sentence, *explorer.alts, *captions])


def test_every_corner_neither_warns_nor_talks_nonsense(explorer):
    # Warnings are errors in these tests.  Every combination of extremes, and each alone.
    names = list(explorer.controls)
    ends = [extremes(control) for control in explorer.controls.values()]
    corners = [dict(zip(names, corner, strict=True)) for corner in itertools.product(*ends)]
    alone = [{name: value} for name, values in zip(names, ends, strict=True) for value in values]
    for settings in corners + alone:
        explorer.reset()
        explorer.set(**settings)
        assert not NONSENSE.search(said(explorer)), (settings, said(explorer))
        assert len(images(explorer)) == len(explorer.alts)


def test_nonsense_would_be_seen():
    assert all(map(NONSENSE.search, ("a = nan", "by ∞ times", "is not a number", "inf.")))
    assert not NONSENSE.search("information in finances: 0.5")


def test_the_line_to_copy_opens_the_explorer_as_it_is(explorer):
    for text, preset in {**explorer.presets, "start": {}}.items():
        explorer.reset()
        explorer.set(**preset)
        first, last = explorer.call.split("; ")
        space = {}
        exec(first, space)
        other = eval(last, space)
        assert state(other) == state(explorer), text


def test_every_step_of_the_stepper_says_something_else():
    stepper = EXPLORERS["backprop_stepper"]()
    told = []
    for step in range(stepper.controls["step"].max + 1):
        stepper.set(step=step)
        told.append(stepper.sentence)
    assert len(set(told)) == len(told)
    for step in range(len(told)):  # and it is about the present numbers
        stepper.set(step=step, x_1=2.0, x_2=1.0)
        assert stepper.sentence != told[step], step


def test_alt_texts_say_something_for_every_panel(explorer):
    panels = explorer.parts.picture.figure.panels
    assert len(explorer.alts) == len(panels) == len(images(explorer))
    assert all(len(alt) > 20 and alt.endswith(".") for alt in explorer.alts)


def test_a_wrong_name_or_value_is_refused_and_nothing_moves(explorer):
    before = explorer.settings
    name, control = next((n, c) for n, c in explorer.controls.items() if hasattr(c, "min"))
    with pytest.raises(ValueError, match=r"'nonsense' is not a setting.*allowed: "):
        explorer.set(**{name: extremes(control)[0], "nonsense": 1})
    for wrong in (1e30, -1e30, "text", None, float("nan"), True):
        with pytest.raises(ValueError, match=f"^{name} is .*; allowed is a"):
            explorer.set(**{name: wrong})
    assert explorer.settings == before


def test_the_code_line_runs(explorer):
    *lines, last = html.unescape(explorer.code).split("\n")
    space = {}
    exec("\n".join(lines), space)
    value = eval(last, space)
    assert value is not None


def test_every_slider_has_a_label_and_sends_every_value(explorer):
    for name, control in explorer.controls.items():
        assert control.description, name
        assert len(control.description) <= 20, "longer labels are cut off"
        if hasattr(control, "continuous_update"):
            assert control.continuous_update, name


def test_prediction_needs_a_guess_and_then_tells(explorer):
    box = explorer.prediction
    assert box.reveal.disabled
    verdicts = set()
    for choice in box.asked.choices:
        box.guess.value = choice
        assert not box.reveal.disabled
        assert box.verdict.value == "", "the verdict of the last guess is still there"
        box.reveal.click()
        verdicts.add("Yes" in box.verdict.value)
    assert verdicts == {True, False}, "exactly one guess should be right"
    expected = explorer.start | box.asked.settings
    for name, value in expected.items():
        assert explorer.settings[name] == pytest.approx(value) if isinstance(value, float) else True
    box.guess.value = "choose …"
    assert box.reveal.disabled


def test_many_explorers_leave_no_pyplot_figure():
    before = pyplot.get_fignums()
    for _ in range(3):
        bplib.explore.neuron(w=2.0).set(w=-1.0)
    assert pyplot.get_fignums() == before


def test_fixed_axes(explorer):
    def limits():
        figures = [panel.figure for panel in explorer.parts.picture.figure.panels]
        return [(ax.get_xlim(), ax.get_ylim()) for f in figures for ax in f.axes]

    before = limits()
    explorer.set(**{n: extremes(c)[-1] for n, c in explorer.controls.items()})
    np.testing.assert_array_equal(limits(), before)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("neuron", {"activation": "softmax"}),
        ("saturation", {"second": "linear"}),
        ("output_error", {"target": 2}),
        ("blame", {"unit": "3.1"}),
        ("backprop_stepper", {"step": 10}),
        ("gradient_check", {"dtype": "float16"}),
        ("descent", {"batch_size": 7}),
        ("vanishing", {"standardize": 1}),
    ],
)
def test_a_wrong_start_is_refused_with_what_is_allowed(name, wrong):
    (key,) = wrong
    with pytest.raises(ValueError, match=f"^{key} is .*; allowed is "):
        EXPLORERS[name](**wrong)
