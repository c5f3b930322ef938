"""The numbers of the explorers: pure functions, checked against the mathematics."""

import html

import numpy as np
import pytest

from bplib import nn, numeric
from bplib.explore import EXPLORERS
from bplib.explore.explorers import (
    blame,
    checking,
    descent,
    neuron,
    output_error,
    saturation,
    stepper,
    vanishing,
)
from bplib.explore.passes import both_ways


def code_value(explorer):
    """Run the code line of an explorer, and return the value of its last line."""
    *lines, last = html.unescape(explorer.code).split("\n")
    space = {}
    exec("\n".join(lines), space)
    return eval(last, space)


class TestCodeGivesTheNumberShown:
    def test_neuron(self):
        explorer = EXPLORERS["neuron"](w=-2.0, b=0.5, x=1.5, activation="elu")
        assert code_value(explorer) == pytest.approx(explorer.numbers.a)

    def test_output_error(self):
        explorer = EXPLORERS["output_error"](z=-3.0, target=1)
        assert code_value(explorer) == pytest.approx(explorer.numbers.delta[0])

    def test_blame(self):
        explorer = EXPLORERS["blame"](unit="1.3", push=1.0, gain=2.0)
        assert code_value(explorer) == pytest.approx(explorer.numbers.blame, rel=1e-4)

    def test_stepper(self):
        explorer = EXPLORERS["backprop_stepper"](step=9, x_1=0.7)
        for (dW, db), (dW_shown, db_shown) in zip(
            code_value(explorer), explorer.numbers.grads, strict=True
        ):
            np.testing.assert_allclose(dW, dW_shown, rtol=1e-4)
            np.testing.assert_allclose(db, db_shown, rtol=1e-4)

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_gradient_check(self, dtype):
        explorer = EXPLORERS["gradient_check"](h=1e-2, dtype=dtype)
        assert code_value(explorer) == pytest.approx(explorer.numbers.error[1])

    def test_descent(self):
        stops = set()
        for preset in EXPLORERS["descent"]().presets.values():
            explorer = EXPLORERS["descent"](**preset)
            shown = explorer.numbers
            stops.add(shown.stop)
            assert code_value(explorer) == pytest.approx(shown.run.train[shown.stop or -1])
        assert None in stops  # both kinds: to the end,
        assert len(stops) > 1  # and stopped before

    def test_vanishing(self):
        explorer = EXPLORERS["vanishing"](depth=6, activation="relu", init="he")
        norms = explorer.numbers.norms
        assert code_value(explorer) == pytest.approx(norms[0] / norms[-1])

    @pytest.mark.parametrize("first", saturation.SIX)
    def test_saturation(self, first):
        explorer = EXPLORERS["saturation"](first=first, bias=-1.0)
        shown = explorer.numbers.sides[0].saturated
        # The code draws 10,000 z of its own from the same distribution.
        assert code_value(explorer) == pytest.approx(shown, abs=0.04)


class TestNeuron:
    def test_notations_swap_a_and_z(self):
        nielsen, bishop = (
            neuron.formula(neuron.numbers(2.0, 1.0, 0.5, "sigmoid", name))
            for name in ("Nielsen", "Bishop")
        )
        assert "<i>z</i> = w·x + b" in nielsen
        assert "<i>a</i> = w·x + w₀" in bishop
        assert "<i>z</i> = σ(a)" in bishop

    def test_weight_zero_has_no_place_to_cross(self):
        n = neuron.numbers(0.0, 1.0, 0.5, "sigmoid", "Nielsen")
        assert "does not see its input" in neuron.sentence(n)


class TestSaturation:
    @pytest.mark.parametrize("name", saturation.SIX)
    def test_slope_is_the_slope(self, name):
        z = np.array([-3.0, -0.7, 0.4, 2.0])
        numerical = numeric.central_difference(lambda v: saturation.phi(name, v).sum(), z)
        np.testing.assert_allclose(saturation.slope(name, z), numerical, atol=1e-8)

    def test_z_has_the_spread_that_is_told(self):
        n = saturation.numbers(3.0, 2.0, 0.5, "tanh", "elu")
        assert n.Z.mean() == pytest.approx(2.0, abs=0.1)
        assert n.Z.std() == pytest.approx(1.5, rel=0.1)

    def test_half_of_relu_is_flat_and_leaky_never(self):
        relu, leaky = saturation.numbers(1.0, 0.0, 1.0, "relu", "leaky_relu").sides
        assert relu.saturated == pytest.approx(0.5, abs=0.03)
        assert leaky.saturated == 0

    def test_a_larger_gain_saturates_sigmoids(self):
        shares = [
            saturation.numbers(gain, 0.0, 1.0, "sigmoid", "relu").sides[0].saturated
            for gain in (0.5, 2.0, 8.0, 30.0)
        ]
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert shares[-1] > 0.8


