# %% [markdown]
# # Lesson 03 · The output error
#
# A network has to say whether a mail is spam: 1 for yes, 0 for no. Two mails, both harmless. For the
# first its single sigmoid output says $0.75$: wrong, but wavering. For the second it says $0.999$:
# wrong, and cocksure. **From which of the two mails does it learn more?** Common sense says: from the
# worse mistake. Write down what you expect of the *mathematics*, and keep the note until section 6.
#
# This lesson begins the backward pass. Somebody must say how wrong the network was, and in a language
# that a weighted input understands: *if this $z$ had been a little larger, by how much would the cost
# have changed?* This number is the **error** $\delta = \partial C / \partial z$. At the output one can
# write it down at once, because between $z^L$ and the cost there is only one bend.
#
# **Notation.** $C$ is the cost, the mean over the $m$ examples (rows). $L$ is the number of the last
# layer, $a^L = \varphi(z^L)$ its activation, $y$ the target. $\nabla_a C$ is the array of all
# $\partial C / \partial a^L_j$; in code it is `grad_a`, and `dphi_z` is $\varphi'(z^L)$.

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn, numeric
from bplib.explore import output_error

BLUE, ORANGE = "#0072B2", "#D55E00"

# %% [markdown]
# ## 1 What a cost has to promise
#
# <a id="003-two-assumptions"></a>Not every measure of wrongness will do. 003 makes **two assumptions**
# about the cost, and everything that follows rests on them:
#
# 1. $C$ is a **mean over the examples**, $C = \frac1m \sum_i C_i$, and $C_i$ depends on example $i$
#    alone.
# 2. $C_i$ is a function of the **output activations** $a^L$ of that example.
#
# *Why the first?* Backpropagation works out the derivatives for one example. The first assumption lets
# us put the examples together afterward, because the derivative of a sum is the sum of the derivatives
# and a constant factor stays where it is:
# $\frac{\partial}{\partial w} \frac1m \sum_i C_i = \frac1m \sum_i \frac{\partial C_i}{\partial w}$.
# **The gradient of a mean is the mean of the gradients.**
#
# *Why the second?* It says where to begin. If the cost looked at a hidden unit as well, the error would
# have two doors into the network. (The target $y$ occurs in the cost too, but it is given; nobody can
# nudge it, so there is no derivative by it.)
#
# **By hand.** For two examples the gradients of $C_1$ and $C_2$ by two weights are $(4, -2)$ and
# $(0, 6)$. Then the gradient of the mean is $\tfrac12 (4 + 0,\; -2 + 6) = (2, 2)$.
#
# <a id="004-e-sum-e-n"></a>**A difference between the sources.** 004 does not average. Its error
# function is the **sum** over the examples, $E = \sum_n E_n$, and its gradient in the little example is
# $(4, 4)$: larger by the factor $m$. Both are right. But with 003's learning rate in 004's formula the
# steps are $m$ times as long. We average, as 003 does, and put the factor $\frac1m$ into $\delta$: once,
# here, and nowhere else in the backward pass.

# %%
grads = np.array([[4.0, -2.0], [0.0, 6.0]])  # one row per example
print("003, mean:", grads.mean(axis=0), "  004, sum:", grads.sum(axis=0))
assert np.array_equal(2 * grads.mean(axis=0), grads.sum(axis=0))

# %% [markdown]
# ## 2 The quadratic cost
#
# $$C = \frac{1}{2m} \sum_i \sum_j (A_{ij} - Y_{ij})^2$$
#
# Two examples, two outputs: $A = \begin{pmatrix} 3 & 1 \\ 0 & 2 \end{pmatrix}$,
# $Y = \begin{pmatrix} 1 & 1 \\ 1 & 0 \end{pmatrix}$. The differences are $2, 0, -1, 2$, their squares add
# up to $9$, and $C = 9 / (2 \cdot 2) = 2.25$. Inside an example the outputs are *added*; over the
# examples we take the *mean*. So 9 is not divided by the number of outputs.
#
# **Its gradient.** Differentiate by one activation $A_{ij}$.
#
# 1. Of all the squares only one contains $A_{ij}$; the others are constants and vanish.
# 2. The square becomes $2 (A_{ij} - Y_{ij})$, by the power rule and the inner derivative 1.
# 3. The 2 cancels the $\tfrac12$, which was put there for that purpose. The $\tfrac1m$ stays:
#
# $$\frac{\partial C}{\partial A_{ij}} = \frac{A_{ij} - Y_{ij}}{m}$$
#
# The sign is worth a look. If the output is too high, the gradient is positive: going up makes it worse.

