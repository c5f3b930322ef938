# %% [markdown]
# # 04 · The hidden error
#
# The output layer knows its error: it stands next to the cost, and BP1 gave it to you in unit 03.
# A hidden unit has never seen a target. Nobody ever told it what it should have answered. And yet we
# are about to say, for each hidden unit and to the last digit, how much of the cost is its doing.
#
# **You will** follow the blame along one path, add up all paths, turn the sum into a matrix product,
# find out where the transpose goes when one example becomes a mini-batch, and walk a whole network
# from top to bottom.
#
# **Notation.** Layers are numbered $l = 1 \dots L$. $W^{l+1}_{jk}$ runs **from** unit $k$ of layer
# $l$ **to** unit $j$ of layer $l+1$, so $W^{l+1}$ has shape $(n_{l+1}, n_l)$. The error of a layer is
# $\delta^l = \partial C / \partial z^l$. In code, `dphi_z` is the array $\varphi'(z^l)$, and whatever
# belongs to the layer above has `_next` in its name.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 4.1 A worked example: one hidden unit, two listeners
#
# A hidden unit $k$ has $z_k = 0$ and a sigmoid, so $a_k = 0.5$ and its slope is
# $\varphi'(z_k) = 0.25$. Two units above listen to it, with the weights $w_{1k} = 2$ and
# $w_{2k} = -3$. Suppose we know their errors already: $\delta_1 = 0.1$ and $\delta_2 = 0.2$.
#
# Nudge $z_k$ up by a tiny $\varepsilon$, and follow what happens, one thing at a time.
#
# 1. The activation moves by $0.25\,\varepsilon$. (That is what a slope is.)
# 2. The first listener's weighted input moves by $2 \cdot 0.25\,\varepsilon = 0.5\,\varepsilon$, the
#    second one's by $-3 \cdot 0.25\,\varepsilon = -0.75\,\varepsilon$.
# 3. An error of $0.1$ *means*: the cost moves by $0.1$ for each unit that this $z$ moves. So the
#    first path costs $0.1 \cdot 0.5\,\varepsilon = 0.05\,\varepsilon$ and the second one
#    $0.2 \cdot (-0.75)\,\varepsilon = -0.15\,\varepsilon$.
# 4. To first order the two effects add: the cost moves by $-0.10\,\varepsilon$.
#
# Therefore $\delta_k = \partial C / \partial z_k = -0.10$. The minus sign is news: pushing this unit
# *up* makes the cost *smaller*, because its stronger listener hears it with a negative weight.

# %%
slope, weights, errors_above = 0.25, np.array([2.0, -3.0]), np.array([0.1, 0.2])
print("one path each:", errors_above * weights * slope)
print("together:     ", np.sum(errors_above * weights * slope))

# %% [markdown]
# ## 4.2 Derive: one path
#
# Now with letters. Look only at the path that leaves $z_k$, passes the weight $w_{jk}$ and arrives at
# **one** unit $j$ above, whose error is $\delta_j$. Write the three lines of the worked example, each
# as an expression in NumPy. The check tries your lines at several random points at once, so every
# argument is an array of that many numbers; write them as if they were plain numbers.
#
# | line | meaning |
# |---|---|
# | `da_dz` | how fast $a_k$ moves with $z_k$ |
# | `dz_next_dz` | how fast $z_j$ of the layer above moves with $z_k$ |
# | `dC_dz` | how fast the cost moves with $z_k$, along this path alone |
#
# If you are stuck on a line, set it to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "one_path", "solution": true}
def one_path(dphi_z_k, w_jk, delta_j):
    """The three rates along one path, for p points at once.

    dphi_z_k: slope of unit k, (p,)    w_jk: weight from k to j, (p,)    delta_j: error of j, (p,)
    returns da_dz, dz_next_dz, dC_dz: (p,) each
    """
    ### BEGIN SOLUTION
    da_dz = dphi_z_k
    dz_next_dz = w_jk * da_dz
    dC_dz = delta_j * dz_next_dz
    ### END SOLUTION
    return da_dz, dz_next_dz, dC_dz

# %% nbgrader={"grade_id": "test_one_path", "grade": true}
check("04.one_path", one_path)