class TestOutputError:
    def test_cross_entropy_cancels_the_slope(self):
        n = output_error.numbers(-6.0, 1, 0.1)
        assert n.delta[0] == pytest.approx(n.delta[1] * n.slope)
        assert n.delta[1] == pytest.approx(n.a - 1)

    @pytest.mark.parametrize("i", [0, 1])
    def test_first_step_of_learning_is_gradient_descent(self, i):
        n = output_error.numbers(-2.0, 1, 0.5)
        # w and b both move by −η delta, and x = 1.
        z = -2.0 - 2 * 0.5 * n.delta[i]
        assert n.distance[i][0] == pytest.approx(1 - n.a)
        assert n.distance[i][1] == pytest.approx(abs(float(nn.sigmoid(z)) - 1))

    def test_never_reached_is_none(self):
        assert output_error.steps_to_half(np.ones(5)) is None
        assert output_error.steps_to_half(np.array([1, 0.6, 0.4])) == 2


class TestBlame:
    @pytest.mark.parametrize("unit", blame.UNITS)
    def test_every_layer_above_carries_all_of_the_blame(self, unit):
        n = blame.numbers(unit, 0.5, 2.0, 2)
        assert list(n.flows) == list(range(n.layer + 1, blame.L + 1))
        for flow in n.flows.values():
            assert flow.sum() == pytest.approx(n.blame)

    @pytest.mark.parametrize("unit", blame.UNITS)
    def test_blame_is_the_numerical_slope_of_the_bias(self, unit):
        def cost(push):
            net = blame.network(unit, float(push[0]), 1.5)
            return net.cost(blame._inputs()[2:3], blame.TARGET)

        slope = numeric.central_difference(cost, np.array([0.3]))[0]
        assert blame.numbers(unit, 0.3, 1.5, 3).blame == pytest.approx(slope, rel=1e-6)

    def test_a_saturated_unit_gets_none(self):
        rest, pushed = (abs(blame.numbers("1.2", push, 1.0, 1).blame) for push in (0.0, 8.0))
        assert pushed < 0.01 * rest


class TestStepper:
    def test_nothing_is_shown_before_it_is_known(self):
        explorer = EXPLORERS["backprop_stepper"]()
        picture = explorer.parts.picture
        for step in range(stepper.LAST + 1):
            explorer.set(step=step)
            known = [[cell.text != "?" for cell in cells] for cells in picture.entries]
            assert all(known[1]) == (step >= 7)
            assert any(known[1]) == (step >= 7)
            assert any(known[0]) == all(known[0]) == (step == 9)
            assert ("δ" in picture.units[2][0].text) == (step >= 6)
            assert ("δ" in picture.units[1][0].text) == (step >= 8)
            assert stepper.STEPS[step] in explorer.formula

    def test_back_and_next_stop_at_the_ends(self):
        explorer = EXPLORERS["backprop_stepper"]()
        back, forth = explorer.children[2].children[-1].children
        back.click()
        assert explorer.settings["step"] == 0
        for _ in range(stepper.LAST + 3):
            forth.click()
        assert explorer.settings["step"] == stepper.LAST


class TestChecking:
    def test_the_slope_is_right(self):
        x = np.array([checking._params("float64")[0][0][0, 0]])
        exact = numeric.complex_step(checking.cost_of, x)[0]
        assert checking.exact_slope() == pytest.approx(exact, rel=1e-14)

    def test_the_curves_are_v_shaped(self):
        forward, central, complex_step = checking.numbers(1e-3, "float64", 10.0).over_h
        for curve in (forward, central):
            lowest = np.nanmin(curve)
            assert curve[0] > 1e4 * lowest
            assert curve[-1] > 1e4 * lowest
        assert np.nanmin(central) < np.nanmin(forward)
        assert complex_step[:20].max() < 1e-14

    def test_orders_of_the_errors(self):
        coarse, fine = (checking.numbers(h, "float64", 10.0).error for h in (1e-2, 1e-3))
        assert coarse[0] / fine[0] == pytest.approx(10, rel=0.1)
        assert coarse[1] / fine[1] == pytest.approx(100, rel=0.1)

    def test_a_step_that_is_refused_is_told_and_not_drawn(self):
        explorer = EXPLORERS["gradient_check"](h=1e-8, dtype="float32")
        assert np.isnan(explorer.numbers.error[0])
        assert "refused" in explorer.sentence
        assert "refused" in explorer.alts[0]

    def test_evaluations(self):
        assert checking.numbers(1e-3, "float64", 1e6).evaluations == (1_000_001, 2_000_000, 1e6)


