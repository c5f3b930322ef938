# %% [markdown]
# # 09 · Vanishing gradients
#
# The forward pass and BP1 to BP4 are in your hands, and they hold for two layers as well as for
# thirty. Yet for twenty years hardly anybody managed to train thirty. Nothing was wrong with the
# equations. The numbers in them became too small, or too large, layer by layer, and that is a
# matter of *scale*.
#
# **You will** find a bound for the error at the lower end of a path, find out how large a sum of
# many small random things is, derive the two recipes for the first weights that everybody uses
# today, and code them, together with the tools around them: standardized inputs, a norm per layer,
# and a speed limit for the step.
#
# **Notation.** As always: $W^l$ has the shape $(n_l, n_{l-1})$, rows are examples, and
# $\delta^l = \partial C / \partial Z^l$. The **spread** of random numbers is their standard
# deviation, its square is their **variance**. `n_in` and `n_out` are the numbers of units below and
# above the weights of one layer.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 9.1 A worked example: down a path of three units
#
# Three sigmoid units sit on one path, each in its own layer. From the top down they have the
# activations $0.5$, $0.9$ and $0.8$, and the weights that leave them upward are $2$, $-1$ and $3$.
# At the top of the path the error $0.1$ arrives. BP2, along one path, multiplies at every unit by a
# weight and by a slope $a(1-a)$:
#
# | unit | slope $a(1-a)$ | weight | factor | the error after it |
# |---|---|---|---|---|
# | 1 | $0.25$ | $2$ | $0.5$ | $0.05$ |
# | 2 | $0.09$ | $-1$ | $-0.09$ | $-0.0045$ |
# | 3 | $0.16$ | $3$ | $0.48$ | $-0.00216$ |
#
# The slope of a sigmoid is never above $\frac14$. If all three units had been at their steepest
# place, the factors would have had the sizes $\frac24$, $\frac14$ and $\frac34$, and the error at
# the bottom the size $0.1 \cdot \frac{6}{64} = 0.009375$. No activations whatsoever can make it
# larger.

# %%
a, w, error = np.array([0.5, 0.9, 0.8]), np.array([2.0, -1.0, 3.0]), 0.1
for slope, weight in zip(a * (1 - a), w):
    error = error * weight * slope
    print(f"slope {slope:.2f}, weight {weight:4}: the error is now {error:.5f}")

# %% [markdown]
# ## 9.2 Derive: a quarter at every step
#
# Now with letters, for $k$ units on the path. Use only `a`, `w` and `delta_top`.
#
# | line | meaning | shape |
# |---|---|---|
# | `factors` | by what each unit multiplies the error: its weight times its slope | $(k,)$ |
# | `delta_bottom` | the error below all of them | one number |
# | `largest` | the largest **size** that each factor could have, if the unit's $a$ were free | $(k,)$ |
# | `bound` | so: the largest size of the error below all of them, with these weights | one number |
# | `quarters` | the same bound if the only thing we know is that no weight is larger than 1 in size | one number |
#
# A size is never negative. If you are stuck on a line, set it to `None` and check what you have:
# each line counts by itself.

# %% nbgrader={"grade_id": "path_bound", "solution": true}
def path_bound(a, w, delta_top):
    """The error at the lower end of a path of sigmoid units, and bounds for its size.

    a: activations on the path, (k,)    w: the weight that leaves each upward, (k,)
    delta_top: the error that arrives at the top, a number
    returns factors: (k,), delta_bottom: a number, largest: (k,), bound, quarters: numbers
    """
    ### BEGIN SOLUTION
    factors = w * a * (1 - a)
    delta_bottom = delta_top * np.prod(factors)
    largest = np.abs(w) / 4
    bound = abs(delta_top) * np.prod(largest)
    quarters = abs(delta_top) / 4 ** len(w)
    ### END SOLUTION
    return factors, delta_bottom, largest, bound, quarters

# %% nbgrader={"grade_id": "test_path_bound", "grade": true}
check("09.path_bound", path_bound)