# %%
A, Y = np.array([[3.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
print("C =", nn.quadratic_cost(A, Y))
print(nn.quadratic_grad(A, Y))
assert nn.quadratic_cost(A, Y) == 2.25
assert np.allclose(numeric.gradient(lambda A: nn.quadratic_cost(A, Y), A), nn.quadratic_grad(A, Y))

# %% [markdown]
# <a id="slip-004-half"></a>**A slip to put right.** 004 writes $E = \sum (y - t)^2$ first and works with
# the error $y - t$ later. The derivative of the first is $2(y - t)$. For the second one needs
# $E = \tfrac12 \sum (y - t)^2$, *and* an output unit without a bend, as section 4 shows.
#
# ## 3 One output: how wrong, times how steep
#
# The wavering unit says $a = 0.75$, the target is $y = 0$, and the cost of this one example is
# $C = \tfrac12 \cdot 0.75^2 = 0.28125$. Nudge $z$ up by a tiny $\varepsilon$.
#
# - $a$ moves by $\varphi'(z)\,\varepsilon$. Lesson 02: the slope is $a(1-a) = 0.75 \cdot 0.25 = 0.1875$.
# - $C$ moves by $a - y = 0.75$ times as much as $a$ does.
# - Together $C$ moves by $0.75 \cdot 0.1875\,\varepsilon = 0.140625\,\varepsilon$. So $\delta = 0.140625$.
#
# <a id="001-chain-rule"></a>What we have used is the **chain rule** (001): if $z$ moves $a$ and $a$ moves
# $C$, then the rates multiply,
#
# $$\delta = \frac{\partial C}{\partial z} = \frac{\partial C}{\partial a} \cdot
# \frac{\partial a}{\partial z} = \frac{\partial C}{\partial a}\, \varphi'(z).$$
#
# *Why does it hold?* For small nudges a smooth curve is as good as its tangent, so each step multiplies
# the nudge by its slope. Two steps multiply twice. What the tangents neglect is of the order of
# $\varepsilon^2$, and vanishes beside $\varepsilon$.

# %%
z = np.log(3.0)  # sigmoid(ln 3) = 0.75


def cost_of(z):
    return 0.5 * (nn.sigmoid(z) - 0.0) ** 2


by_hand = 0.75 * 0.1875
by_nudge = (cost_of(z + 1e-6) - cost_of(z - 1e-6)) / 2e-6
print("two factors:", by_hand, "  a nudge:", by_nudge.round(9))
assert np.isclose(by_hand, by_nudge)

# %% [markdown]
# ## 4 A whole layer: BP1
#
# An output layer has $n$ units, and the cost depends on all their activations. So a nudge of $z_j$ may
# reach the cost on several roads, one through each activation, and the chain rule becomes a sum:
#
# $$\delta_j = \frac{\partial C}{\partial z_j}
# = \sum_k \frac{\partial C}{\partial a_k}\,\frac{\partial a_k}{\partial z_j}.$$
#
# *Why a sum?* Each road brings a small move of the cost, as in section 3. What two roads do to each
# other is of the order of $\varepsilon^2$ again, and vanishes beside $\varepsilon$. So small effects add.
#
# <a id="001-step-1"></a>**Step 1 of 001** goes from here to a single product. Let us do it with a reason.
# Suppose that the activation works on each unit **by itself**, $a_k = \varphi(z_k)$. Then for $k \ne j$
# the letter $z_j$ does not occur in $a_k$, so $\partial a_k / \partial z_j = 0$, and that road is closed.
# Only $k = j$ survives:
#
# $$\delta_j = \frac{\partial C}{\partial a_j}\,\varphi'(z_j).$$
#
# **By hand** with three units, $\nabla_a C = (2, -1, 0.5)$ and slopes $(0.25, 0.5, 0)$. All nine terms,
# with $k$ down and $j$ across:
#
# | | $j = 1$ | $j = 2$ | $j = 3$ |
# |---|---|---|---|
# | $k = 1$ | $2 \cdot 0.25$ | $2 \cdot 0$ | $2 \cdot 0$ |
# | $k = 2$ | $-1 \cdot 0$ | $-1 \cdot 0.5$ | $-1 \cdot 0$ |
# | $k = 3$ | $0.5 \cdot 0$ | $0.5 \cdot 0$ | $0.5 \cdot 0$ |
# | sum: $\delta_j$ | $0.5$ | $-0.5$ | $0$ |
#
# Only the diagonal is left, and even there the third unit has none: its slope is 0.
#
# <a id="003-hadamard-product"></a>Entry by entry, then. This product of two arrays of the same shape has
# a name, **Hadamard product**, and a sign, $\odot$ (003). It is not the matrix product: nothing is summed,
# and $(2, -1, 0.5) \odot (0.25, 0.5, 0) = (0.5, -0.5, 0)$ has the shape of its factors. In NumPy it is
# `*`, the matrix product is `@`. With it we have the first of the four equations:
#
# $$\delta^L = \nabla_a C \odot \varphi'(z^L) \tag{BP1}$$
#
# *How wrong*, times *how steep*. For a mini-batch it looks the same, row by row, since no example can
# move another one's activation; and the $\frac1m$ is already inside $\nabla_a C$.

# %%
grad_a, slopes = np.array([2.0, -1.0, 0.5]), np.array([0.25, 0.5, 0.0])
terms = grad_a[:, np.newaxis] * np.diag(slopes) + 0.0  # + 0.0 turns −0 into 0
print(terms)
print("column sums:", terms.sum(axis=0))
assert np.array_equal(terms.sum(axis=0), nn.output_error(grad_a, slopes))

# %% [markdown]
# <a id="004-equation-5"></a>**The same in 004.** Its equation (5) is the error of an output unit. Translated (its
# $a$ is our $z$, its $y$ our $a^L$), the general form $\delta_k = g'(a_k)\, \partial E_n / \partial y_k$
# is BP1 for one example. With an output that does not bend, $g(a) = a$, and the cost with the $\tfrac12$,
# it shrinks to $\delta_k = y_k - t_k$: slope 1, and the difference.
#
# <a id="000-step-1"></a>**The same in 000.** Step 1 of its backward pass begins one half step earlier: the
# $\delta^{N+1}$ at its top is $\partial C / \partial A$ itself, still without the slope, which is
# multiplied in on the way to layer $N$. After that its numbers are ours. Our $\delta$ is a derivative by
# $z$ everywhere, at the top as well.
#
# ## 5 Cross-entropy, and a slope that cancels
#
# Where targets are 0 or 1 there is a cost that fits a sigmoid better, the **cross-entropy**:
#
# $$C = -\frac1m \sum_i \sum_j \big[\, Y_{ij} \ln A_{ij} + (1 - Y_{ij}) \ln (1 - A_{ij}) \,\big].$$
#
# It measures surprise. With the target 0 only the second term is left: an answer of $0.75$ costs
# $-\ln 0.25 \approx 1.39$, one of $0.999$ costs $-\ln 0.001 \approx 6.9$, and an answer of exactly 1
# would cost infinitely much.
#
# **Derivation**, for one example and one output.
#
# 1. $\ln a$ has the slope $1/a$, and $\ln(1-a)$ has $-1/(1-a)$. So
#    $\displaystyle \frac{\partial C}{\partial a} = -\frac{y}{a} + \frac{1-y}{1-a}$.
# 2. Bring both to the denominator $a(1-a)$; the top is $-y(1-a) + (1-y)a = a - y$, because $ya$ cancels.
#    So $\displaystyle \frac{\partial C}{\partial a} = \frac{a-y}{a(1-a)}$.
# 3. BP1 multiplies this by the slope of a sigmoid, which is $a(1-a)$: exactly the denominator. It
#    **cancels**, and $\delta = a - y$. With the mean: $\delta = (a - y)/m$.
#
# **By hand** for the wavering unit, $a = 0.75$ and $y = 0$: line 1 says $1/0.25 = 4$; times the slope
# $0.1875$ it is $0.75$. With the quadratic cost it was $0.14$.

# %%
one, zero = np.array([[np.log(3.0)]]), np.array([[0.0]])
grad = nn.cross_entropy_grad(nn.sigmoid(one), zero)
print("how wrong:", grad[0, 0].round(6))
print("times how steep:", nn.output_error(grad, nn.d_sigmoid(one))[0, 0])
assert np.isclose(grad[0, 0], 4.0)
assert np.allclose(nn.output_error(grad, nn.d_sigmoid(one)), 0.75)

# %% [markdown]
# ## 6 The worse mistake
#
# Take out your note. The wavering answer $0.75$ and the cocksure answer $0.999$, target 0:

# %%
print("   a    δ quadratic   δ cross-entropy")
for a in (0.75, 0.999):
    print(f"{a:.3f}   {a * a * (1 - a):.6f}       {a:.3f}")

z = np.linspace(-8, 8, 200)
a = nn.sigmoid(z)
figure, panel = plt.subplots(figsize=(5, 2.8), layout="constrained")
panel.plot(z, a * a * (1 - a), color=ORANGE, marker="s", markevery=20, label="quadratic")
panel.plot(z, a, color=BLUE, marker="o", markevery=20, label="cross-entropy")
panel.set(xlabel="z  (target 0: the farther right, the more wrong)", ylabel="error δ")
panel.legend()
plt.show()

# %% [markdown]
# The curve with the squares (quadratic) rises to a low hill near $z = 0.7$ and then falls to nothing; the
# one with the circles (cross-entropy) rises to 1 and stays there. So with the quadratic cost the
# network learns **140 times more** from the wavering mistake than from the cocksure one: the unit is
# saturated, BP1 multiplies by its slope, and the slope is $0.001$. With cross-entropy the worse mistake
# teaches more, as common sense would have it.
#
# <a id="slip-000-avoid-sigmoids"></a>**A slip to put right.** 000 advises to avoid sigmoids. In *hidden*
# layers, yes: BP2 of the next lesson multiplies by their slope, and nothing cancels it. At the *output*,
# sigmoid or softmax together with cross-entropy do not saturate the error, as you have just derived.
#
# ### Play
#
# Predict first: **the output is at $z = -6$, and should be 1. How much larger is $\delta$ with
# cross-entropy than with the quadratic cost: the same, ten times, four hundred times?** Choose, reveal,
# and then press *a little wrong*: where is the difference small, and why? The left picture shows both
# errors against $z$ with a marker at the present one; the right one how the distance from the target
# shrinks, step by step, from this start.

# %%
output_error()

# %% [markdown]
# What you should have seen: the two errors differ by the factor $1/\sigma'(z)$ and by nothing else. At
# $z = -6$ that is about 400. It is smallest where the sigmoid is steepest, at $z = 0$, and even there it
# is 4: the slope is never above a quarter.
#
# ## 7 Softmax: every term survives
#
# For ten digits we want ten *probabilities*: positive, with the sum 1. **Softmax** makes them of the
# scores, $p_k = e^{z_k} / \sum_j e^{z_j}$. Adding a constant $c$ to all scores of an example changes
# nothing, for $e^{z_k + c} = e^c e^{z_k}$ and $e^c$ cancels in the fraction. So one may subtract the
# largest score of each row first: then the largest exponent is 0, nothing overflows, and the sum in the
# denominator is at least $e^0 = 1$.
#
# <a id="slip-001-connected-neurons"></a>**A slip to put right.** 001 sets $\partial a_k / \partial z_j = 0$
# for $k \ne j$ at *every* output layer, since these neurons are not connected. For softmax this does not
# hold: $z_j$ stands in the denominator of every $p_k$. If one class gains, the others must lose. So we
# need the whole sum $\delta_j = \sum_k \frac{\partial C}{\partial p_k} \frac{\partial p_k}{\partial z_j}$.
#
# **Derivation.** Write $S = \sum_i e^{z_i}$, so $p_k = e^{z_k}/S$ and $\partial S / \partial z_j = e^{z_j}$.
#
# 1. *The same unit*, $k = j$, by the quotient rule:
#    $\dfrac{\partial p_j}{\partial z_j} = \dfrac{e^{z_j} S - e^{z_j} e^{z_j}}{S^2} = p_j - p_j^2 = p_j (1 - p_j)$.
# 2. *Another unit*, $k \ne j$: the numerator $e^{z_k}$ does not move, only $S$ does, so
#    $\dfrac{\partial p_k}{\partial z_j} = -\dfrac{e^{z_k} e^{z_j}}{S^2} = -p_k\, p_j$.
# 3. *The cost* of one example is $C = -\sum_k y_k \ln p_k$, so $\partial C / \partial p_k = -y_k / p_k$. This
#    is the cross-entropy of several classes. The second half of section 5's formula is not needed here:
#    whoever pushes the right probability up pushes the others down.
# 4. *The sum.* The term $k = j$ gives $-y_j (1 - p_j)$, the others $+y_k\, p_j$ each (the $p_k$ cancels):
#    $\delta_j = -y_j + y_j\,p_j + \sum_{k \ne j} y_k\, p_j = p_j \sum_k y_k - y_j.$
# 5. The targets of an example add up to 1, so what remains is
#
# $$\delta_j = p_j - y_j, \qquad \text{and with the mean over the rows} \qquad \delta = \frac{P - Y}{m}.$$
#
# **By hand.** Scores $z = (\ln 6, \ln 3, \ln 1)$ give $p = (0.6, 0.3, 0.1)$. The third class was right,
# $y = (0, 0, 1)$. Only $p_3$ matters to the cost, at the rate $-1/0.1 = -10$; it moves with the three
# scores at the rates $-0.1 \cdot 0.6$, $-0.1 \cdot 0.3$ and $0.1 \cdot 0.9$. Times $-10$:
# $\delta = (0.6,\; 0.3,\; -0.9)$, which is $p - y$.

# %%
scores, target = np.log([6.0, 3.0, 1.0]), np.array([0.0, 0.0, 1.0])
p = nn.softmax(scores)
every_road = nn.d_softmax(p).T @ (-target / p)
print("p:", p.round(9), "  all roads:", every_road.round(9))
print("p − y:", nn.softmax_ce_error(p, target).round(9))
nudged = numeric.gradient(lambda z: nn.softmax_ce_cost(z, target), scores)
assert np.allclose(every_road, [0.6, 0.3, -0.9])
assert np.allclose(nudged, every_road)

# %% [markdown]
# Three output layers, one formula. A linear output with the quadratic cost, a sigmoid with cross-entropy
# and a softmax with cross-entropy all have $\delta = (a - y)/m$. That is no accident: each of these costs
# was *made for* its bend. But it is a reason for care, since a formula that fits three layers is easily
# used for a fourth, where it is wrong: a sigmoid with the quadratic cost keeps its slope.
#
# ## 8 Pitfalls
#
# **The missing slope.** Lena used $a - y$ for sigmoid outputs with the quadratic cost. It trained, rather
# well in fact, but it minimized another cost than the one that she printed. *By which variable is
# $\delta$ a derivative?*
#
# **The slope that did not cancel.** Milo switched to cross-entropy, and left the factor $\varphi'$ in his
# code. Saturated outputs stayed as deaf as before, so he concluded that cross-entropy is overrated. *Has
# that factor not canceled?*
#
# **Wrong way round.** Nora wrote $y - a$. The cost rose, so she turned the sign of the learning rate, and
# her two mistakes lived happily together until somebody reused her $\delta$. *If the answer is too high,
# which sign has the error?*
#
# **The factor two.** Omar's cost had no $\tfrac12$, his gradient no 2. Everything worked, at half of the
# learning rate that he thought he had. *Which constant does your cost carry?*
#
# **The batch that shouted.** Pia forgot $\frac1m$. With 10 examples all was well, with 1000 the weights
# exploded. *Duplicate every example: should the gradient double?* Her brother divided by $m$ here and
# again at the weights. *How often does $m$ occur in the cost?* Her cousin divided by $m$ and by the
# number of outputs. *Which axis is averaged?*
#
# **The perfect answer that was wrong.** Quinn returned $p$ instead of $p - y$. *Which error should a
# perfect answer get?*
#
# **Only the diagonal.** Rosa took step 1 of 001 to her softmax. In the example above she got
# $(0, 0, -0.9)$: the two wrong classes are never pushed down. *Do the other probabilities move?*

# %%
four_rows = np.repeat(A, 2, axis=0), np.repeat(Y, 2, axis=0)  # Pia's test: every example twice
print("cost once:", nn.quadratic_cost(A, Y), "  twice:", nn.quadratic_cost(*four_rows))
print("sum of δ over the rows, once:", nn.quadratic_grad(A, Y).sum(axis=0),
      "  twice:", nn.quadratic_grad(*four_rows).sum(axis=0))
print("Rosa's error:", (np.diag(nn.d_softmax(p)) * (-target / p)).round(9) + 0.0)

# %% [markdown]
# ## 9 How the sources write it
#
# | ours | Nielsen (001, 003) | Bishop (004) | s/f lesson (000) | training notes (002) |
# |---|---|---|---|---|
# | $C$, a mean | $C$ (003); $C$ and $L$ (001) | $E = \sum_n E_n$, a sum | $J$ | $L(\hat y, y; W)$ |
# | $a^L$, $y$ | $a^L$, $y$ | $y$, $t$ | $f^N$ at the top | $\hat y$, $y$ |
# | $\nabla_a C$ | $\nabla_a C$ | $\partial E / \partial y$ | $\partial J / \partial f^N$, its top $\delta^{N+1}$ | – |
# | $\delta^L$ | $\delta^L$ | $\delta_k = \partial E_n / \partial a_k$ | $\delta^N$ | – |
#
# One more false friend: the $y$ of 004 is the network's *answer*, and its $t$ is our target $y$.
#
# ## What you can now do
#
# - say which two promises a cost must keep, and what each of them is for;
# - derive BP1 from the full chain rule, and say when one term survives and when all of them do;
# - do it by hand for a sigmoid with either cost, and for softmax;
# - say where the factor $\frac1m$ sits, and what becomes of it in a source that sums;
# - explain why a saturated output learns with cross-entropy and not with the quadratic cost.
#
# ## Check yourself
#
# 1. A tanh output says $0.8$, the target is $1$, and the cost is quadratic ($m = 1$). What is $\delta$?
# 2. What is $\delta$ of a linear output that says $7$ where $4$ was wanted, in a batch of 6?
# 3. Softmax says $(0.2, 0.8)$ for an example whose target is $(0.5, 0.5)$. What is $\delta$ for $m = 1$?
# 4. Why must the entries of a softmax $\delta$ add up to zero in each row?
# 5. A paper sums the cost over its 50 examples and uses the learning rate $0.001$. Which one do you need?
#
# <details><summary>Answers</summary>
#
# 1. $(0.8 - 1)(1 - 0.64) = -0.2 \cdot 0.36 = -0.072$: it should go up, and is a little deaf.
# 2. $(7 - 4)/6 = 0.5$.
# 3. $(-0.3,\; 0.3)$. The derivation needed only that the targets add up to 1, not that they are 0 or 1.
# 4. Adding the same number to all scores of the row does not change the probabilities, so it cannot
#    change the cost; the rates $\delta_j$ of such a move add up to its effect, which is zero.
# 5. $0.05$: our gradient is smaller by the factor 50.
#
# </details>