class TestDescent:
    def test_the_run_is_what_train_does(self):
        made = descent.run(0.5, 20)
        X, Y, _, _ = descent.data()
        net = descent.network(*descent.START)
        costs = net.train(X, Y, 0.5, 20, descent.EPOCHS, progress=False)
        np.testing.assert_allclose(made.train[1:], costs)
        np.testing.assert_allclose(made.path[-1], net.params[0][0][0])

    @pytest.mark.parametrize(
        ("costs", "patience", "expected"),
        [
            ([3, 2, 1, 0], 1, (None, 3)),
            ([3, 2, 2, 2], 2, (3, 1)),
            ([3, 2, 2.5, 1, 1.5], 2, (None, 3)),
            ([1, 2, 0], 1, (1, 0)),
            ([1, float("inf"), float("inf")], 2, (2, 0)),
        ],
    )
    def test_patience(self, costs, patience, expected):
        assert descent.stopping(np.array(costs, float), patience) == expected

    def test_the_lowest_cost_of_the_landscape_is_near_the_end_of_a_good_run(self):
        C, _ = descent.landscape()
        assert descent.run(1.0, 60).train[-1] < 1.2 * C.min()


class TestVanishing:
    def test_errors_and_norms_are_those_of_the_network(self):
        n = vanishing.numbers(5, 1.3, "tanh", "glorot", True)
        net, (X, Y) = vanishing.network(5, 1.3, "tanh", "glorot"), vanishing.data(True)
        gradients = net.gradients(X[: vanishing.ROWS], Y[: vanishing.ROWS])
        np.testing.assert_allclose(n.norms, [np.linalg.norm(dW) for dW, _ in gradients])

    def test_sigmoids_vanish_and_he_with_relu_keeps_the_scale(self):
        sigmoid = vanishing.numbers(20, 1.0, "sigmoid", "glorot", True)
        relu = vanishing.numbers(20, 1.0, "relu", "he", True)
        assert sigmoid.errors[0] < 1e-9 * sigmoid.errors[-1]
        assert 0.03 < relu.errors[0] / relu.errors[-1] < 30

    def test_bound_is_a_quarter_per_layer(self):
        n = vanishing.numbers(4, 1.0, "sigmoid", "glorot", True)
        np.testing.assert_allclose(n.bound[1:] / n.bound[:-1], 4)

    def test_standardized_pixels(self):
        X, _ = vanishing.data(True)
        raw, _ = vanishing.data(False)
        changing = raw.std(axis=0) > 0
        np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(X[:, changing].std(axis=0), 1)
        assert raw.max() == 16

    def test_train_shows_the_loss_and_a_moved_slider_hides_it(self):
        explorer = EXPLORERS["vanishing"](depth=2, activation="tanh")
        assert explorer.numbers.losses is None
        explorer.train.click()
        losses = explorer.numbers.losses
        assert losses[0] > 2 > 0.5 > losses[-1]
        assert "Training for" in explorer.sentence
        explorer.controls["gain"].value *= 2
        assert explorer.numbers.losses is None
        assert "not trained" in explorer.alts[2]
        assert "gray" in explorer.parts.picture.panels[2].caption

    def test_explosion_is_told_without_a_warning(self):
        explorer = EXPLORERS["vanishing"](depth=20, activation="relu", init="normal")
        explorer.train.click()
        assert "stops being a number" in explorer.sentence


def test_both_ways_agrees_with_the_network():
    rng = np.random.default_rng(0)
    net = nn.Network.dense([3, 5, 4, 2], "tanh", "softmax", "cross_entropy")
    X, Y = rng.standard_normal((6, 3)), np.eye(2)[rng.integers(2, size=6)]
    made = both_ways(net, X, Y)
    for (dW, db), (dW_net, db_net) in zip(made.gradients, net.gradients(X, Y), strict=True):
        np.testing.assert_array_equal(dW, dW_net)
        np.testing.assert_array_equal(db, db_net)
    np.testing.assert_allclose(made.delta[-1], (made.A[-1] - Y) / 6)
