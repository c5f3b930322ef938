# %% [markdown]
# # Lesson 06 · Gradient checking
#
# **A question first.** Ada and Ben have coded backpropagation for a network that reads digits.
# Their programs differ in one line. Both networks train. *Which of the two has a wrong gradient,
# and would anybody ever have noticed?*

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn, numeric
from bplib.data import digits

hidden = {
    "Ada": lambda report, Z: report * nn.d_sigmoid(Z),
    "Ben": lambda report, Z: report,
}

# %%
def gradients(student, params, X, Y):
    """The gradients of both layers, with this student's line for the hidden error."""
    (_, b_1), (W_2, b_2) = params
    Z_1 = nn.weighted_input_batch(params[0][0], b_1, X)
    A_1 = nn.sigmoid(Z_1)
    P = nn.softmax(nn.weighted_input_batch(W_2, b_2, A_1))
    delta_2 = nn.softmax_ce_error(P, Y)
    delta_1 = hidden[student](delta_2 @ W_2, Z_1)
    pairs = ((delta_1, X), (delta_2, A_1))
    return [(nn.weight_gradient(d, A), nn.bias_gradient(d)) for d, A in pairs]


# %%
data = digits()
for student in hidden:
    net = nn.Network.dense([64, 30, 10], hidden="sigmoid", seed=0)
    for step in range(1500):
        rows = np.arange(10 * step, 10 * step + 10) % len(data.X_train)
        slopes = gradients(student, net.params, data.X_train[rows], data.Y_train[rows])
        for pair, moves in zip(net.params, slopes, strict=True):
            for parameter, slope in zip(pair, moves, strict=True):
                parameter -= 0.5 * slope
    share = net.accuracy(data.X_test, data.Y_test)
    print(f"{student}: {share:.1%} of the test digits are right")

# %% [markdown]
# Both read about 94 % of the digits. With only one of the two programs at hand, you would have been
# content. Here the lines stand side by side, so you may have seen that Ben's has no slope in BP2;
# in a program of two thousand lines you would not. **A wrong gradient does not crash. It often
# learns.**
#
# What one needs is a second way to the same numbers: slow if need be, but too simple to get wrong.
#
# ## 1 Two ways to a slope
#
# <a id="001-numerical-gradient"></a><a id="002-numerical-against-analytical"></a>
# Both 001 and 002 set two kinds of gradient against each other. The **analytical** one is a
# formula, like BP1 to BP4: exact, fast, and easy to get wrong. The **numerical** one is an
# experiment: nudge a weight, see what the cost does. It is approximate, slow, and hard to get
# wrong, for it uses nothing but the definition of a derivative:
#
# $$f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h} .$$
#
# Take $f(x) = x^4$ at $x = 1$. The analytical slope is $4 x^3 = 4$. Now nudge, with a pencil:
#
# | | $h = 0.1$ | off by | $h = 0.01$ | off by |
# |---|---|---|---|---|
# | forward: $\frac{f(x+h) - f(x)}{h}$ | $\frac{1.4641 - 1}{0.1} = 4.641$ | $0.641$ | $4.060401$ | $0.060401$ |
# | central: $\frac{f(x+h) - f(x-h)}{2h}$ | $\frac{1.4641 - 0.6561}{0.2} = 4.04$ | $0.04$ | $4.0004$ | $0.0004$ |
#
# The first error became about ten times smaller with the step, the second a *hundred* times.
#
# <a id="002-equals-and-approximately"></a><a id="slip-002-equals"></a>
# **A slip to put right.** 002 writes $=$ between the gradient and its finite difference. For no
# $h > 0$ of our table are they equal; it has to be $\approx$. Only the limit is an equality, and no
# computer takes it. All of this unit lives in the gap between $=$ and $\approx$.

# %%
def f(x):
    return np.sum(x**4)


x = np.array([1.0])
for h in (0.1, 0.01):
    forward = numeric.forward_difference(f, x, h)[0]
    central = numeric.central_difference(f, x, h)[0]
    print(f"h = {h:<4}  forward {forward:.6f}   central {central:.6f}")
    assert np.isclose(forward, 4 + 6 * h + 4 * h**2 + h**3)
    assert np.isclose(central, 4 + 4 * h**2)

