# %% [markdown]
# # Lesson 02 · Activations
#
# Two units of the same layer were wrong in the same direction, and the layer above sends both the
# same complaint: *you should have said less*. Unit A says $0.6$. Unit B says $0.9997$. Both are
# sigmoids. **Which of the two changes its answer more after this complaint, and by which factor?**
# Write down a guess; a factor of 2, of 10, of 100?
#
# The answer (section 3) explains a good part of the history in lesson 01. On the way forward the
# bend $\varphi$ is what makes depth worth anything. On the way back every error is multiplied by
# the bend's **slope**, once per layer. So this lesson is about six curves and, above all, about how
# steep they are.
#
# **Notation.** $z$ is the weighted input of a unit, $a = \varphi(z)$ its activation, $\varphi'(z)$
# the slope at $z$. All functions work entry by entry, on arrays of any shape.

# %%
from timeit import timeit

import matplotlib.pyplot as plt
import numpy as np

from bplib import nn, numeric
from bplib.data import digits
from bplib.explore import saturation

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"

# %% [markdown]
# ## 1 What an activation is for
#
# <a id="000-activation-functions"></a>000 discusses **activation functions** and which of them to
# choose. What should one ask of them? That they are not straight, that their slope is cheap to
# compute, and that this slope does not vanish where the units work. The first demand comes from the
# forward pass: without a bend thirty layers are one (lesson 01). The other two come from the backward
# pass. Suppose the cost moves $\partial C / \partial a$ times as fast as the activation $a$ of a unit.
# How fast does it move with $z$? A nudge of $z$ moves $a$ by $\varphi'(z)$ times as much, and the cost
# by $\partial C / \partial a$ times that:
#
# $$\delta = \frac{\partial C}{\partial z} = \frac{\partial C}{\partial a} \, \varphi'(z).$$
#
# That is all an activation ever does to an error: it scales it. A slope of 1 lets it pass whole, a
# slope of 0 stops it for good.
#
# ## 2 Six curves
#
# <a id="001-all-six-with-formulas"></a>001 lists six, and these are the six of the course:
#
# | name | $\varphi(z)$ | $\varphi'(z)$ | range |
# |---|---|---|---|
# | sigmoid $\sigma$ | $1 / (1 + e^{-z})$ | $a\,(1 - a)$ | $0 \dots 1$ |
# | tanh | $(e^z - e^{-z}) / (e^z + e^{-z})$ | $1 - a^2$ | $-1 \dots 1$ |
# | ReLU | $\max(0, z)$ | $1$ if $z > 0$, else $0$ | $0 \dots \infty$ |
# | leaky ReLU | $\max(0.1\,z,\, z)$ | $1$ if $z > 0$, else $0.1$ | all numbers |
# | Maxout | $\max(z_1, z_2)$, two weighted inputs | 1 for the branch that won, 0 for the other | all numbers |
# | ELU | $z$ if $z > 0$, else $\alpha\,(e^z - 1)$ | $1$ if $z > 0$, else $\alpha\,e^z$ | $-\alpha \dots \infty$ |
#
# The third column is what the next sections derive. Look at the pictures first.

