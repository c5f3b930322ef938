# %% [markdown]
# # 05 · Backpropagation
#
# Every unit of the network now has its error. But you cannot turn an error: what you can turn are
# the weights and the biases. The last step from $\delta$ to their gradients is the shortest of them
# all, one multiplication. After it you will put everything together, and hold the whole algorithm
# in one short function.
#
# **You will** find the gradient of one weight and of one bias, see where the factor $1/m$ of the
# mean cost lives, turn a sum over examples into a matrix product, code the five steps of
# backpropagation, and add a penalty on the weights.
#
# **Notation.** As before: $W^l_{jk}$ runs **from** unit $k$ of layer $l-1$ **to** unit $j$ of layer
# $l$, rows are examples, and $\delta^l = \partial C / \partial Z^l$ has shape $(m, n_l)$. In code,
# `A_prev` is the activation $A^{l-1}$ that entered the layer, and `dW`, `db` are
# $\partial C / \partial W^l$ and $\partial C / \partial b^l$: a gradient has the shape of what it
# belongs to.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 5.1 A worked example: nine parameters, two examples
#
# Take a pencil. The network has two inputs, two hidden units and one output, with a ReLU in both
# layers: $\varphi(z) = \max(0, z)$, so each slope is 1 or 0. Its nine parameters are
#
# $$W^1 = \begin{pmatrix} 1 & 1 \\ -1 & 2 \end{pmatrix}, \quad b^1 = (-1, 0), \quad
# W^2 = \begin{pmatrix} 2 & -1 \end{pmatrix}, \quad b^2 = (1).$$
#
# The cost of one example is $C_i = \frac12 (a - y)^2$, and $C$ is the mean over the $m = 2$
# examples.
#
# **Forward.** Each row of the table is one example; work through it from left to right.
#
# | $x$ | $z^1$ | $a^1$ | $z^2$ | $a^2$ | $y$ | $C_i$ |
# |---|---|---|---|---|---|---|
# | $(1, 2)$ | $(1+2-1,\; -1+4) = (2, 3)$ | $(2, 3)$ | $4-3+1 = 2$ | $2$ | $0$ | $2$ |
# | $(2, 0)$ | $(2+0-1,\; -2+0) = (1, -2)$ | $(1, 0)$ | $2-0+1 = 3$ | $3$ | $4$ | $0.5$ |
#
# So $C = (2 + 0.5) / 2 = 1.25$.

# %%
X, Y = np.array([[1.0, 2.0], [2.0, 0.0]]), np.array([[0.0], [4.0]])
W_1, b_1 = np.array([[1.0, 1.0], [-1.0, 2.0]]), np.array([-1.0, 0.0])
W_2, b_2 = np.array([[2.0, -1.0]]), np.array([1.0])

Z_1 = X @ W_1.T + b_1
A_1 = np.maximum(0, Z_1)
Z_2 = A_1 @ W_2.T + b_2
A_2 = np.maximum(0, Z_2)
print("Z[1]:", *Z_1, " A[1]:", *A_1, " Z[2]:", *Z_2)
print("cost:", np.mean((A_2 - Y) ** 2 / 2))

# %% [markdown]
# **Backward.** The errors first; you know them from units 03 and 04.
#
# | example | $\partial C / \partial a^2 = (a^2 - y) / m$ | $\delta^2$ (BP1) | $\delta^2 W^2$ | slopes of $z^1$ | $\delta^1$ (BP2) |
# |---|---|---|---|---|---|
# | 1 | $2 / 2 = 1$ | $1$ | $(2, -1)$ | $(1, 1)$ | $(2, -1)$ |
# | 2 | $-1 / 2 = -0.5$ | $-0.5$ | $(-1, 0.5)$ | $(1, 0)$ | $(-1, 0)$ |
#
# **Now the new part.** The weight $W^1_{12}$ carries $x_2$ to hidden unit 1. Nudge it up by
# $\varepsilon$: in example 1, $z^1_1$ moves by $x_2\,\varepsilon = 2\,\varepsilon$, and an error of
# $2$ means that this costs $2 \cdot 2\,\varepsilon = 4\,\varepsilon$. In example 2 the input $x_2$
# is $0$: nothing moves. Together: $\partial C / \partial W^1_{12} = 4 + 0 = 4$.
#
# Nudge the bias $b^1_1$: $z^1_1$ moves by $\varepsilon$ in *both* examples, so
# $\partial C / \partial b^1_1 = 2 - 1 = 1$. The other seven parameters go the same way:
#
# | gradient | from example 1 | from example 2 | together |
# |---|---|---|---|
# | $\partial C / \partial W^2$ | $1 \cdot (2, 3)$ | $-0.5 \cdot (1, 0)$ | $(1.5, 3)$ |
# | $\partial C / \partial b^2$ | $1$ | $-0.5$ | $0.5$ |
# | $\partial C / \partial W^1$, row 1 | $2 \cdot (1, 2)$ | $-1 \cdot (2, 0)$ | $(0, 4)$ |
# | $\partial C / \partial W^1$, row 2 | $-1 \cdot (1, 2)$ | $0 \cdot (2, 0)$ | $(-1, -2)$ |
# | $\partial C / \partial b^1$ | $(2, -1)$ | $(-1, 0)$ | $(1, -1)$ |