# %% [markdown]
# ## 2 Error number one: truncation
#
# Why does the second way gain a square? Near $x$, a smooth function is its Taylor polynomial and a
# remainder. With $d_1, d_2, d_3$ for the first three derivatives at $x$, and for $t$ of either
# sign,
#
# $$f(x + t) = f(x) + d_1 t + \tfrac12 d_2 t^2 + \tfrac16 d_3 t^3 + O(t^4) .$$
#
# *Forward.* Put $t = h$, subtract $f(x)$, divide by $h$:
#
# $$\frac{f(x+h) - f(x)}{h} = d_1 + \tfrac12 d_2 h + \tfrac16 d_3 h^2 + O(h^3) .$$
#
# What is too much is $\tfrac12 d_2 h$, to leading order: proportional to $h$, and to how strongly
# the curve bends.
#
# *Central.* Put $t = h$ and $t = -h$, and subtract. All **even** powers are the same on both sides,
# so they cancel: $f(x)$ goes, and so does the bend, $\tfrac12 d_2 h^2$. The odd ones double:
#
# $$f(x+h) - f(x-h) = 2 d_1 h + \tfrac13 d_3 h^3 + O(h^5), \qquad\text{hence}\qquad
# \frac{f(x+h) - f(x-h)}{2h} = d_1 + \tfrac16 d_3 h^2 + O(h^4) .$$
#
# A parabola fools the forward difference, but not the central one: the chord from $x - h$ to
# $x + h$ is parallel to the tangent in the middle.
#
# *With our numbers.* $x^4$ at 1 has $d_2 = 12$, $d_3 = 24$ and a fourth derivative of $24$. So the
# forward error is $6h + 4h^2 + h^3$, which for $h = 0.1$ is $0.6 + 0.04 + 0.001 = 0.641$. The
# central one is $4 h^2 = 0.04$. Both as in the table. The cell above asserted both formulas.
#
# ## 3 Error number two: rounding
#
# If smaller is better, take $h = 10^{-15}$? Let us do it on a pocket calculator that keeps five
# digits of every value of $f$. The true slope is still 4.

# %%
def five_digits(value):
    return float(f"{value:.4e}")


for h in (0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6):
    up, down = five_digits((1 + h) ** 4), five_digits((1 - h) ** 4)
    slope = (up - down) / (2 * h)
    print(f"h = {h:<6}  {up:.4f} - {down:.5f} = {up - down:.5f},  slope {slope:.4f}")

