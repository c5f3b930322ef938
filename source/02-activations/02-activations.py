# %% [markdown]
# # 02 · Activations
#
# Unit 01 ended with a riddle: without a bend, thirty layers are one layer. So everything that a
# deep network can do beyond a matrix product it owes to $\varphi$. And the bend matters a second
# time. On the way back, every error will be multiplied by its **slope** $\varphi'$, once per layer.
# A slope of zero stops the error for good, a slope of a quarter leaves a quarter of it. Whether a
# network learns is decided, more than anywhere else, by the slopes that you are going to derive
# here.
#
# **You will** meet six activations, find four slopes with paper and pencil, code a sigmoid that
# stays calm at $z = \pm 1000$, decide what a slope is at a kink, send an error backward through
# ReLU and Maxout, and put right a slip in one of the sources.
#
# **Notation.** $z$ is the weighted input of a unit, $a = \varphi(z)$ its activation, and
# $\varphi'(z)$ the slope of $\varphi$ at $z$; in code the array of slopes is `dphi_z`.
# $\delta = \partial C / \partial z$ is the error of a unit, and `grad_a` is
# $\partial C / \partial a$, what arrives at its activation from above. All functions work entry by
# entry, on arrays of shape $(m, n)$.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 2.1 Six ways to bend
#
# These six stand in 001, and 000 discusses most of them.
#
# | name | $\varphi(z)$ | range | what it takes to compute |
# |---|---|---|---|
# | sigmoid $\sigma$ | $\dfrac{1}{1 + e^{-z}}$ | $0 \dots 1$ | an exp |
# | tanh | $\dfrac{e^z - e^{-z}}{e^z + e^{-z}}$ | $-1 \dots 1$ | an exp |
# | ReLU | $\max(0, z)$ | $0 \dots \infty$ | a comparison |
# | leaky ReLU | $\max(0.1\, z, z)$ | all numbers | a comparison |
# | Maxout | $\max(w_1 \cdot a^{\mathrm{prev}} + b_1,\; w_2 \cdot a^{\mathrm{prev}} + b_2)$ | all numbers | a comparison, and twice the weights |
# | ELU | $z$ if $z > 0$, else $\alpha\,(e^z - 1)$ | $-\alpha \dots \infty$ | an exp |
#
# The first two are *smooth and bounded*: they flatten out on both sides. The others were invented
# because of what this flatness does to learning. Look at it first.

# %% [markdown]
# ## 2.2 A worked example: how flat is flat?
#
# A sigmoid unit has $z = 0$, so $a = 0.5$. Nudge $z$ by $0.001$: $a$ becomes $0.50025$. It moved by
# a quarter of the nudge, so the slope is about $0.25$.
#
# Do the same at $z = 5$. There $a = 0.99331$, and after the nudge $0.99331 + 0.0000066$: the slope
# is about $0.0066$. An error that crosses this unit shrinks to less than one percent. At $z = 10$
# it shrinks to a twentieth of a thousandth: you may shout at this unit from above as loudly as you
# like, it will hear a whisper. 003 calls such a unit **saturated**. It learns slowly *because it is
# sure*, not because it is right.
#
# The next cell measures the slope of all elementwise activations with a nudge to each side.

# %%
heights = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: np.tanh(z),
    "ReLU": lambda z: np.where(z > 0, z, 0.0),
    "leaky ReLU": lambda z: np.where(z > 0, z, 0.1 * z),
    "ELU": lambda z: np.where(z > 0, z, np.exp(z) - 1),
}
points = np.array([-10.0, -5.0, -1.0, 0.5, 5.0, 10.0])
print("slope at z =", points)
for name, phi in heights.items():
    slopes = (phi(points + 0.001) - phi(points - 0.001)) / 0.002
    print(f"{name:>11}", *(f"{slope:8.5f}" for slope in slopes))