# %%
delta_2 = np.array([[1.0], [-0.5]])
delta_1 = np.array([[2.0, -1.0], [-1.0, 0.0]])
print("dW[2]:", sum(np.outer(d, a) for d, a in zip(delta_2, A_1)), " db[2]:", sum(delta_2))
print("dW[1]:", *sum(np.outer(d, x) for d, x in zip(delta_1, X)), " db[1]:", sum(delta_1))

# Do not believe it: nudge the weight, run forward again, and see what the cost does.
nudge = np.array([[0.0, 0.001], [0.0, 0.0]])
A_2_nudged = np.maximum(0, np.maximum(0, X @ (W_1 + nudge).T + b_1) @ W_2.T + b_2)
change = np.mean((A_2_nudged - Y) ** 2 / 2) - np.mean((A_2 - Y) ** 2 / 2)
print(f"cost moved by {change:.6f}, so the slope along this weight is about {change / 0.001:.3f}")

# %% [markdown]
# Three zeros in the tables deserve a second look, because they have three different reasons.
#
# - $\delta^1_2 = 0$ in example 2: the **unit** is off (its slope is 0), so no blame passes, and
#   example 2 teaches nothing to its whole row of weights.
# - The second entry of $-1 \cdot (2, 0)$: the **input** is silent, so this example cannot say
#   anything about this one weight.
# - $\partial C / \partial W^1_{11} = 2 - 2 = 0$: both examples have a wish, and the two **wishes
#   cancel**. A zero in the sum is not a weight without effect.
#
# **A picture to keep.** Think of a weight as a wire. At its lower end an activation arrives, $a_k$;
# at its upper end hangs an error, $\delta_j$. The gradient of the wire is the product of what is
# found at its two ends, and it needs to know of nothing else in the network. A bias is a wire whose
# lower end is plugged into a constant 1.

# %% [markdown]
# ## 5.2 Derive: one weight, one bias
#
# Now with letters, for one example. Unit $j$ of the layer computes
# $z_j = \sum_k w_{jk}\, a_k + b_j$, where $a_k$ comes from the layer below, and its error
# $\delta_j = \partial C / \partial z_j$ is known. A weight $w_{jk}$ acts on the cost only through
# this one $z_j$, so the chain rule has a single path and two factors. Write each line as an
# expression in NumPy. The check tries your lines at $p$ random points at once, so every argument is
# an array of that many numbers, and so must be every line: also one that is the same number
# everywhere.
#
# | line | meaning |
# |---|---|
# | `dz_dw` | how fast $z_j$ moves with the weight $w_{jk}$ |
# | `dC_dw` | how fast the cost moves with the weight $w_{jk}$ |
# | `dz_db` | how fast $z_j$ moves with the bias $b_j$ |
# | `dC_db` | how fast the cost moves with the bias $b_j$ |
#
# If you are stuck on a line, set it to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "one_weight", "solution": true}
def one_weight(a_k, delta_j):
    """The four rates at one weight w_jk and one bias b_j, for p points at once.

    a_k: activation that enters the weight, (p,)    delta_j: error of unit j, (p,)
    returns dz_dw, dC_dw, dz_db, dC_db: (p,) each
    """
    ### BEGIN SOLUTION
    dz_dw = a_k
    dC_dw = delta_j * dz_dw
    dz_db = np.ones_like(a_k)
    dC_db = delta_j * dz_db
    ### END SOLUTION
    return dz_dw, dC_dw, dz_db, dC_db