# %% [markdown]
# It gets better until $h = 0.01$. After that the slopes are at the mercy of the last digit: a lucky
# one at $10^{-4}$, but off by half at $10^{-5}$; and at $10^{-6}$ both values are the same to five
# digits, so the difference is zero.
#
# *Why.* Each stored value of $f$ is off by up to $\epsilon F$, where $F$ is the size of $f$ and
# $\epsilon$ the relative rounding error. The subtraction removes the digits that agree, and these
# are the *good* ones; the doubtful last digits stay. Then the division by the small $2h$ blows them
# up. In the worst case both values are off, in opposite directions:
#
# $$\text{rounding} \le \frac{2 \epsilon F}{2 h} = \frac{\epsilon F}{h} .$$
#
# So when $h$ shrinks, one error shrinks with it, and the other one grows as $1/h$. For the central
# difference together, in the worst case ($d_2$, $d_3$ and $F$ stand for sizes here, without their
# signs),
#
# $$E(h) = \frac{\epsilon F}{h} + \frac{d_3 h^2}{6} .$$
#
# *The best step.* At the bottom the derivative is zero: $-\epsilon F / h^2 + d_3 h / 3 = 0$.
# Multiply by $h^2$ and solve:
#
# $$h_{\text{best}} = \left( \frac{3 \epsilon F}{d_3} \right)^{1/3} .$$
#
# It is the minimum, since $E$ goes to infinity at both ends and has no other level point. And from the same equation,
# $d_3 h^2 / 6 = \frac12 \epsilon F / h$ at the bottom: there the truncation is exactly half of the
# rounding, so the least error is $\frac32 \epsilon F / h_{\text{best}}$, of the order
# $\epsilon^{2/3}$. *Our calculator* has $\epsilon = 5 \cdot 10^{-5}$ (half a unit of the fifth
# digit), $F = 1$ and $d_3 = 24$, so its best step is $(6.25 \cdot 10^{-6})^{1/3} \approx 0.018$: as
# we saw.
#
# *The forward difference* goes the same way: $2 \epsilon F / h + \frac12 d_2 h$
# is smallest at $h = 2 \sqrt{\epsilon F / d_2}$, with an error of the order $\epsilon^{1/2}$. If
# $F$ and the derivatives are about 1:
#
# | arithmetic | $\epsilon$ | best $h$, central | its error | best $h$, forward | its error |
# |---|---|---|---|---|---|
# | float64 | $1.1 \cdot 10^{-16}$ | $7 \cdot 10^{-6}$ | $2 \cdot 10^{-11}$ | $2 \cdot 10^{-8}$ | $2 \cdot 10^{-8}$ |
# | float32 | $6 \cdot 10^{-8}$ | $6 \cdot 10^{-3}$ | $2 \cdot 10^{-5}$ | $5 \cdot 10^{-4}$ | $5 \cdot 10^{-4}$ |
#
# To remember: *central, with $h \approx 10^{-5}$, in float64*. Also if you train in
# float32.
#
# ## 4 The V curve, and a way around it
#
# The next cells draw the true errors beside the prediction of section 3. The function is the cost
# of one sigmoid unit with the target 0, $C(z) = \ln(1 + e^z)$, at $z = 1$. Its slope is $\sigma(1)$
# (unit 03), so $d_2$ is $\sigma' = \sigma (1 - \sigma)$ there (unit 02), and by the product rule $d_3$
# is $\sigma'' = \sigma' (1 - 2 \sigma)$.
#
# There is also a third rule, which looks like a joke. Step into the **imaginary** direction: put
# $t = ih$ into the Taylor series. Since $i^2 = -1$,
#
# $$f(x + ih) = f(x) + i\, d_1 h - \tfrac12 d_2 h^2 - \tfrac{i}{6} d_3 h^3 + \dots ,
# \qquad \frac{\operatorname{Im} f(x + ih)}{h} = d_1 - \tfrac16 d_3 h^2 + \dots$$
#
# The value $f(x)$ itself is real, so it drops out *without a subtraction*. Nothing cancels, no
# digits are lost, and $h$ may be $10^{-30}$. (Lyness and Moler, 1967; Squire and Trapp, 1998.) The
# price: $f$ must be made of operations that know complex numbers, such as $+$, $\cdot$, exp, tanh.
# `abs`, or a comparison, breaks it.

# %%
def unit_cost(z):
    return np.log(1 + np.exp(z))


h = 10.0 ** np.arange(-15, 0, 0.25)
up, down, here = unit_cost(1 + h), unit_cost(1 - h), unit_cost(1.0)
imaginary = unit_cost(1 + 1j * h).imag / h
true, rounding = nn.sigmoid(1.0), 1.1e-16 * here / h
d_2 = true * (1 - true)
d_3 = abs(d_2 * (1 - 2 * true))
curves = {
    "forward": ((up - here) / h, "#D55E00", "s", 2 * rounding + d_2 * h / 2),
    "central": ((up - down) / (2 * h), "#0072B2", "o", rounding + d_3 * h**2 / 6),
    "complex step": (imaginary, "#009E73", "^", d_3 * h**2 / 6),
}

# %%
figure, ax = plt.subplots(figsize=(6.5, 4))
for name, (slope, color, marker, predicted) in curves.items():
    ax.loglog(h, np.maximum(abs(slope - true), 1e-17), marker, color=color, ms=4, label=name)
    ax.loglog(h, predicted, color=color, lw=1)