# %% [markdown]
# ## 4.3 Derive: every path counts
#
# Unit $k$ feeds **every** unit of the layer above, so a nudge of $z_k$ travels along all of those
# paths at the same time. For a small nudge the effects add up. (That is the chain rule for several
# variables: $C$ depends on $z_k$ through each $z_j$, hence
# $\frac{\partial C}{\partial z_k} = \sum_j \frac{\partial C}{\partial z_j}
# \frac{\partial z_j}{\partial z_k}$.)
#
# Stay with one example: `delta_next` has shape $(n_{l+1},)$ and `dphi_z` has shape $(n_l,)$.
#
# | line | meaning | shape |
# |---|---|---|
# | `paths` | entry $[j, k]$ is the blame of unit $k$ that arrives through unit $j$ | $(n_{l+1}, n_l)$ |
# | `before_slope` | blame at $a_k$: the sum over all $j$ of error times weight, no slope yet | $(n_l,)$ |
# | `delta` | the error of the layer | $(n_l,)$ |
#
# Try to write `before_slope` as **one matrix product**. Its entry $k$ sums over $j$, the *first* index
# of $W_{jk}$, while an ordinary product $W v$ sums over the second.

# %% nbgrader={"grade_id": "all_paths", "solution": true}
def all_paths(W_next, delta_next, dphi_z):
    """From single paths to the error of a layer, for one example.

    W_next: (n_next, n)    delta_next: (n_next,)    dphi_z: (n,)
    returns paths: (n_next, n), before_slope: (n,), delta: (n,)
    """
    ### BEGIN SOLUTION
    paths = delta_next[:, np.newaxis] * W_next * dphi_z
    before_slope = W_next.T @ delta_next
    delta = before_slope * dphi_z
    ### END SOLUTION
    return paths, before_slope, delta

# %% nbgrader={"grade_id": "test_all_paths", "grade": true}
check("04.all_paths", all_paths)

# %% [markdown]
# ## 4.4 Code: the hidden error of one example (BP2)
#
# You now hold the second of the four equations:
#
# $$\delta^l = \big( (W^{l+1})^{\mathsf T} \delta^{l+1} \big) \odot \varphi'(z^l) \tag{BP2}$$
#
# where $\odot$ multiplies entry by entry. The weights carry activations *up* along $W$; the same
# weights carry blame *down* along $W^{\mathsf T}$. Code it for one example.

# %% nbgrader={"grade_id": "hidden_error_one", "solution": true}
def hidden_error_one(W_next, delta_next, dphi_z):
    """The error of a layer from the error of the layer above, one example (BP2).

    W_next: (n_next, n)    delta_next: (n_next,)    dphi_z: (n,)
    returns delta: (n,)
    """
    ### BEGIN SOLUTION
    return (W_next.T @ delta_next) * dphi_z
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_hidden_error_one", "grade": true}
check("04.hidden_error_one", hidden_error_one)

# %% [markdown]
# ## 4.5 Derive: where did the transpose go?
#
# A mini-batch has one example in each **row**. If the examples stood in *columns*, nothing would be
# new: the matrix product treats each column by itself. So begin there, and then turn the page by
# ninety degrees. The one rule that you need is $(AB)^{\mathsf T} = B^{\mathsf T} A^{\mathsf T}$.
#
# | line | meaning | shape |
# |---|---|---|
# | `columns` | BP2 without the slope, examples in columns: use `delta_next.T` | $(n_l, m)$ |
# | `rows` | the transpose of that line, multiplied out until no `.T` is left | $(m, n_l)$ |
# | `delta` | the error of the layer, examples in rows | $(m, n_l)$ |

# %% nbgrader={"grade_id": "columns_to_rows", "solution": true}
def columns_to_rows(W_next, delta_next, dphi_z):
    """BP2 for a mini-batch, first with the examples in columns, then in rows.

    W_next: (n_next, n)    delta_next: (m, n_next)    dphi_z: (m, n)
    returns columns: (n, m), rows: (m, n), delta: (m, n)
    """
    ### BEGIN SOLUTION
    columns = W_next.T @ delta_next.T
    rows = delta_next @ W_next
    delta = rows * dphi_z
    ### END SOLUTION
    return columns, rows, delta

# %% nbgrader={"grade_id": "test_columns_to_rows", "grade": true}
check("04.columns_to_rows", columns_to_rows)

# %% [markdown]
# ## 4.6 Code: the hidden error of a mini-batch
#
# $$\delta^l = \big( \delta^{l+1} W^{l+1} \big) \odot \varphi'(Z^l) \tag{BP2, rows}$$
#
# Each row is one example and never meets another one: that is why nothing is divided by $m$ here. The
# one factor $1/m$ of the mean cost has been inside $\delta^L$ since BP1, and rides along.