# %% nbgrader={"grade_id": "test_one_weight", "grade": true}
check("05.one_weight", one_weight)

# %% [markdown]
# You have just derived the third and the fourth equation, for one example:
#
# $$\frac{\partial C}{\partial b^l_j} = \delta^l_j \tag{BP3}$$
#
# $$\frac{\partial C}{\partial W^l_{jk}} = a^{l-1}_k \, \delta^l_j \tag{BP4}$$
#
# The second one for all weights of the layer at once is an outer product,
# `dW = np.outer(delta, a_prev)`: entry $[j, k]$ is $\delta_j a_k$. In source 004 it is equation
# (4), $\partial E_n / \partial w_{ji} = \delta_j z_i$, with the letter $z$ for what we call $a$.
# There a bias is the weight of a dummy input that is fixed to 1; put $a_k = 1$ into BP4, and BP3
# comes out.

# %% [markdown]
# ## 5.3 Derive: where is the 1/m?
#
# The cost of a mini-batch is the mean $C = \frac1m \sum_i C_i$, so the factor $1/m$ stands in it
# **once**. It must therefore stand once in every gradient. Where you put it is a matter of
# bookkeeping; putting it in twice, or nowhere, is one of the commonest slips in all of
# backpropagation.
#
# You are given each example's *own* error, as if the others did not exist: `errors[i]`
# $= \partial C_i / \partial z_i$ with no $m$ in it. Write:
#
# | line | meaning | shape |
# |---|---|---|
# | `delta` | $\delta = \partial C / \partial Z$ of the **mean** cost | $(m, n)$ |
# | `db` | $\partial C / \partial b$, made from `delta` | $(n,)$ |
# | `dW` | $\partial C / \partial W$, made from `delta` and `A_prev` | $(n, n_{\mathrm{prev}})$ |
#
# All examples share the weights and the biases. So what the examples say about them adds up, as in
# the last column of the worked example: for `dW`, add up the outer products as its code does (the
# next section finds the shorter way). Ask yourself in each line: is the $1/m$ in here already?
#
# *A slip to watch for when you read on:* 003 averages the cost over the examples, as we do, while
# 004 sums it, $E = \sum_n E_n$. Both are right, and their gradients differ by the factor $m$, which
# a learning rate $m$ times smaller makes up for. Only mixing the two is wrong.

# %% nbgrader={"grade_id": "where_is_m", "solution": true}
def where_is_m(errors, A_prev):
    """From each example's own error to the gradients of the mean cost.

    errors: dC_i/dz_i in row i, without any 1/m, (m, n)    A_prev: (m, n_prev)
    returns delta: (m, n), db: (n,), dW: (n, n_prev)
    """
    ### BEGIN SOLUTION
    delta = errors / len(errors)
    db = delta.sum(axis=0)
    dW = delta.T @ A_prev
    ### END SOLUTION
    return delta, db, dW

# %% nbgrader={"grade_id": "test_where_is_m", "grade": true}
check("05.where_is_m", where_is_m)

# %% [markdown]
# ## 5.4 Derive: a sum of outer products
#
# From here on `delta` carries the one $1/m$, from BP1 on, and nobody divides again. Look closer at
# the sum over the examples. Example $i$ contributes the outer product of row $i$ of `delta` with
# row $i$ of `A_prev`. Written with all its indices, the sum is
#
# $$\frac{\partial C}{\partial W_{jk}} = \sum_i \delta_{ij} \, A_{ik},$$
#
# and the index that is summed over is the *first* of both arrays. A matrix product sums over the
# last index of its left factor and the first of its right one: that is all that you need.
#
# | line | meaning | shape |
# |---|---|---|
# | `each` | entry $[i, j, k]$ is what example $i$ says about the weight $W_{jk}$ | $(m, n, n_{\mathrm{prev}})$ |
# | `dW` | their sum over the examples, as **one matrix product** of the arguments | $(n, n_{\mathrm{prev}})$ |
#
# For `each`, `np.newaxis` makes room: `v[:, np.newaxis]` turns the shape `(m,)` into `(m, 1)`.