ax.set(xlabel="step h", ylabel="error of the slope", ylim=(3e-18, 10))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# *The figure in words.* Both axes are logarithmic, and the step grows to the right. The squares
# (forward) fall from the right along a line of slope 1, to about $10^{-8}$ near $h = 10^{-8}$; left
# of it they climb again, with a jitter: a **V**. The circles (central) fall twice as steeply, to
# about $10^{-11}$ near $h = 10^{-5}$, and then climb along the same jittery arm. The thin lines are
# the predictions $E(h)$: the marks follow them on the right arms, where truncation is a law; on the
# left arms, where rounding is a lottery, they lie at random on them or below. The triangles
# (complex) fall like the circles and never climb: they stay near $10^{-16}$ or below, however small
# the step.
#
# **Now play.** The explorer shows the same three rules for the cost of a small network, as a
# function of one of its weights. **Predict first:** in float64 the central difference with
# $h = 10^{-5}$ is right to nine digits or so. With $h = 10^{-12}$, is its error much smaller, about
# the same, or much larger? Then switch to float32 and find the best step by hand; compare it with
# the table above.

# %%
from bplib.explore import gradient_check

gradient_check()

# %% [markdown]
# What you should have seen: with the tiny step the error is about a million times *larger*. On the
# left arm you divide the rounding of $f$ by $h$. In float32 the whole V is moved up and to the
# right, with its bottom near $h = 10^{-2}$, and four or five digits are all that you can get.
#
# ## 5 The price
#
# <a id="001-slow"></a>
# If nudging is so simple, why not train with it? A word of 001, with many o's: **"Slooooow"**. Each
# weight needs a nudge of its own, and each nudge a full forward pass, since the nudge can change
# everything above it. With $N$ parameters:
#
# | way | values of the cost, for one gradient |
# |---|---|
# | forward difference | $N + 1$ (the unmoved value is shared) |
# | central difference | $2N$ |
# | complex step | $N$, in complex arithmetic, each two to four times as expensive |
# | backpropagation | 1, and a backward pass that costs at most two more (unit 05) |
#
# <a id="003-a-million-weights"></a>
# **A million weights, a million passes**, says 003. If a pass takes 10 ms, then $10^6$ passes are
# $10^4$ seconds, nearly three hours, and the central difference needs almost six; for *one* step of
# gradient descent. Backpropagation needs about 30 ms. Count it for some networks (in the explorer,
# the right-hand panel does the same with a slider):

# %%
for sizes in ([2, 3, 1], [64, 30, 10], [784, 100, 10], [784, 1000, 300, 10]):
    N = sum((n_in + 1) * n_out for n_in, n_out in zip(sizes, sizes[1:]))
    print(f"{str(sizes):21} {N:9,} parameters: central {2 * N * 0.01:10,.2f} s, "
          "backpropagation 0.03 s, at 10 ms a pass")

# %% [markdown]
# For training, hopeless; for a **check**, affordable. A check is made once, after the code has been
# written or changed, and it may be made on a *tiny* network: the code is the same. There is a cheap
# way for a large one, too. Do not nudge one weight, but **all** of them, along a random direction
# $v$. By the chain rule, with $g$ for the gradient,
#
# $$\frac{d}{dt} f(x + t v) \Big|_{t=0} = \sum_k g_k v_k .$$
#
# Two values of $f$ give the left side; the right side is a sum over the gradient in question. If an
# entry of $g$ is off by $e$, the sum is off by $e v_k$, which is zero only if $v_k$ is. So one
# number sees a mistake in any entry; it only does not tell you in which.
#
# ## 6 How close is close?
#
# Two gradients disagree by $0.001$. Is this bad? Against a gradient of $1000$ it is superb, against
# one of $0.0005$ it is a disaster. So measure the difference in units of the gradients:
#
# $$\text{relative error} = \frac{\lVert a - b \rVert}{\max(\lVert a \rVert, \lVert b \rVert)} .$$
#
# By hand: $a = (3, 4)$ and $b = (3, 4.1)$ have the lengths $5$ and $\sqrt{25.81} \approx 5.08$, and
# differ by $0.1$: the relative error is $0.0197$. It stays the same if both are multiplied by a
# millionth. And a factor of 2 somewhere in your derivation gives $0.5$, whatever the size.
#
# Why not entry by entry? An entry that should be $0$ comes out as $10^{-12}$, from rounding; *its
# own* relative error is 1, a false alarm. Compare each entry with the **largest** one instead.