# %% [markdown]
# For ten units the last line is a millionth. A layer has many paths, of course, and weights may be
# larger than 1; but then most units saturate, and their slopes fall far below a quarter. And if the
# slopes are 1, as with ReLU, then it is the weights alone that make the errors fade or grow. So: how
# large should weights be?
#
# ## 9.3 Derive: how large is a sum of many small things?
#
# A weighted input is a sum of $n$ terms, $z = \sum_k w_k a_k$ (let the bias be zero). The weights
# are drawn at random, independently, with mean 0 and variance $v_w = \mathrm{spread}^2$. The
# activations are given; let $q$ be the mean of their squares. How large is $z$, on average over the
# draws?
#
# Square the sum. There are terms $w_k^2 a_k^2$ and mixed terms $w_k w_i\, a_k a_i$. A mixed term is
# positive as often as negative, and its average is 0: independent weights with mean 0. What remains
# is $n$ terms, each of the average $v_w\, a_k^2$.
#
# | line | meaning |
# |---|---|
# | `term` | the average of one $w_k^2 a_k^2$, if $a_k^2$ is $q$ |
# | `variance` | the average of $z^2$ (which is the variance of $z$, as its mean is 0) |
# | `keeping` | the **spread** of the weights for which the average of $z^2$ is $q$ again |
# | `after` | the average of $z^2$ after `depth` such layers with $n$ units each, if $a = z$ (no bend) |
#
# All arguments are arrays of $p$ numbers: each line is tried for $p$ layers at once.

# %% nbgrader={"grade_id": "layer_variance", "solution": true}
def layer_variance(n_in, spread, q, depth):
    """How large weighted inputs are, and for which weights they keep their scale.

    n_in: units below, (p,)    spread: standard deviation of the weights, (p,)
    q: mean of the squared activations below, (p,)    depth: number of layers, (p,)
    returns term, variance, keeping, after: (p,) each
    """
    ### BEGIN SOLUTION
    term = spread**2 * q
    variance = n_in * term
    keeping = 1 / np.sqrt(n_in)
    after = q * (n_in * spread**2) ** depth
    ### END SOLUTION
    return term, variance, keeping, after

# %% nbgrader={"grade_id": "test_layer_variance", "grade": true}
check("09.layer_variance", layer_variance)

# %% [markdown]
# ## 9.4 Derive: one weight, two ways
#
# On the way up a weighted input sums over the units **below** it. On the way down the blame of a
# unit sums over the units **above** it: $\sum_j w_{jk}\, \delta_j$. The same weights, the same
# argument, another number of terms. Near $z = 0$ a tanh has the slope 1 and changes neither sum.
#
# | line | meaning |
# |---|---|
# | `forward` | the **variance** of the weights that keeps the scale of $z$ on the way up |
# | `backward` | the **variance** of the weights that keeps the scale of the error on the way down |
# | `both` | Glorot's compromise: one over the mean of the two numbers of units |
# | `gain_forward` | by which factor the variance grows on the way up with the compromise |
# | `gain_backward` | the same on the way down |

# %% nbgrader={"grade_id": "two_ways", "solution": true}
def two_ways(n_in, n_out):
    """The variance of the weights that keeps the scale up, down, and the compromise.

    n_in: units below, (p,)    n_out: units above, (p,)
    returns forward, backward, both, gain_forward, gain_backward: (p,) each
    """
    ### BEGIN SOLUTION
    forward = 1 / n_in
    backward = 1 / n_out
    both = 2 / (n_in + n_out)
    gain_forward = n_in * both
    gain_backward = n_out * both
    ### END SOLUTION
    return forward, backward, both, gain_forward, gain_backward

# %% nbgrader={"grade_id": "test_two_ways", "grade": true}
check("09.two_ways", two_ways)

# %% [markdown]
# ## 9.5 Derive: what ReLU takes away
#
# ReLU sets the negative half of all $z$ to zero and leaves the other half alone. Let $z$ be as often
# positive as negative, in a symmetric way, with the variance $v$.
#
# | line | meaning |
# |---|---|
# | `q` | the mean of the squares of $a = \mathrm{ReLU}(z)$ |
# | `variance` | the variance of a weighted input in the layer above, with weights of the given spread |
# | `keeping` | the **spread** of the weights for which that variance is $v$ again |
# | `left` | the share of the variance that is left after `depth` layers if one takes the spread $1/\sqrt{n}$ |

# %% nbgrader={"grade_id": "relu_half", "solution": true}
def relu_half(n_in, spread, v, depth):
    """What becomes of the variance of z in layers of ReLU units.

    n_in: units below, (p,)    spread: standard deviation of the weights, (p,)
    v: variance of z below, (p,)    depth: number of layers, (p,)
    returns q, variance, keeping, left: (p,) each
    """
    ### BEGIN SOLUTION
    q = v / 2
    variance = n_in * spread**2 * q
    keeping = np.sqrt(2 / n_in)
    left = 0.5**depth
    ### END SOLUTION
    return q, variance, keeping, left

# %% nbgrader={"grade_id": "test_relu_half", "grade": true}
check("09.relu_half", relu_half)

# %% [markdown]
# ## 9.6 Code: the first weights
#
# Turn the two results into weights. You get `draws`, an array of the shape `(n_out, n_in)` whose
# entries were drawn from a normal distribution with mean 0 and spread 1. Return an array of the same
# shape with the right spread. (Multiplying random numbers by $c$ multiplies their spread by $c$,
# and their variance by $c^2$.) Which number of the shape is which?