# %% nbgrader={"grade_id": "sum_over_examples", "solution": true}
def sum_over_examples(delta, A_prev):
    """What each example says about the weights, and the sum of it.

    delta: (m, n)    A_prev: (m, n_prev)
    returns each: (m, n, n_prev), dW: (n, n_prev)
    """
    ### BEGIN SOLUTION
    each = delta[:, :, np.newaxis] * A_prev[:, np.newaxis, :]
    dW = delta.T @ A_prev
    ### END SOLUTION
    return each, dW

# %% nbgrader={"grade_id": "test_sum_over_examples", "grade": true}
check("05.sum_over_examples", sum_over_examples)

# %% [markdown]
# ## 5.5 Code: the gradient of the biases (BP3)
#
# For one example $\partial C / \partial b^l = \delta^l$. For a mini-batch of rows
#
# $$\frac{\partial C}{\partial b^l} = \sum_i \delta^l_i, \tag{BP3, rows}$$
#
# where $\delta^l_i$ is row $i$, already with the $1/m$ inside. One number for each unit comes back.

# %% nbgrader={"grade_id": "bias_gradient", "solution": true}
def bias_gradient(delta):
    """The gradient of the cost with respect to the biases of a layer (BP3).

    delta: (m, n)
    returns db: (n,)
    """
    ### BEGIN SOLUTION
    return delta.sum(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_bias_gradient", "grade": true}
check("05.bias_gradient", bias_gradient)

# %% [markdown]
# ## 5.6 Code: the gradient of the weights (BP4)
#
# For one example $\partial C / \partial W^l = \delta^l (a^{l-1})^{\mathsf T}$. For a mini-batch of
# rows
#
# $$\frac{\partial C}{\partial W^l} = (\delta^l)^{\mathsf T} A^{l-1}. \tag{BP4, rows}$$
#
# The result must have the shape of $W^l$, $(n_l, n_{l-1})$. When both numbers happen to be equal,
# the shape cannot warn you of a gradient that lies on its side. The indices can.

# %% nbgrader={"grade_id": "weight_gradient", "solution": true}
def weight_gradient(delta, A_prev):
    """The gradient of the cost with respect to the weights of a layer (BP4).

    delta: (m, n)    A_prev: (m, n_prev)
    returns dW: (n, n_prev)
    """
    ### BEGIN SOLUTION
    return delta.T @ A_prev
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_weight_gradient", "grade": true}
check("05.weight_gradient", weight_gradient)

# %% [markdown]
# ## 5.7 Code: the algorithm
#
# All parts lie on the table. Backpropagation puts them together in five steps:
#
# | step | what happens | layers | shape |
# |---|---|---|---|
# | 1. input | $A^0 = X$ | | $(m, n_0)$ |
# | 2. feedforward | $Z^l = A^{l-1} (W^l)^{\mathsf T} + b^l$, then $A^l = \varphi(Z^l)$ | $1, 2, \dots, L$ | $(m, n_l)$ each |
# | 3. output error (BP1) | $\delta^L = \frac{\partial C}{\partial A^L} \odot \varphi'(Z^L)$ | $L$ | $(m, n_L)$ |
# | 4. backpropagate (BP2) | $\delta^l = (\delta^{l+1} W^{l+1}) \odot \varphi'(Z^l)$ | $L-1, \dots, 1$ | $(m, n_l)$ |
# | 5. gradients (BP3, BP4) | $\frac{\partial C}{\partial b^l} = \sum_i \delta^l_i$ and $\frac{\partial C}{\partial W^l} = (\delta^l)^{\mathsf T} A^{l-1}$ | each | $(n_l,)$ and $(n_l, n_{l-1})$ |
#
# Picture two waves. The first one runs up through the layers, and each layer writes on its door
# what it saw: $Z^l$ and $A^l$. The second one runs down with the errors and reads the doors: $Z^l$
# for the slope in step 4, $A^{l-1}$ for the gradient in step 5. This is why step 2 must keep
# everything.
#
# **How the sources tell it.** 003 has the same five steps, for one example; it loops over the
# examples of a mini-batch and averages at the end, where our rows do all of them at once. The
# summary of 004 has four steps, since input and feedforward are one. 000 and 001 count the backward
# part alone: output error (step 1), hidden errors (step 2), gradients (step 3). Two names to put
# right: 001 writes $L$ for the loss as well as for the last layer, while here $C$ is the cost and
# $L$ only ever the last layer; and 000 calls $\partial C / \partial A^L$ itself $\delta^{N+1}$,
# while our errors all sit at $Z$. What 001 does next, a step against the gradient, is the subject
# of unit 08.

# %% [markdown]
# `phi` and `cost` reach your function as objects that you can ask for values and for derivatives.
# This is what such objects look like, for the worked example:

# %%
class Relu:
    def __call__(self, Z):
        return np.maximum(0, Z)

    def derivative(self, Z):
        return np.where(Z > 0, 1.0, 0.0)


class MeanHalfSquare:
    def gradient(self, A, Y):
        return (A - Y) / len(Y)


phi, cost, params = Relu(), MeanHalfSquare(), [(W_1, b_1), (W_2, b_2)]
print("slopes of layer 1:", *phi.derivative(Z_1), " dC/dA[2]:", *cost.gradient(A_2, Y))

# %% [markdown]
# Now code the five steps.
#
# - `params` is the list of $(W^l, b^l)$ for $l = 1 \dots L$. Layer $l$ stands at index $l - 1$ of
#   it. A list of activations that begins with $A^0 = X$ has layer $l$ at index $l$. Write both
#   facts on paper before you code.
# - `phi` is the activation of **every** layer, the output layer too: `phi(Z)` and
#   `phi.derivative(Z)`.
# - `cost.gradient(A, Y)` is $\partial C / \partial A^L$, shape $(m, n_L)$. It is the gradient of
#   the mean cost, so the one $1/m$ is in it already.
# - Return the list of pairs `(dW, db)` in the order of the layers, from layer 1 to layer $L$.
# - You may call the functions that you wrote above.
#
# **Try it on the worked example.** In a cell of your own, `backprop(X, Y, params, phi, cost)` must
# give the nine numbers of 5.1. If it does not, look at layer $L$ first: its gradients need BP1 but
# not BP2, and every mistake travels down from where it was made.
#
# **How it is graded.** Step by step, with credit that carries through. The output error, the hidden
# errors, the bias gradients and the weight gradients each earn points of their own, and each step
# is judged by what your own previous step handed to it. If BP2 is wrong and BP4 is right, you get
# the points of BP4. So return the gradients of all layers, also when you are in doubt about one of
# them.

# %% nbgrader={"grade_id": "backprop", "solution": true}
def backprop(X, Y, params, phi, cost):
    """The gradients of all weights and biases, in five steps (BP1 to BP4).

    X: (m, n_0)    Y: (m, n_L)    params: list of (W, b), W (n_l, n_{l-1}), b (n_l,)
    phi: the activation, with phi.derivative    cost: with cost.gradient(A, Y)
    returns grads: list of (dW, db) for layers 1 … L
    """
    ### BEGIN SOLUTION
    Zs, As = [], [X]  # 1. input
    for W, b in params:  # 2. feedforward
        Zs.append(As[-1] @ W.T + b)
        As.append(phi(Zs[-1]))
    delta = cost.gradient(As[-1], Y) * phi.derivative(Zs[-1])  # 3. output error (BP1)
    grads = []
    for l in range(len(params), 0, -1):
        grads.insert(0, (weight_gradient(delta, As[l - 1]), bias_gradient(delta)))  # 5. BP4, BP3
        if l > 1:  # 4. the error of layer l - 1 (BP2)
            W_next, _ = params[l - 1]
            delta = (delta @ W_next) * phi.derivative(Zs[l - 2])
    return grads
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_backprop", "grade": true}
check("05.backprop", backprop)

# %% [markdown]
# ## 5.8 Code: a penalty rides along
#
# Large weights make a network jumpy, so one often asks the cost to dislike them:
#
# $$C_{\mathrm{total}} = C + \frac{\lambda}{2} \sum_{j,k} W_{jk}^2$$
#
# for each layer, where $\lambda$ is the `strength`. The penalty is on the weights and not on the
# biases, and it stands **outside** of the mean: it is paid once, however many examples there are. A
# gradient of a sum is the sum of the gradients, so BP3 and BP4 stay as they are and get company.
# Ask term by term: which symbols are in it, and is there an $m$?

# %% nbgrader={"grade_id": "penalized_gradients", "solution": true}
def penalized_gradients(delta, A_prev, W, b, strength):
    """The gradients of C + strength/2 * sum(W**2) for one layer (BP3 and BP4 with a penalty).

    delta: (m, n)    A_prev: (m, n_prev)    W: (n, n_prev)    b: (n,)    strength: a number
    returns dW: (n, n_prev), db: (n,)
    """
    ### BEGIN SOLUTION
    dW = weight_gradient(delta, A_prev) + strength * W
    db = bias_gradient(delta)
    return dW, db
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_penalized_gradients", "grade": true}
check("05.penalized_gradients", penalized_gradients)

# %% [markdown]
# ## 5.9 Explain: the silent input
#
# 003 names two reasons for a weight to *learn slowly*: the unit that it leads to is saturated (that
# was unit 04), or its input activation is low. Which factor of BP4 says the second? A pixel in the
# corner of your images is 0 in every training image: what becomes of the weights that leave it, and
# what of the biases of the units they lead to? Two or three sentences.
#
# *What earns the points:* one point for naming the factor and what follows from it for the gradient
# of the weight; one for the weights of the silent pixel and for the biases, with the reason.

# %% [markdown] nbgrader={"grade_id": "explain_silent_input", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# BP4 says $\partial C / \partial W_{jk} = a_k \delta_j$: the factor $a_k$ is the activation that
# enters the weight, so where $a_k \approx 0$ the gradient is small however large the error
# $\delta_j$ is, and the weight hardly moves. For a pixel that is 0 in every image the gradient is
# exactly 0 in every step: its weights keep the values they started with. The biases do not notice,
# because their gradient $\delta_j$ (BP3) has no activation in it; their input is the constant 1.
# ### END SOLUTION

# %% [markdown]
# ## 5.10 Explain: what a gradient costs
#
# A network has a million weights. You could also find its gradient as in 5.1: nudge one weight, run
# the network forward, see what the cost does, and go to the next weight. How many forward passes
# would that take? Why does backpropagation get all the gradients from a single backward pass, at
# about the price of a forward pass or two? Say what is computed once there and used by many. Three
# sentences or so.
#
# *What earns the points:* one point for the two counts, with the work of a backward pass compared
# to that of a forward pass; one for naming what is shared.

# %% [markdown] nbgrader={"grade_id": "explain_price", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# Nudging needs one forward pass for each weight (and one for the start): a million and one. A
# forward pass does one multiplication and addition for each weight and example; the backward pass
# does one for BP4, and one more for BP2 in all layers but the first, so it costs about one to two
# forward passes, however many weights there are. It can do this because the error $\delta_j$ of a
# unit is computed once and then used by every weight that enters this unit, and by every unit below
# it: all paths from there up to the cost are summed up in that one number, while nudging walks all
# of them again for every single weight.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - read the gradient of any weight from the two ends of its wire, and of any bias from one;
# - say where the one factor $1/m$ lives, and why nobody divides by it again;
# - write a sum over examples as one matrix product;
# - write backpropagation from memory, in five steps, with the shape of every array;
# - add a penalty to the cost and to the gradient without touching the rest.
#
# ## Check yourself
#
# 1. Your mini-batch holds every example twice. What happens to the rows of $\delta^l$, and what to
#    `dW` and `db`?
# 2. A friend sums the cost over the examples, trains with mini-batches of 10 and a learning rate of
#    0.01. Which learning rate makes the same steps in your network, whose cost is the mean?
# 3. A mini-batch has one example. How many of the rows of `dW` can be linearly independent?
# 4. Which arrays of the forward pass would you need to keep if all activations were linear,
#    $\varphi(z) = z$?
# 5. All errors of a mini-batch are zero. Which gradients remain once there is a penalty?
#
# *Answers:* 1. each row becomes half as large, since $m$ has doubled, and there are twice as many
# of them; `dW` and `db` stay as they were. 2. 0.1: your gradient is 10 times smaller. 3. one: it is
# an outer product, so every row is a multiple of $a^{l-1}$. With $m$ examples it is at most $m$. 4.
# the activations $A^0, \dots, A^{L-1}$ for BP4 (and $A^L$ for the cost); the slopes are all 1, so
# $Z^l$ is needed for nothing else. 5. $\lambda W$ for the weights, nothing for the biases: without
# errors the penalty pulls every weight toward zero.