# %%
a, b = np.array([3.0, 4.0]), np.array([3.0, 4.1])
print("relative error:           ", round(numeric.relative_error(a, b), 4))
print("both a millionth as large:", round(numeric.relative_error(1e-6 * a, 1e-6 * b), 4))
print("forgotten factor 2:       ", numeric.relative_error(2 * a, a))
print("np.allclose of tiny gradients, one twice the other:", np.allclose(2e-9 * a, 1e-9 * a))

# %% [markdown]
# The last line is a trap: `np.allclose` has an **absolute** tolerance of $10^{-8}$ as well, so for
# small gradients it says True to everything.
#
# How large may the error be? Not a guess: section 3 tells us. Central differences in float64 on a
# smooth cost agree with a right gradient to $10^{-7}$ or much better. A mistake in a formula gives
# $10^{-3}$ to $1$. If you find something in between, change $h$ and look: an error of the
# *difference* moves with $h$, a mistake in your *formula* does not. (`numeric.gradient_check`
# estimates the error of its own differences and takes that as the tolerance.)
#
# ## 7 Kinks
#
# ReLU has a corner at $z = 0$: slope 0 on the left, 1 on the right. Put the two probes at $z - h$
# and $z + h$, on different sides of it, so $|z| < h$. Then $f(z+h) = z + h$ and $f(z-h) = 0$, and
# the central difference is
#
# $$\frac{(z + h) - 0}{2h} = \frac12 + \frac{z}{2h} ,$$
#
# anything between 0 and 1, and neither of the two slopes. Nothing is wrong with the formula here,
# nor with the code: *the experiment itself cannot be trusted*. At $z = 0$ exactly there is no
# derivative at all, and our convention $\varphi'(0) = 0$ is a choice.
#
# In a network it is enough that **one** unit switches for **one** example between the two probes.
# How often? A nudge of $\pm h$ of a weight moves $z$ by $\pm h\, a_k$; the number of weighted
# inputs that happen to lie in so narrow a strip shrinks with $h$. So a smaller step has fewer false
# alarms, one more reason against $h = 10^{-3}$. And a good checker looks at the slopes on the left
# and on the right separately: if they disagree, it reports a kink and accuses nobody.

# %%
for z in (-2e-5, -0.4e-5, 0.0, 0.4e-5, 2e-5):
    slope = numeric.central_difference(lambda v: np.sum(nn.relu(v)), np.array([z]), h=1e-5)[0]
    print(f"z = {z:8.1e}: central {slope:.2f}, our derivative {nn.d_relu(z):.0f}")


def bent(v):
    return np.sum(nn.relu(v) + v**2 / 2)


checked = numeric.gradient_check(bent, np.array([0.0, -1.0, 3.0]), np.array([0.0, -1.0, 2.0]))
print("passed:", checked.ok, "| kinks at the entries", [k for (k,) in checked.kinks])

# %% [markdown]
# ## 8 The verdict on Ada and Ben
#
# All pieces together. A tiny network, five inputs, four hidden units and three outputs; six
# examples; a cost that is a function of $W^1$ alone, everything else held fixed.

# %%
rng = np.random.default_rng(0)
params = [(rng.normal(size=(j, k)), rng.normal(size=j)) for k, j in [(5, 4), (4, 3)]]
X, Y = rng.normal(size=(6, 5)), np.eye(3)[rng.integers(3, size=6)]
(W_1, b_1), (W_2, b_2) = params


def cost_with(W):
    """The cost if layer 1 has the weights W."""
    A = nn.sigmoid(nn.weighted_input_batch(W, b_1, X))
    return nn.softmax_ce_cost(nn.weighted_input_batch(W_2, b_2, A), Y)


# %%
for student in hidden:
    dW_1 = gradients(student, params, X, Y)[0][0]
    for way, directions in (("every entry", None), ("one direction", 1)):
        checked = numeric.gradient_check(cost_with, dW_1, W_1, directions=directions)
        print(f"{student}, {way}: {'passed' if checked else checked.reason}; relative error "
              f"{checked.error:.1e}, {checked.evaluations} values of the cost")
        assert checked.ok == (student == "Ada")