# %%
z = np.linspace(-5, 5, 401)
pictures = {name: (nn.activation(name)(z), nn.activation(name).derivative(z))
            for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu")}
first, second = nn.maxout_backward(z, -z / 2, np.ones_like(z))  # which branch won
pictures["maxout of z and −z/2"] = nn.maxout(z, -z / 2), first - second / 2
figure, panels = plt.subplots(2, 3, figsize=(8, 4), sharex=True, layout="constrained")
for panel, (name, (height, slope)) in zip(panels.flat, pictures.items(), strict=True):
    panel.plot(z, height, color=BLUE, label="φ")
    panel.plot(z, slope, color=ORANGE, linestyle="--", label="φ′")
    panel.set(title=name, ylim=(-1.4, 2.4))
panels[0, 0].legend(loc="upper left")
figure.supxlabel("z")
plt.show()

# %% [markdown]
# Each panel shows a curve (solid) and its slope (dashed). The sigmoid's slope is a low hill, nowhere
# above a quarter; that of tanh is a hill of height 1. Both hills end in flat land on the left *and*
# on the right. The other four have the slope 1 for all $z > 0$; on the left ReLU has none, leaky
# ReLU keeps a tenth, ELU fades, and Maxout simply changes to its other branch.
#
# ## 3 The sigmoid, and its slope from its height
#
# **By hand.** Take $z = \ln 3$, so that $e^{-z} = \tfrac13$ and
# $a = 1 / (1 + \tfrac13) = \tfrac34$. We want the slope there.
#
# **Derivation.** $\sigma$ is a chain of two steps, $u = 1 + e^{-z}$ and then $a = 1/u$.
#
# 1. The inner step has the slope $du/dz = -e^{-z}$: the exponential is its own derivative, and the
#    minus comes from the chain rule for $-z$. The constant 1 does not move.
# 2. The outer step has the slope $da/du = -1/u^2$, the power rule for $u^{-1}$.
# 3. The chain rule multiplies them, and the two signs cancel: $da/dz = e^{-z} / u^2$.
# 4. Now write it with $a$ alone. From $a = 1/u$ we have $1/u^2 = a^2$. And $e^{-z} = u - 1 = 1/a - 1$,
#    by the definition of $u$. So
#
# $$\sigma'(z) = \Big(\frac1a - 1\Big)\, a^2 = a\,(1 - a).$$
#
# At $z = \ln 3$ that is $\tfrac34 \cdot \tfrac14 = \tfrac{3}{16} = 0.1875$. No exponential is needed any
# more: after the forward pass $a$ is on the shelf, and the slope costs one multiplication.

# %%
z = np.log(3.0)
print("height:", nn.sigmoid(z), "  slope by the formula:", nn.d_sigmoid(z))
print("slope by nudging z:", ((nn.sigmoid(z + 1e-6) - nn.sigmoid(z - 1e-6)) / 2e-6).round(8))
assert np.isclose(nn.d_sigmoid(z), 3 / 16)

# %% [markdown]
# **How steep at most?** $a(1-a)$ is largest at $a = \tfrac12$, because
# $a(1-a) = \tfrac14 - (a - \tfrac12)^2$. So the slope is never above **a quarter**, and it has this
# value only at $z = 0$.
#
# **And the two units of the beginning?** Unit A has the slope $0.6 \cdot 0.4 = 0.24$, unit B
# $0.9997 \cdot 0.0003 \approx 0.0003$. The same complaint moves A's weighted input *eight hundred
# times* as strongly as B's. And B's answer hardly changes even when its $z$ does, so the slope
# counts twice: its answer moves by less than two millionths of what A's does (for the same incoming
# signals and a small step).

# %%
slope_A, slope_B = 0.6 * 0.4, 0.9997 * 0.0003
print(f"error of A over error of B: {slope_A / slope_B:.0f}")
print(f"change of A's answer over that of B's: {(slope_A / slope_B) ** 2:.0f}")

# %% [markdown]
# <a id="003-flat-sigmoid"></a>003 puts it like this: where a sigmoid is close to 0 or 1 its curve is
# **flat**, so its slope is nearly 0, and the unit learns slowly. It calls such a unit **saturated**.
# Note what this does *not* depend on: whether the unit is right. B may be as wrong as one can be, it
# is still deaf, because it is *sure*.
#
# | $z$ | 0 | 2 | 4 | 6 | 8 |
# |---|---|---|---|---|---|
# | $\sigma(z)$ | 0.5 | 0.881 | 0.982 | 0.9975 | 0.99966 |
# | $\sigma'(z)$ | 0.25 | 0.105 | 0.0177 | 0.0025 | 0.00034 |
#
# From $z \approx 4$ on, each further step of 2 divides the slope by about seven. In $e^{-z} / u^2$ of
# step 3 the $u = 1 + e^{-z}$ is nearly 1 there, so the slope falls like $e^{-z}$, and $e^2 \approx 7.4$.
# On the left it is the same, because $a\,(1 - a)$ does not change when $a$ and $1 - a$ change places.

# %%
table = nn.d_sigmoid(np.array([0.0, 2.0, 4.0, 6.0, 8.0]))
print(table.round(5))
assert np.allclose(table, [0.25, 0.105, 0.0177, 0.0025, 0.00034], atol=5e-5)

# %% [markdown]
# ### A formula that is right and still breaks
#
# $1 / (1 + e^{-z})$ is right for every number. But the largest number that fits into a float is about
# $1.8 \cdot 10^{308} \approx e^{709.8}$. At $z = -1000$ the computer is asked for $e^{1000}$, warns
# of an overflow and takes $\infty$. Here it is lucky, since $1/\infty = 0$ is nearly right. With the
# equivalent form $e^z / (1 + e^z)$ at $z = +1000$ it is not: $\infty / \infty$ is `nan`, and a single
# `nan` reaches every weight in one step.
#
# The cure: of the two forms take, for each entry, the one whose exponent is not positive. Between
# them every $z$ is served. And the slope: $1 - \sigma(z)$ is $\sigma(-z)$, since
# $1 - \frac{1}{1 + e^{-z}} = \frac{e^{-z}}{1 + e^{-z}} = \frac{1}{e^z + 1}$. This matters at large
# $z$, where $\sigma(z)$ has been rounded to exactly 1 and $1 - 1$ is 0, while $\sigma(-z)$ still
# knows its digits.

# %%
with np.errstate(over="ignore", invalid="ignore"):  # shown on purpose; a cure would not hide it
    careless = np.exp(1000.0) / (1 + np.exp(1000.0))
print("careless:", careless, "  calm:", nn.sigmoid(np.array([-1000.0, 1000.0])))
a = nn.sigmoid(40.0)
print("slope at 40 as a(1 − a):", a * (1 - a), "  as σ(z)σ(−z):", nn.d_sigmoid(40.0))

# %% [markdown]
# ## 4 tanh
#
# **By hand.** At $z = \ln 2$ we have $e^z = 2$, $e^{-z} = \tfrac12$, so
# $a = (2 - \tfrac12)/(2 + \tfrac12) = 1.5 / 2.5 = 0.6$.
#
# **Derivation.** Write $a = N/D$ with $N = e^z - e^{-z}$ and $D = e^z + e^{-z}$.
#
# 1. Differentiate both: $N' = e^z + e^{-z} = D$ and $D' = e^z - e^{-z} = N$. (The second term changes
#    its sign each time.) They are each other's slope.
# 2. The quotient rule: $a' = (N' D - N D')/D^2 = (D^2 - N^2)/D^2$.
# 3. Divide term by term: $D^2/D^2 = 1$ and $N^2/D^2 = a^2$. So $\tanh'(z) = 1 - a^2$.
#
# At our point: $1 - 0.36 = 0.64$. At $z = 0$ the slope is 1, four times the sigmoid's best.
#
# **A relative.** Multiply the top and bottom of $2\sigma(2z) - 1 = \frac{1 - e^{-2z}}{1 + e^{-2z}}$ by
# $e^z$, and tanh stands there. It is a sigmoid, twice as tall, twice as fast, and moved down. So it
# saturates too, and sooner; but it is steeper in the middle, and its outputs are centered at 0.

# %%
z = np.log(2.0)
print("height:", nn.tanh(z).round(12), "  slope:", nn.d_tanh(z).round(12))
assert np.isclose(nn.tanh(z), 0.6)
assert np.isclose(nn.d_tanh(z), 0.64)
assert np.isclose(nn.tanh(z), 2 * nn.sigmoid(2 * z) - 1)

# %% [markdown]
# ## 5 ReLU, leaky ReLU, and the kink
#
# $\max(0, z)$ is made of two straight lines: slope 1 on the right, 0 on the left. Where they meet, at
# $z = 0$, there is a **kink** and no slope at all: from the left it is 0, from the right 1. For
# training any number between would do, but everybody has to take the same one.
#
# > **Our convention:** at a kink the slope is that of the **left** side. $\mathrm{ReLU}'(0) = 0$, and
# > for the leaky ReLU with the slope $0.1$ it is $0.1$.
#
# The case is no curiosity: give a network with zero biases an input of zeros, and every unit stands
# exactly on its kink.
#
# <a id="000-relu-speed"></a>000 praises the ReLU's **speed**. There are two speeds in that word.
#
# *The speed of computing.* A comparison is cheaper than an exponential. The next cell measures both
# on a million numbers (on your machine, today; the factor differs from place to place).

# %%
many = np.random.default_rng(0).normal(size=1_000_000)
comparison = min(timeit(lambda: np.maximum(0, many), number=1) for _ in range(5))
exponential = min(timeit(lambda: 1 / (1 + np.exp(-many)), number=1) for _ in range(5))
print(f"the sigmoid took {exponential / comparison:.1f} times as long as the ReLU")

# %% [markdown]
# *The speed of learning.* This is the more important one. An error crosses an active ReLU whole, and
# a sigmoid with a quarter at best. Below, two networks that differ in nothing but the bend of their
# three hidden layers learn the same digits from the same starting point.

# %%
data = digits()
figure, panel = plt.subplots(figsize=(5, 2.8), layout="constrained")
for name, color, marker in (("sigmoid", ORANGE, "s"), ("relu", BLUE, "o")):
    network = nn.Network.dense([64, 24, 24, 24, 10], hidden=name, init="glorot", seed=1)
    costs = network.train(data.X_train, data.Y_train, 0.05, batch_size=16, epochs=12, progress=False)
    panel.plot(range(1, 13), costs, color=color, marker=marker, label=name)
    print(f"{name:>7}: {network.accuracy(data.X_test, data.Y_test):.0%} of the test digits right")
panel.set(xlabel="epoch", ylabel="cost", ylim=(0, 2.5))
panel.legend()
plt.show()

# %% [markdown]
# The ReLU's curve (circles) falls from the first epoch on. The sigmoid's (squares) stays on a
# plateau: after twelve epochs the network still guesses. A cost of $2.3 \approx \ln 10$ is what one
# pays for giving each of ten digits the same chance. Three slopes of at most a quarter stand between
# the cost and the first layer. (The network does leave the plateau in the end, or with larger steps.
# Lesson 09 is about what can be done.)
#
# **Leaky.** A ReLU whose $z$ is negative for *every* example has the slope 0 for every example. No
# error passes, so its weights do not move again, as long as its inputs stay as they are. The leaky
# ReLU, $\max(0.1\,z, z)$, was made for this case: on the left it still has a slope of $0.1$, so errors
# pass, weakened, and with their sign.
#
# ## 6 ELU
#
# The left side is $\alpha\,(e^z - 1)$. It starts at 0, since $e^0 = 1$, and settles at $-\alpha$.
#
# **Derivation.** The constant $-\alpha$ does not move, and $\alpha e^z$ is its own derivative, so the
# slope is $\alpha e^z$. Add and subtract $\alpha$, and it is written with the height alone:
#
# $$\alpha e^z = \alpha\,(e^z - 1) + \alpha = a + \alpha.$$
#
# **By hand** with $\alpha = 2$ and $z = -\ln 2$: $a = 2(\tfrac12 - 1) = -1$, and the slope is
# $2 \cdot \tfrac12 = 1$, which is $a + \alpha = -1 + 2$.
#
# **At $z = 0$** the left side arrives with the slope $\alpha$, the right side leaves with 1. The slope
# jumps by $1 - \alpha$, so with $\alpha = 1$, and only then, there is no kink.

# %%
z = -np.log(2.0)
print("height:", nn.elu(z, alpha=2.0), "  slope:", nn.d_elu(z, alpha=2.0))
assert np.isclose(nn.elu(z, alpha=2.0), -1.0)
assert np.isclose(nn.d_elu(z, alpha=2.0), 1.0)

# %% [markdown]
# ## 7 Maxout, a unit that chooses
#
# A Maxout unit has two sets of weights, computes two weighted inputs, and says the larger one. Two
# examples: $z_1 = (3, -1)$ and $z_2 = (1, 2)$ give $a = (3, 2)$. In the first example branch 1 wins,
# in the second branch 2.
#
# **Derivation.** Let $s = 1$ if branch 1 wins, and $s = 0$ if branch 2 does. Then
# $a = s\,z_1 + (1 - s)\,z_2$. A nudge that is small enough does not change who wins, so $s$ is a
# constant for the derivative, and
#
# $$\frac{\partial a}{\partial z_1} = s, \qquad \frac{\partial a}{\partial z_2} = 1 - s.$$
#
# The winner gets the whole error, the loser none: it had no influence on the answer. (At a tie the
# small nudge would decide. Our convention: the first branch has won.) If the complaints from above are
# $(0.5, -0.4)$, branch 1 gets $(0.5, 0)$ and branch 2 gets $(0, -0.4)$.

# %%
Z_1, Z_2, grad_A = np.array([3.0, -1.0]), np.array([1.0, 2.0]), np.array([0.5, -0.4])
error_1, error_2 = nn.maxout_backward(Z_1, Z_2, grad_A)
print("says:", nn.maxout(Z_1, Z_2), "  branch 1 gets:", error_1, "  branch 2 gets:", error_2)
nudged_1 = numeric.gradient(lambda Z: np.sum(grad_A * nn.maxout(Z, Z_2)), Z_1)
nudged_2 = numeric.gradient(lambda Z: np.sum(grad_A * nn.maxout(Z_1, Z)), Z_2)
assert np.allclose([nudged_1, nudged_2], [[0.5, 0.0], [0.0, -0.4]])

# %% [markdown]
# ## 8 Play: saturation
#
# So far one unit. Now a layer of 48, and eight such layers in a row. Predict first: **with weights of
# an ordinary size hardly a sigmoid is saturated. How much of the error is left after eight layers?**
# The explorer asks the same question; choose, then reveal. Then three more experiments:
#
# 1. Press *raw pixels*: inputs that nobody scaled, sixteen times as wide. Which share of the
#    sigmoids is flat?
# 2. Press *dead ReLU*, and compare with the leaky ReLU beside it.
# 3. Press *calm*, and choose tanh as the first activation. Now find a gain at which layer 1 still gets
#    about half of the error. How many units are flat there, and why does more gain help at all?
#
# The explorer shows, for two activations side by side, the curve and its slope with a moving point, a
# histogram of the weighted inputs of all units, and how much of the error each layer still gets. The
# sentence below the pictures says the same in words. It speaks of two equations that you have not met
# yet: BP1 makes the error of the last layer (lesson 03), and BP2 carries it down from layer to layer,
# through the weights *and* through the slopes (lesson 04).

# %%
saturation()

# %% [markdown]
# What you should have seen: raw pixels make about three quarters of the sigmoids flat. With a bias of
# $-6$ nearly all of the ReLUs are, and nothing arrives at layer 1; the leaky ReLU lets about two
# ten-thousandths through. With tanh a gain of about 2 keeps half of the error, although one unit in
# eight is flat: a larger gain makes the slopes smaller, but the weights, by which the error is
# multiplied too, larger.
#
# ## 9 Which of them saturate?
#
# <a id="slip-001-no-saturation"></a>**A slip to put right.** 001 puts ReLU, leaky ReLU, Maxout and
# ELU in one group and writes over it: *fast & no saturation*. Check it against the pictures.
#
# | | flat on the left | flat on the right | what it costs |
# |---|---|---|---|
# | sigmoid, tanh | yes | yes | an exponential |
# | ReLU | **yes**, slope exactly 0 | no | a comparison |
# | leaky ReLU | no, 0.1 | no | a comparison |
# | ELU | **yes**, slope $\alpha e^z$ | no | **an exponential**, on the left |
# | Maxout | no | no | a comparison, and **twice the weights** |
#
# So "no saturation" is right for leaky ReLU and Maxout, half right for ReLU and ELU; "fast" is not
# right for ELU, and Maxout's price is a second matrix product. The sentence that survives: *for $z > 0$
# none of these four saturates; for $z < 0$ only leaky ReLU and Maxout do not*.

# %%
z = np.linspace(-6, 6, 1201)
for name in ("sigmoid", "tanh", "relu", "leaky_relu", "elu"):
    flat = np.mean(nn.activation(name).derivative(z) < 0.01)
    print(f"{name:>10}: slope below 0.01 for {flat:4.0%} of all z between −6 and 6")

# %% [markdown]
# ## 10 Pitfalls
#
# **Which s?** Fay knew "the slope of the sigmoid is $s(1-s)$", and her function was handed $z$. She
# wrote $z(1-z)$. At $z = 0.5$ it gives $0.25$, which looks plausible; at $z = 3$ it gives $-6$, and
# no sigmoid ever falls. *What does $s$ stand for in $s(1-s)$?*
#
# **The slope at the wrong place.** Gus stored only activations and called `d_sigmoid(a)`. All his
# slopes lay between $0.196$ and $0.25$: no unit ever looked saturated. *At which quantity did you
# evaluate $\varphi'$?*
#
# **Almost tanh.** Hana wrote $1 - a$ for tanh. At $a = 0$ and $a = 1$ it is right, so both of her
# tests passed. *What is the slope of the plotted curve at $a = 0.5$?* (It is $0.75$.) Her brother had
# copied his sigmoid layer, put tanh into it, and forgotten the slope. Near zero his errors were a
# quarter of what they should have been. *What is the steepest slope of your curve?*
#
# **The wrong mask.** Ivo stopped the error of a ReLU wherever the *error* was negative. His units
# could only ever be told to say less. *Whose sign made the unit fire?* A ReLU's gate is opened by
# the sign of $z$ on the way forward; a negative error passes an open gate like any other. His sister
# took the sign from the layer below, and as all layers were equally wide, no shape complained. *Which
# array entered this ReLU?*
#
# **The leak that was plugged.** Ivo then changed to a leaky ReLU, on the way forward. On the way back
# he kept the old mask, and the units that he wanted to wake up slept on. *What crosses the negative
# side?* His sister's ELU passed $\alpha$ times the error there, for every $z < 0$. *Is that side of the
# curve straight?*
#
# **The blank image.** Of a thousand images one was blank, and the biases still were zero. On this one
# image Jana's gradients differed from everybody else's: her ReLU had the slope 1 at 0. *What is our
# convention at the kink?*
#
# **Height or slope?** Later her ReLU handed back $\max(0, z)$ as its slope, so that loud units learned
# most. With all $z$ at 0 or 1 nobody could see it. *Did you return the height or the slope?*
#
# **Both branches.** Karl sent the error of a Maxout to both branches, to be fair. The loser's weights
# then moved for answers that it had not given. *Which branch won?*

# %%
z = np.array([-2.0, 0.0, 3.0])
print("slope at z:  ", nn.d_sigmoid(z).round(4))
print("slope at a:  ", nn.d_sigmoid(nn.sigmoid(z)).round(4), "(Gus: nobody is saturated)")
print("z (1 − z):   ", z * (1 - z), "(Fay: a sigmoid that falls)")

# %% [markdown]
# ## 11 How the sources write it
#
# | ours | 001, 003 | 004 | 000 |
# |---|---|---|---|
# | $a = \varphi(z)$ | $a = \sigma(z)$; $\sigma$ also for any activation | $z = g(a)$ | $f$, with $s$ before the bend |
# | $\varphi'(z)$ | $\sigma'(z)$ | $g'(a)$ | the derivative of $f$ by $s$ |
#
# When 004 writes $g'(a_j)$, its $a_j$ is our $z_j$: nobody takes a slope at an activation. We write
# $\varphi$ for any bend and keep $\sigma$ for the sigmoid.
#
# ## What you can now do
#
# - write down six activations with their slopes, and draw them;
# - derive the slopes of sigmoid, tanh and ELU, and write each with the activation alone;
# - compute a sigmoid for any $z$ without a warning, and say why the careless form breaks;
# - say what the slope at a kink is, and that it is a convention;
# - send an error through any of the six;
# - tell who saturates on which side, and correct "fast & no saturation".
#
# ## Check yourself
#
# 1. A sigmoid unit says $0.2$. What is its slope? At which other activation is it the same?
# 2. A tanh unit has the slope $0.19$. What does it say? (Two answers.)
# 3. An error of $0.8$ meets five units with $z = -3$: sigmoid, tanh, ReLU, leaky ReLU, and ELU with
#    $\alpha = 1$. Put them in order of what they let through.
# 4. Why may one read the slope of a ReLU off its activation, and why not that of a Maxout?
# 5. Somebody scales the weights of a sigmoid layer up by ten. What happens to its slopes, and what
#    to the errors of the layer?
#
# <details><summary>Answers</summary>
#
# 1. $0.2 \cdot 0.8 = 0.16$; the same at $0.8$.
# 2. $1 - a^2 = 0.19$, so $a = \pm 0.9$.
# 3. Leaky ReLU $0.08$, ELU $0.8\,e^{-3} \approx 0.040$, sigmoid $\approx 0.036$, tanh
#    $\approx 0.0079$, ReLU $0$.
# 4. $\max(0, z)$ is positive exactly where $z$ is. The activation of a Maxout does not say which of
#    the two branches it came from.
# 5. The $z$ grow tenfold, so most units move out to where the curve is flat; their slopes fall like
#    $e^{-|z|}$, and so do their errors.
#
# </details>