# %% [markdown]
# Read the columns. On the far right, two of the five are flat. On the far left, four of them are,
# and only the leaky ReLU lets something through. Keep this table in mind; section 2.16 will need
# it. (In the lesson, the saturation sliders show the same for a whole layer: move gain and bias,
# and watch the share of units whose slope is below 0.01.)
#
# ## 2.3 Derive: σ′ from σ
#
# $\sigma(z) = 1 / (1 + e^{-z})$ is a chain of two steps, $u = 1 + e^{-z}$ and then $a = 1 / u$. So
# its slope has two factors. Write the lines; the check tries them at several $z$ at once.
#
# | line | meaning |
# |---|---|
# | `u` | the inner step |
# | `da_du` | the slope of the outer step, written with `u` |
# | `du_dz` | the slope of the inner step |
# | `da_dz` | the slope of the sigmoid: the chain rule |
# | `by_a` | the same slope, written with the activation `a` **alone** |
#
# The last line is the famous one. From $a = 1/u$ follows $u = 1/a$ and $e^{-z} = u - 1$; put both
# into `da_dz`, and neither $z$ nor an exp is left. Why bother? After the forward pass $a$ lies on
# the shelf, so that the slope costs one multiplication. To make sure that your line really needs
# nothing but `a`, the check hands you activations that do **not** belong to the `z` beside them.
#
# If you are stuck on a line, set it to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "sigmoid_slope", "solution": true}
def sigmoid_slope(z, a):
    """The slope of the sigmoid, step by step, and from the activation alone.

    z: weighted inputs, (p,)    a: activations, not those of z, (p,)
    returns u, da_du, du_dz, da_dz: (p,) each, at z; by_a: (p,), at a
    """
    ### BEGIN SOLUTION
    u = 1 + np.exp(-z)
    da_du = -1 / u**2
    du_dz = -np.exp(-z)
    da_dz = da_du * du_dz
    by_a = a * (1 - a)
    ### END SOLUTION
    return u, da_du, du_dz, da_dz, by_a

# %% nbgrader={"grade_id": "test_sigmoid_slope", "grade": true}
check("02.sigmoid_slope", sigmoid_slope)

# %% [markdown]
# ## 2.4 Code: a sigmoid that keeps calm
#
# The formula of the table is right for every number, and still not fit for use. Try it:

# %%
with np.errstate(over="ignore", invalid="ignore"):  # these two lines would warn
    z = np.array([-1000.0, 0.0, 1000.0])
    print("exp(z):               ", np.exp(z))
    print("exp(z) / (1 + exp(z)):", np.exp(z) / (1 + np.exp(z)))

# %% [markdown]
# The largest number that fits into a float is about $1.8 \cdot 10^{308}$, which is $e^{709.8}$.
# Beyond it `np.exp` gives `inf`, and a warning. Sometimes one is lucky, since $1/\infty = 0$ is
# what one wanted. Sometimes one is not: $\infty / \infty$ is `nan`, and a single `nan` spreads to
# every weight of the network within one step.
#
# The cure is not to silence the warning, but never to ask for the exp of a large positive number.
# Multiply the top and bottom of the fraction by $e^z$, and you have a second way to write it:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{e^z}{1 + e^z}$$
#
# For which sign of $z$ is the one safe, for which the other? Beware of `np.where(condition, x, y)`:
# it computes `x` **and** `y` for all entries, and then chooses. The entries that it throws away may
# have warned by then.
#
# *How it is graded:* in one family of cases some $z$ are as large as $\pm 1000$. A warning there
# costs the case, even if the values are right.