# %% nbgrader={"grade_id": "hidden_error", "solution": true}
def hidden_error(W_next, delta_next, dphi_z):
    """The error of a layer from the error of the layer above (BP2).

    W_next: (n_next, n)    delta_next: (m, n_next)    dphi_z: (m, n)
    returns delta: (m, n)
    """
    ### BEGIN SOLUTION
    return (delta_next @ W_next) * dphi_z
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_hidden_error", "grade": true}
check("04.hidden_error", hidden_error)

# %% [markdown]
# ## 4.7 Code: all the way down
#
# One layer's error is made from the error of its neighbor above, and that one from its own neighbor
# above. So start at the top and walk down: $\delta^L$ is given, then $\delta^{L-1}$, …, $\delta^1$.
#
# - `params` is the list of $(W^l, b^l)$ and `Zs` the list of $Z^l$, both for $l = 1 \dots L$. Python
#   counts from 0, so layer $l$ stands at index $l - 1$. Write down, before you code, at which index
#   the weights stand that *leave* layer $l$.
# - `phi` is the activation; `phi.derivative(Z)` gives its slope.
# - Return the list of errors in the order of the layers, from $\delta^1$ to $\delta^L$.

# %% nbgrader={"grade_id": "hidden_errors", "solution": true}
def hidden_errors(params, Zs, delta_L, phi):
    """The errors of all layers, from the top layer down (BP2, layer by layer).

    params: list of (W, b), W (n_l, n_{l-1})    Zs: list of (m, n_l)    delta_L: (m, n_L)
    phi: the activation, with phi.derivative
    returns deltas: list of (m, n_l) for layers 1 … L
    """
    ### BEGIN SOLUTION
    deltas = [delta_L]
    for l in range(len(params) - 1, 0, -1):
        W_next, _ = params[l]
        deltas.insert(0, hidden_error(W_next, deltas[0], phi.derivative(Zs[l - 1])))
    return deltas
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_hidden_errors", "grade": true}
check("04.hidden_errors", hidden_errors)

# %% [markdown]
# ## 4.8 Explain: the quiet unit
#
# A hidden sigmoid unit has $z_k = 8$ for every example of the mini-batch. The units above have large
# errors and large weights to it. What will happen to the weights **into** this unit during the next
# hundred steps of training, and which factor of BP2 decides it? What changes if it is a ReLU unit
# instead? Two or three sentences.
#
# *What earns the points:* one point for naming the factor and saying how large it is about; one for
# the consequence for the weights, and for the comparison with ReLU.

# %% [markdown] nbgrader={"grade_id": "explain_quiet_unit", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# The slope $\varphi'(8) = \sigma(8)(1 - \sigma(8)) \approx 3 \cdot 10^{-4}$ multiplies all the blame
# that arrives from above, so $\delta_k$ is tiny however large the errors above are, and the weights
# into the unit hardly move: it learns slowly because it is saturated, not because it is right. A ReLU
# has the slope 1 at $z = 8$: the blame passes unchanged and the unit learns at full speed. (Its own
# trouble lies on the other side: at $z < 0$ the slope is exactly 0.)
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - follow the blame of a hidden unit along one path, and say what each of the three factors means;
# - turn a sum over paths into a product with $W^{\mathsf T}$, and rows into a product with $W$;
# - walk the errors of a whole network from the top down, each layer once.
#
# ## Check yourself
#
# 1. A weight $w_{jk}$ is exactly zero. How much of $\delta_j$ does unit $k$ inherit through it?
# 2. All errors of the layer above are zero for one example. What is $\delta^l$ for this example?
# 3. Your network has 3 hidden layers with sigmoid units, and all weights are about 1. By which factor,
#    at most, does one step of BP2 multiply the error of a path? And three steps?
# 4. In BP2 for rows, what would go wrong if you divided by $m$ in each layer?
#
# <details><summary>Answers</summary>
#
# 1. None: no weight, no blame.
# 2. Zero: blame has to come from somewhere.
# 3. The slope of a sigmoid is at most $1/4$, so $1/4$, and $1/64$ after three. Errors fade on the way
#    down, which is the story of unit 09.
# 4. The mean would be taken once more in every layer: $\delta^l$ would be too small by $m^{L-l}$.
#
# </details>