# %% [markdown]
# Fifteen hundred steps of training told us next to nothing; a check of twenty weights told us
# everything. (Why more values than the $2N = 40$ of section 5? `numeric.gradient_check` tries
# several steps at each entry, to learn how far its own differences can be trusted.)
#
# **What a check can see.** It compares two gradients *of the case that it was given*. With one
# example, $m = 1$, a forgotten $1/m$ is invisible. With biases of zero, a penalty put on the biases
# is invisible. With layers of equal width, a transposed gradient keeps its shape, though not its
# values. And if the *cost* is wrong, both ways agree on the wrong gradient. So check with several
# examples, biases that are not zero, widths that all differ (and once with equal ones), and small
# weights as well as large.
#
# ## 9 Pitfalls: seven short stories
#
# **Smaller is better.** Max used $h = 10^{-12}$ "to be exact", and saw an error of $10^{-4}$ in a
# right gradient. **Larger is safer.** Nadia used $h = 0.1$ and saw $10^{-3}$. To both: *plot the
# error against $h$; on which arm of the V do you stand?*
#
# **Half an experiment.** Omar's forward differences agreed to seven digits and no more, and he
# searched for a bug for a day. *What happens to the $h^2$ term if you nudge both ways?*
#
# **Seven digits.** Paula checked in float32, as she trained in it. *How many digits survive the
# subtraction?* With $h = 10^{-5}$: two, if she is lucky.
#
# **The yes-man.** Quentin's test was `abs(a - b) < 1e-5`, his gradients were around $10^{-7}$. It
# passed his code, and also zeros. *How large is the gradient itself?*
#
# **The furniture was moved.** Rosa nudged `x[k]` in place and forgot to put it back. Entry 0 was
# right, the following ones less and less. *Is `x` unchanged afterward?*
#
# **The accused corner.** Selim's ReLU network failed in 3 of 2,000 entries, by a few percent; with
# a smaller step, in none. *Did a unit switch between the two probes?*
#
# **A word on the sources.** 001 and 002 both praise the numerical gradient as a check and warn of
# it as a method; 003 uses it to explain why backpropagation was worth inventing. They write a
# difference as $(C(w + \epsilon e_j) - C(w)) / \epsilon$ or with $h$; the letter $\epsilon$ then
# means the *step*, while in this lesson it is the rounding error of the arithmetic.
#
# ## What you can now do
#
# - derive the truncation errors of two differences, and explain which terms cancel;
# - find the best step from two errors that pull in opposite directions, and read a V curve;
# - get a slope without any difference, by a step into the complex numbers;
# - say what one gradient costs, by nudging and by backpropagation, and check a large one cheaply;
# - compare gradients on their own scale, and tell a mistake from a kink.
#
# ## Check yourself
#
# 1. $f(x) = 5x^2 - 3x$. What do the forward and the central difference miss, exactly, for a step
#    $h$?
# 2. Your calculator keeps 7 digits ($\epsilon = 5 \cdot 10^{-7}$), $F = 1$ and $d_3 = 24$. What is
#    the best step of the central difference?
# 3. A gradient check gives $2 \cdot 10^{-3}$ with $h = 10^{-4}$, with $10^{-5}$ and with $10^{-6}$.
#    With which of the two gradients is something wrong, probably?
# 4. The check along a random direction passes. Is it possible that two entries are wrong?
# 5. The value of the cost is about $10^{6}$, its slopes are about 1. Why does this make the check
#    hard?
#
# <details><summary>Answers</summary>
#
# 1. $d_2 = 10$, $d_3 = 0$. Forward: $5h$ too much. Central: nothing, for any $h$.
# 2. $(3 \cdot 5 \cdot 10^{-7} / 24)^{1/3} = (6.25 \cdot 10^{-8})^{1/3} \approx 4 \cdot 10^{-3}$.
# 3. With the analytical one. Truncation would have changed by a factor of 100 from step to step,
#    and rounding by a factor of 10, the other way.
# 4. Only if their errors cancel in $\sum_k e_k v_k$. For a random direction that has probability
#    zero; to be sure, take a second one.
# 5. $F = 10^6$: the values of $f$ are known to about $10^{-10}$ only, and divided by $h = 10^{-5}$
#    that is an error of $10^{-5}$ in slopes of about 1. A larger step helps a little, a cost of a
#    smaller size helps more.
#
# </details>