# %% nbgrader={"grade_id": "glorot", "solution": true}
def glorot(draws):
    """First weights that keep the scale both ways, for tanh and other units with slope 1 around 0.

    draws: from N(0, 1), (n_out, n_in)
    returns W: (n_out, n_in)
    """
    ### BEGIN SOLUTION
    n_out, n_in = draws.shape
    return np.sqrt(2 / (n_in + n_out)) * draws
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_glorot", "grade": true}
check("09.glorot", glorot)

# %% nbgrader={"grade_id": "he", "solution": true}
def he(draws):
    """First weights that keep the scale on the way up, for ReLU units.

    draws: from N(0, 1), (n_out, n_in)
    returns W: (n_out, n_in)
    """
    ### BEGIN SOLUTION
    n_out, n_in = draws.shape
    return np.sqrt(2 / n_in) * draws
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_he", "grade": true}
check("09.he", he)

# %% [markdown]
# ## 9.7 Code: one scale for all inputs
#
# A layer that keeps the scale is of no use if the scale is wrong from the start. An income in
# dollars and an age in years, side by side, saturate the units of layer 1 with the one and hide the
# other. So **standardize** every column: subtract its mean, divide by its standard deviation.
#
# - `train` and `test` have one example in each row. Both are treated with the numbers of the
#   **training** set: the mean and the standard deviation (NumPy's `std`, with $m$ in the
#   denominator) of each column of `train`.
# - A column that is constant in `train` has no spread. Subtract its mean, and divide it by 1, in
#   both sets. Do not add a tiny number to the divisor: for a test example that differs in such a
#   column it would make a huge one.
#
# Return both arrays.

# %% nbgrader={"grade_id": "standardize", "solution": true}
def standardize(train, test):
    """Both sets, with each column shifted and divided by what the training set says of it.

    train: (m, n)    test: (k, n)
    returns train: (m, n), test: (k, n)
    """
    ### BEGIN SOLUTION
    mean = train.mean(axis=0)
    spread = train.std(axis=0)
    spread[spread == 0] = 1
    return (train - mean) / spread, (test - mean) / spread
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_standardize", "grade": true}
check("09.standardize", standardize)

# %% [markdown]
# ## 9.8 Code: look before you train
#
# The first thing to do with a deep network is to look at its gradients, layer by layer. `grads` is
# the list of $(\partial C / \partial W^l, \partial C / \partial b^l)$ for $l = 1 \dots L$. Return
# $L$ numbers: for each layer the length of **all** its gradients, weights and biases, taken together
# as one long vector.

# %% nbgrader={"grade_id": "gradient_norms", "solution": true}
def gradient_norms(grads):
    """The length of the gradient of each layer.

    grads: list of (dW, db), dW (n_l, n_{l-1}), db (n_l,)
    returns norms: (L,)
    """
    ### BEGIN SOLUTION
    norms = []
    for dW, db in grads:
        norms.append(np.sqrt(np.sum(dW**2) + np.sum(db**2)))
    return np.array(norms)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_gradient_norms", "grade": true}
check("09.gradient_norms", gradient_norms)

# %% [markdown]
# ## 9.9 Code: a speed limit for the step
#
# Gradients may also grow on the way down: they **explode**. Then a single step throws the weights
# away. A simple safeguard: if the gradient of the *whole network*, all layers and all arrays taken
# together as one vector, is longer than `limit`, shorten it to this length, and keep its direction.
# A gradient that is short enough stays as it is.
#
# Return a list of pairs, in the shapes of `grads`. A gradient that is zero everywhere must not
# trip you.