# %% nbgrader={"grade_id": "sigmoid", "solution": true}
def sigmoid(z):
    """σ(z), without a warning for any z.

    z: (m, n)
    returns a: (m, n)
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))  # between 0 and 1
    return np.where(z >= 0, 1, e) / (1 + e)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_sigmoid", "grade": true}
check("02.sigmoid", sigmoid)

# %% [markdown]
# ## 2.5 Code: the slope of the sigmoid
#
# $$\sigma'(z) = \sigma(z)\,\big(1 - \sigma(z)\big)$$
#
# Mind what your function is given. It is $z$ and not $a$, so the activation has to be computed
# first, calmly. And mind what stands in the formula twice: not $z$.

# %% nbgrader={"grade_id": "d_sigmoid", "solution": true}
def d_sigmoid(z):
    """σ′(z), without a warning for any z.

    z: (m, n)
    returns dphi_z: (m, n)
    """
    ### BEGIN SOLUTION
    return sigmoid(z) * sigmoid(-z)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_d_sigmoid", "grade": true}
check("02.d_sigmoid", d_sigmoid)

# %% [markdown]
# ## 2.6 Derive: tanh′ from tanh
#
# Write $\tanh z = N / D$ with the numerator $N = e^z - e^{-z}$ and the denominator
# $D = e^z + e^{-z}$. The quotient rule says
#
# $$\left(\frac ND\right)' = \frac{N' D - N D'}{D^2}.$$
#
# Find $N'$ and $D'$ first; they will look familiar. Then divide both terms by $D^2$, and the slope
# appears with $a = N/D$ alone.
#
# | line | meaning |
# |---|---|
# | `dN_dz` | the slope of the numerator |
# | `dD_dz` | the slope of the denominator |
# | `da_dz` | the slope of tanh: the quotient rule |
# | `by_a` | the same slope, written with the activation `a` **alone** (again not those of `z`) |

# %% nbgrader={"grade_id": "tanh_slope", "solution": true}
def tanh_slope(z, a):
    """The slope of tanh, step by step, and from the activation alone.

    z: weighted inputs, (p,)    a: activations, not those of z, (p,)
    returns dN_dz, dD_dz, da_dz: (p,) each, at z; by_a: (p,), at a
    """
    ### BEGIN SOLUTION
    N = np.exp(z) - np.exp(-z)
    D = np.exp(z) + np.exp(-z)
    dN_dz = D
    dD_dz = N
    da_dz = (dN_dz * D - N * dD_dz) / D**2
    by_a = 1 - a**2
    ### END SOLUTION
    return dN_dz, dD_dz, da_dz, by_a

# %% nbgrader={"grade_id": "test_tanh_slope", "grade": true}
check("02.tanh_slope", tanh_slope)

# %% [markdown]
# ## 2.7 Code: the slope of tanh
#
# $$\tanh'(z) = 1 - \tanh^2(z)$$
#
# `np.tanh` is calm by itself. Before you run the check, say how steep your curve is at its steepest
# point, and how steep a sigmoid is there: the two are easily mistaken for each other.

# %% nbgrader={"grade_id": "d_tanh", "solution": true}
def d_tanh(z):
    """tanh′(z), without a warning for any z.

    z: (m, n)
    returns dphi_z: (m, n)
    """
    ### BEGIN SOLUTION
    return 1 - np.tanh(z) ** 2
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_d_tanh", "grade": true}
check("02.d_tanh", d_tanh)

# %% [markdown]
# ## 2.8 Code: ReLU
#
# The *rectified linear unit* passes what is positive, and is silent otherwise: $\max(0, z)$. 000
# praises its speed, and there are two speeds in it. One is the speed of **computing**: a comparison
# is much cheaper than an exp. (Time it, if you like: `%timeit np.exp(z)` against your own function,
# in a cell of your own.) The other one is the speed of **learning**: where a ReLU is active its
# slope is 1, not a quarter, and an error crosses it undiminished.

# %% nbgrader={"grade_id": "relu", "solution": true}
def relu(z):
    """max(0, z), entry by entry.

    z: (m, n)
    returns a: (m, n)
    """
    ### BEGIN SOLUTION
    return np.maximum(0, z)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_relu", "grade": true}
check("02.relu", relu)

# %% [markdown]
# ## 2.9 Code: the slope of ReLU
#
# On the right the curve rises by one per one, on the left it does not rise at all. At $z = 0$ it
# has a **kink**, and no slope: from the left it is 0, from the right it is 1. Any number between
# the two would do for training, but everybody in a course has to choose the same one.
#
# > **Our convention:** at a kink, the slope is that of the **left** side: $\mathrm{ReLU}'(0) = 0$.
#
# Do not think that $z = 0$ never occurs. It does, whenever all inputs of a unit are silent and its
# bias is still zero.

# %% nbgrader={"grade_id": "d_relu", "solution": true}
def d_relu(z):
    """ReLU′(z); 0 at the kink.

    z: (m, n)
    returns dphi_z: (m, n)
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_d_relu", "grade": true}
check("02.d_relu", d_relu)

# %% [markdown]
# ## 2.10 Code: the slope of the leaky ReLU
#
# A ReLU with $z < 0$ for every example gets no error at all, so its weights never move again: it is
# dead, and unit 10 holds the funeral. The leaky ReLU, $\max(c z, z)$ with a small slope $c$ on the
# negative side, was made to prevent that. 001 takes $c = 0.1$; here it is the argument `slope`. At
# the kink our convention holds: the left side.