# %% nbgrader={"grade_id": "clip_by_norm", "solution": true}
def clip_by_norm(grads, limit):
    """The gradients of all layers, shortened together if they are longer than the limit.

    grads: list of (dW, db), dW (n_l, n_{l-1}), db (n_l,)    limit: a positive number
    returns grads: list of (dW, db) for layers 1 … L
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(dW**2) + np.sum(db**2) for dW, db in grads))
    factor = limit / norm if norm > limit else 1.0
    return [(factor * dW, factor * db) for dW, db in grads]
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_clip_by_norm", "grade": true}
check("09.clip_by_norm", clip_by_norm)

# %% [markdown]
# ## 9.10 Try it: ten layers and the handwritten digits
#
# A network with nine hidden layers of 32 tanh units each, and three ways to start: weights with the
# spread 0.05, with the spread 1, and yours. Below are the norms of the gradients of all layers,
# before the first step, on a logarithmic axis. Predict the three curves, and then run the cell.

# %%
import matplotlib.pyplot as plt

from bplib.data import digits
from bplib.functions import network_gradients

data = digits()
sizes, rng = [64] + 9 * [32] + [10], np.random.default_rng(0)
draws = [rng.normal(size=(n_out, n_in)) for n_in, n_out in zip(sizes, sizes[1:])]
starts = {"0.05": lambda d: 0.05 * d, "1": lambda d: d, "Glorot": lambda d: glorot(d)}
try:
    X, _ = standardize(data.X_train[:200], data.X_test)
    for (name, start), marker in zip(starts.items(), "os^"):
        params = [(start(d), np.zeros(len(d))) for d in draws]
        norms = gradient_norms(network_gradients(X, data.Y_train[:200], params))
        print(f"{name:7} layer 1: {norms[0]:.1e}   layer 10: {norms[-1]:.1e}")
        plt.semilogy(range(1, 11), norms, marker=marker, label=f"spread {name}")
    plt.xlabel("layer")
    plt.ylabel("norm of the gradient")
    plt.legend()
    plt.show()
except NotImplementedError:
    print("some function above is not written yet")

# %% [markdown]
# *The figure in words.* Three curves over the layers 1 to 10. With Glorot's weights the curve is
# nearly level: all layers get a gradient of about the same length. With the spread 0.05 the lower
# layers get next to nothing, many powers of ten below the others. With the spread 1 the curve lies
# far above the others and rises on the way down, toward layer 1.
#
# ## 9.11 Explain: a million times the learning rate
#
# A colleague trains a network of twenty sigmoid layers. The gradient of layer 1 is a millionth of
# that of layer 20. "Then I take a learning rate a million times as large," she says. What will
# happen? And name two things that she could change instead, each with the factor that it mends. Two
# or three sentences.
#
# *What earns the points:* one point for what becomes of the upper layers; one for two remedies with
# their factors.

# %% [markdown] nbgrader={"grade_id": "explain_rate", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# The one learning rate holds for all layers: the steps of the upper layers, whose gradients are of
# ordinary size, become a million times too long, and their weights are thrown far away, so that
# their units saturate and the errors that go down are smaller than ever. Better: an activation
# whose slope is 1 where it works (ReLU, or tanh near 0), which mends the factor of at most 1/4 per
# layer; weights with the spread of Glorot or He, which mend the sum over the weights; standardized
# inputs, which keep layer 1 out of saturation.
# ### END SOLUTION

# %% [markdown]
# ## 9.12 Explain: an innocent shortcut
#
# Somebody standardizes all 1,797 images at once, and only then splits them into a training and a
# test set. It saves a line. What is wrong with it, and why may it be hard to notice? And how would
# you treat a single image that arrives tomorrow? Two or three sentences.
#
# *What earns the points:* one point for what the training set should not have known; one for the
# single image.

# %% [markdown] nbgrader={"grade_id": "explain_shortcut", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# Mean and spread then contain the test images, so the training has been told something about
# examples that it is meant not to know, and the test accuracy is no longer that of new images. With
# many alike examples the difference is tiny, so nobody sees it; with few of them, or if the test
# images come from elsewhere, it flatters. A single image has no spread of its own: it is shifted and
# divided by the mean and spread of the training set, which therefore belong to the trained network
# and are kept with its weights.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - say why errors fade along a path of sigmoids, and bound how much of them is left;
# - compute the variance of a sum, and derive from it the spread of weights that keeps the scale;
# - choose between Glorot and He, and say where the 2 comes from in each of them;
# - standardize inputs without looking at the test set, and watch and limit gradients.
#
# ## Check yourself
#
# 1. A sigmoid unit on a path has $z = 0$. How large must the weight be, at least, so that the error
#    does not shrink there?
# 2. A layer has 400 units below it. Which spread of the weights keeps the variance, for tanh units
#    near 0 and for ReLU units?
# 3. He's recipe looks at the way up only. A layer has 100 units below and 200 ReLU units above. With
#    He's weights, by which factor does the variance of the errors change on the way down?
# 4. The gradient of a network with two layers is $(3, 0)$ and $(0, 4)$, and the limit is 1. What is
#    it after clipping by the norm? And what if each layer is clipped for itself?
# 5. Does clipping help against vanishing gradients?
#
# *Answers:* 1. 4 in size. 2. $1/\sqrt{400} = 0.05$, and $\sqrt{2/400} \approx 0.071$. 3. the sum runs
# over 200 terms of the variance $2/100$, which makes 4, and half of the units below let nothing
# through, which makes 2: it doubles. 4. the length is 5, so $(0.6, 0)$ and $(0, 0.8)$; for itself,
# $(1, 0)$ and $(0, 1)$, which points elsewhere. 5. no: it only ever shortens.