# %% nbgrader={"grade_id": "d_leaky_relu", "solution": true}
def d_leaky_relu(z, slope):
    """The slope of max(slope * z, z); at the kink it is that of the left side.

    z: (m, n)    slope: of the negative side, a number between 0 and 1
    returns dphi_z: (m, n)
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, slope)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_d_leaky_relu", "grade": true}
check("02.d_leaky_relu", d_leaky_relu)

# %% [markdown]
# ## 2.11 Derive: ELU′
#
# The *exponential linear unit* bends its left side: $\alpha\,(e^z - 1)$ for $z \le 0$. Far on the
# left it settles at $-\alpha$. Its right side needs no derivation; these three lines are about the
# left one and about the place where both meet. Each point brings an `alpha` of its own, and again
# activations `a` that do not belong to the `z` beside them.
#
# | line | meaning |
# |---|---|
# | `left` | the slope at $z \le 0$, written with `z` |
# | `by_a` | the slope where the activation is $a \le 0$, written with `a` and `alpha` **alone** |
# | `jump` | how much the slope jumps at $z = 0$: that of the right side minus that of the left |
#
# When you have the third line, ask for which $\alpha$ ELU has no kink at all.

# %% nbgrader={"grade_id": "elu_slope", "solution": true}
def elu_slope(z, a, alpha):
    """The slope of ELU on its bent side, and its jump at 0.

    z: weighted inputs, z <= 0, (p,)    a: activations, not those of z, (p,)    alpha: (p,)
    returns left: (p,), at z; by_a: (p,), at a; jump: (p,)
    """
    ### BEGIN SOLUTION
    left = alpha * np.exp(z)
    by_a = a + alpha
    jump = 1 - alpha
    ### END SOLUTION
    return left, by_a, jump

# %% nbgrader={"grade_id": "test_elu_slope", "grade": true}
check("02.elu_slope", elu_slope)

# %% [markdown]
# ## 2.12 Code: the slope of ELU
#
# Now both sides in one function, for every $z$ up to $\pm 1000$ and without a warning. Remember
# what `np.where` does with the entries that it does not use. At the kink: the left side.

# %% nbgrader={"grade_id": "d_elu", "solution": true}
def d_elu(z, alpha):
    """ELU′(z), without a warning for any z; at the kink it is that of the left side.

    z: (m, n)    alpha: a positive number
    returns dphi_z: (m, n)
    """
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_d_elu", "grade": true}
check("02.d_elu", d_elu)

# %% [markdown]
# ## 2.13 Code: an error meets a ReLU
#
# So far you have slopes. What are they for? Suppose that somebody above has found out how the cost
# moves with the activations of a layer, $\partial C / \partial A$, and hands you this array as
# `grad_a`. The error of the layer is how the cost moves with its weighted inputs, and by the chain
# rule
#
# $$\delta = \frac{\partial C}{\partial Z} = \frac{\partial C}{\partial A} \odot \varphi'(Z),$$
#
# where $\odot$ multiplies entry by entry. Take a unit with $z = (2, -1, 3)$ in three examples, and
# `grad_a` $= (-0.5, 0.4, 0)$. The slopes are $(1, 0, 1)$, so $\delta = (-0.5, 0, 0)$. The two zeros
# have different reasons: in example 2 the unit was off, in example 3 nobody complained. And note
# the sign of $-0.5$: a *negative* error passes an active ReLU like any other. What opens the gate
# is the sign of $z$ on the way forward.
#
# The layer kept two arrays on its way forward: `A_prev`, which entered its weights, and `Z`, which
# entered its ReLU. You are given both, as in real life; decide which one you need.

# %%
z, grad_a = np.array([2.0, -1.0, 3.0]), np.array([-0.5, 0.4, 0.0])
step = 1e-6
for k in range(3):  # nudge each z: the cost moves by grad_a for each unit that a moves
    moved = max(0.0, z[k] + step) - max(0.0, z[k] - step)
    print(f"example {k + 1}: error {grad_a[k] * moved / (2 * step):.3f}")

# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_backward(grad_a, A_prev, Z):
    """The error of a ReLU layer.

    grad_a: dC/dA, (m, n)    A_prev: what entered the weights, (m, n_prev)    Z: (m, n)
    returns delta: (m, n)
    """
    ### BEGIN SOLUTION
    return grad_a * d_relu(Z)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_relu_backward", "grade": true}
check("02.relu_backward", relu_backward)

# %% [markdown]
# ## 2.14 Code: an error meets a leaky ReLU
#
# The same for the leaky ReLU. On the negative side the error is not stopped: it passes, scaled
# down, and keeps its sign.

# %% nbgrader={"grade_id": "leaky_relu_backward", "solution": true}
def leaky_relu_backward(grad_a, Z, slope):
    """The error of a leaky ReLU layer.

    grad_a: dC/dA, (m, n)    Z: (m, n)    slope: of the negative side
    returns delta: (m, n)
    """
    ### BEGIN SOLUTION
    return grad_a * d_leaky_relu(Z, slope)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_leaky_relu_backward", "grade": true}
check("02.leaky_relu_backward", leaky_relu_backward)

# %% [markdown]
# ## 2.15 Derive: Maxout's switch
#
# A Maxout unit has two sets of weights. It computes $z_1$ and $z_2$, and says the larger one,
# $a = \max(z_1, z_2)$. Put a switch into the formula, $s = 1$ if the first branch wins and $s = 0$
# if the second does:
#
# $$a = s\, z_1 + (1 - s)\, z_2$$
#
# A small nudge does not turn the switch, so for the derivative $s$ is a constant. (Unless there is
# a tie. Our convention: at $z_1 = z_2$ the **first** branch has won. With $z_1 = 0$ this makes a
# ReLU of $z_2$, with slope 0 at the kink, as agreed.)
#
# | line | meaning |
# |---|---|
# | `first_wins` | the switch $s$, from `z_1` and `z_2` |
# | `dC_dz_1` | the error of the first branch: `grad_a` is $\partial C / \partial a$ |
# | `dC_dz_2` | the error of the second branch |

# %% nbgrader={"grade_id": "maxout_switch", "solution": true}
def maxout_switch(z_1, z_2, grad_a):
    """The switch of p Maxout units, and the errors of both branches.

    z_1, z_2: weighted inputs of the branches, (p,)    grad_a: dC/da, (p,)
    returns first_wins, dC_dz_1, dC_dz_2: (p,) each
    """
    ### BEGIN SOLUTION
    first_wins = z_1 >= z_2
    dC_dz_1 = grad_a * first_wins
    dC_dz_2 = grad_a * (1 - first_wins)
    ### END SOLUTION
    return first_wins, dC_dz_1, dC_dz_2

# %% nbgrader={"grade_id": "test_maxout_switch", "grade": true}
check("02.maxout_switch", maxout_switch)

# %% [markdown]
# Now code a layer of Maxout units, forward first and then backward. The branch that lost had no
# influence on the answer, so it can have no part in the blame.

# %% nbgrader={"grade_id": "maxout", "solution": true}
def maxout(Z_1, Z_2):
    """The larger of two weighted inputs of each unit.

    Z_1, Z_2: (m, n)
    returns A: (m, n)
    """
    ### BEGIN SOLUTION
    return np.maximum(Z_1, Z_2)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_maxout", "grade": true}
check("02.maxout", maxout)

# %% nbgrader={"grade_id": "maxout_backward", "solution": true}
def maxout_backward(Z_1, Z_2, grad_A):
    """The errors of both branches of a Maxout layer; at a tie the first branch has won.

    Z_1, Z_2, grad_A: (m, n)
    returns delta_1, delta_2: (m, n) each
    """
    ### BEGIN SOLUTION
    first_wins = Z_1 >= Z_2
    return np.where(first_wins, grad_A, 0), np.where(first_wins, 0, grad_A)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_maxout_backward", "grade": true}
check("02.maxout_backward", maxout_backward)

# %% [markdown]
# ## 2.16 Explain: "fast & no saturation"?
#
# 001 puts ReLU, leaky ReLU, Maxout and ELU into one group, under the heading *fast & no
# saturation*. That is a slip. The next cell measures, for $z$ between $-6$ and $6$, which share of
# all these $z$ has a slope below $0.01$.

# %%
z = np.linspace(-6, 6, 1200)
for name, phi in heights.items():
    slopes = (phi(z + 1e-5) - phi(z - 1e-5)) / 2e-5
    print(f"{name:>11}: slope below 0.01 for {np.mean(slopes < 0.01):5.1%} of all z")

# %% [markdown]
# Which of the four deserve the words "no saturation", which of them only on one side, and which do
# not deserve the word "fast"? What is the price of Maxout? Name a reason for each of your four
# judgments: a slope, or something that has to be computed. Three or four sentences.
#
# *What earns the points:* one point for ReLU and ELU, with the side and the slope; one for leaky
# ReLU and Maxout, for the exp, and for the price.

# %% [markdown] nbgrader={"grade_id": "explain_no_saturation", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# Only leaky ReLU and Maxout never saturate: the slope of the one is 1 or 0.1 everywhere, and of
# Maxout's two branches one always has the slope 1. ReLU and ELU do not saturate for $z > 0$, where
# their slope is 1. On the left ReLU is as flat as can be, with a slope of exactly 0, and ELU
# flattens out like a sigmoid, with the slope $\alpha e^z$, below $0.01$ from $z \approx -4.6$ on
# (for $\alpha = 1$). ReLU and leaky ReLU are fast, a comparison each; ELU pays an exp on its left
# side. Maxout needs only a comparison, but two weighted inputs, so twice the weights and twice the
# multiply-adds.
# ### END SOLUTION

# %% [markdown]
# ## 2.17 Explain: asleep or dead?
#
# Three hidden units have $z \approx -3$ for every example of the training set: a ReLU, a leaky ReLU
# with slope 0.1, and an ELU with $\alpha = 1$. The units above send them errors of ordinary size.
# What does each of the three units receive of it, and which of them can find back to $z > 0$ by
# learning? Then compare with a sigmoid at $z = -3$. Two or three sentences, with numbers.
#
# *What earns the points:* one point for the slopes of the three units and of the sigmoid; one for
# saying who can recover, how fast, and who cannot.

# %% [markdown] nbgrader={"grade_id": "explain_asleep", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# The slopes are 0 for the ReLU, 0.1 for the leaky ReLU and $e^{-3} \approx 0.05$ for the ELU, and
# by these the errors are multiplied. The ReLU gets nothing from any example, so none of its weights
# moves again: it is dead as long as its inputs stay as they are. The other two are asleep: they
# learn ten and twenty times more slowly than an active unit, but they learn, and if the cost asks
# for it they wake up. (The deeper the ELU lies, the slower: at $z = -10$ it has nearly stopped as
# well.) The sigmoid, with $\sigma'(-3) \approx 0.045$, is about as slow as the ELU, but on *both*
# of its sides.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - derive the slope of a sigmoid, of tanh and of ELU, and write each of them with the activation
#   alone;
# - write functions that never take the exp of a large positive number, and say why a warning
#   matters;
# - say what a slope is at a kink, by convention, and where this convention shows;
# - send an error backward through a ReLU, a leaky ReLU and a Maxout unit;
# - tell which activation saturates on which side, and what each of them costs.
#
# ## Check yourself
#
# 1. A sigmoid unit says $a = 0.9$. What is its slope? And that of a tanh unit that says $0.9$?
# 2. Show that $\tanh z = 2 \sigma(2z) - 1$, and find from it the largest slope of tanh.
# 3. An error crosses six sigmoid layers. By how much does it shrink at least, from the slopes
#    alone?
# 4. In your code of `relu_backward` somebody replaces `Z` by $\mathrm{ReLU}(Z)$. Does anything
#    change?
# 5. Which input puts all units of a ReLU layer with zero biases exactly at their kink, whatever its
#    weights are?
#
# <details><summary>Answers</summary>
#
# 1. $0.9 \cdot 0.1 = 0.09$, and $1 - 0.81 = 0.19$.
# 2. Multiply the top and bottom of $\frac{2}{1 + e^{-2z}} - 1 = \frac{1 - e^{-2z}}{1 + e^{-2z}}$ by
#    $e^z$. The slope is $4 \sigma'(2z)$, at most $4 \cdot \frac14 = 1$.
# 3. To $(1/4)^6$ or less, which is below a four-thousandth: unit 09 is about this number.
# 4. No: $\max(0, z) > 0$ exactly where $z > 0$. So the slope of a ReLU can be read off its
#    activation.
# 5. The zero vector: every message is zero, so every $z$ is.
#
# </details>
