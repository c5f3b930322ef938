# %% [markdown]
# # 03 · The output error
#
# The network has answered, and the answer is wrong. Before anybody can be blamed for it, somebody has
# to say *how wrong*, and in a way that a weighted input understands: if this $z$ had been a little
# larger, how much would the cost have changed? That number is the error $\delta$. At the output layer
# you can compute it at once, because nothing stands between $z^L$ and the cost but one activation.
#
# **You will** see what a cost must be like for backpropagation to work, derive the first of the four
# equations (BP1), find out why only one term of a sum survives in it, meet the output layer for which
# that is *not* so, and see why cross-entropy rescues an output that is badly wrong.
#
# **Notation.** $C$ is the cost. The letter $L$ is the number of the last layer and nothing else (001
# uses $L$ for the loss as well; we do not). $z^L$ is the weighted input of the output layer,
# $a^L = \varphi(z^L)$ its activation, $y$ the target, and $\delta^L = \partial C / \partial z^L$ its
# error. In a mini-batch of $m$ examples each example is a **row** of `Z`, `A` and `Y`. In code,
# `grad_a` is $\partial C / \partial a^L$ and `dphi_z` is $\varphi'(z^L)$. Take care when you read 004:
# it writes $a$ for what we call $z$, and $z$ for what we call $a$.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 3.1 A worked example: one output unit
#
# An output unit with a sigmoid answers $a = 0.8$ where $y = 0$ was wanted. Its cost is
# $C = \tfrac12 (a - y)^2 = 0.32$. Nudge its weighted input $z$ up by a tiny $\varepsilon$.
#
# 1. The activation moves by $\varphi'(z)\,\varepsilon$. For a sigmoid the slope is
#    $0.8 \cdot 0.2 = 0.16$, so $a$ moves by $0.16\,\varepsilon$.
# 2. The cost moves by $a - y = 0.8$ for each unit that $a$ moves (the 2 from the square has met the
#    $\tfrac12$). Together: $0.8 \cdot 0.16\,\varepsilon = 0.128\,\varepsilon$.
#
# So $\delta = \partial C / \partial z = 0.128$. It is positive: pushing $z$ up makes things worse, and
# the unit was too high already. The cell compares this with an actual nudge.

# %%
def cost_of(z, y=0.0):
    a = 1 / (1 + np.exp(-z))
    return (a - y) ** 2 / 2

z, nudge = np.log(4), 1e-6  # sigmoid(ln 4) = 0.8
print("two factors:    ", 0.8 * 0.16)
print("an actual nudge:", (cost_of(z + nudge) - cost_of(z - nudge)) / (2 * nudge))

# %% [markdown]
# ## 3.2 Derive: the gradient of a mean
#
# Backpropagation works for every cost that keeps two promises (003):
#
# 1. $C$ is a **mean over the examples**, $C = \frac1m \sum_i C_i$, where $C_i$ depends on example $i$
#    alone;
# 2. $C_i$ is a function of the **output activations** $a^L$ of that example. (It depends on $y$ as well,
#    but $y$ is given: nobody can nudge it.)
#
# The second promise gives us a place to start, $\partial C / \partial a^L$. The first one lets us think
# about one example at a time. Suppose that you have done so, and that row $i$ of `grads` is the gradient
# of $C_i$ by the same $n$ weights. Put the rows together.
#
# | line | meaning | shape |
# |---|---|---|
# | `shares` | row $i$: what example $i$ contributes to the gradient of $C$ | $(m, n)$ |
# | `grad_C` | the gradient of $C = \frac1m \sum_i C_i$ | $(n,)$ |
# | `grad_E` | the gradient of $E = \sum_i C_i$, the sum *without* the mean | $(n,)$ |
#
# *The sources differ:* 003 averages, as we do; 004 sums, $E = \sum_n E_n$. Both are right, but their
# gradients are not equal. When you compare a formula from a book with your own, look for this first.
#
# If you are stuck on a line, set it to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "mean_gradient", "solution": true}
def mean_gradient(grads):
    """From the gradients of single examples to the gradient of their mean, and of their sum.

    grads: (m, n), row i is the gradient of C_i
    returns shares: (m, n), grad_C: (n,), grad_E: (n,)
    """
    ### BEGIN SOLUTION
    m = len(grads)
    shares = grads / m
    grad_C = shares.sum(axis=0)
    grad_E = grads.sum(axis=0)
    ### END SOLUTION
    return shares, grad_C, grad_E

# %% nbgrader={"grade_id": "test_mean_gradient", "grade": true}
check("03.mean_gradient", mean_gradient)

# %% [markdown]
# ## 3.3 Code: the quadratic cost
#
# $$C = \frac{1}{2m} \sum_i \sum_j \big( A_{ij} - Y_{ij} \big)^2$$
#
# Inside one example the squares of all output units are **added**; over the examples we take the
# **mean**. So $m$ is divided by, and the number of units is not. The $\tfrac12$ is there for comfort:
# it will cancel the 2 that differentiation brings down.
#
# *A slip to know:* 004 writes $E = \sum (y - t)^2$ and later the error $y - t$. The second
# needs a $\tfrac12$ in the first (and an output unit without a sigmoid).

# %% nbgrader={"grade_id": "quadratic_cost", "solution": true}
def quadratic_cost(A, Y):
    """The quadratic cost of a mini-batch.

    A: output activations, (m, n)    Y: targets, (m, n)
    returns C: a number
    """
    ### BEGIN SOLUTION
    return np.sum((A - Y) ** 2) / (2 * len(A))
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_quadratic_cost", "grade": true}
check("03.quadratic_cost", quadratic_cost)

# %% [markdown]
# ## 3.4 Code: its gradient
#
# Differentiate the cost by one activation $A_{ij}$. Of the double sum, only one square contains it.
# Before you code, answer three questions: Which sign has the result if the output is too high? What is
# left of the $\tfrac12$? What is left of the $\frac1m$?

# %% nbgrader={"grade_id": "quadratic_grad", "solution": true}
def quadratic_grad(A, Y):
    """The gradient of the quadratic cost by the output activations.

    A: output activations, (m, n)    Y: targets, (m, n)
    returns grad_a: (m, n)
    """
    ### BEGIN SOLUTION
    return (A - Y) / len(A)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_quadratic_grad", "grade": true}
check("03.quadratic_grad", quadratic_grad)

# %% [markdown]
# ## 3.5 Derive: the error of one output unit
#
# Now the worked example with letters: one example, one output unit, $C = \tfrac12 (a - y)^2$ and
# $a = \varphi(z)$ with any activation. The check tries your lines at several points at once, so every
# argument is an array of that many numbers; write them as if they were plain numbers. (Each point is an
# example by itself: no mean is taken here.)
#
# | line | meaning |
# |---|---|
# | `dC_da` | how fast the cost moves with $a$ |
# | `da_dz` | how fast $a$ moves with $z$ |
# | `delta` | how fast the cost moves with $z$ |
#
# *The sources differ:* 000 begins its backward pass with $\partial C / \partial a^L$ itself and calls
# that the top $\delta$; the slope follows one step later. Our $\delta$ is always a derivative by $z$.

# %% nbgrader={"grade_id": "one_output", "solution": true}
def one_output(a, y, dphi_z):
    """The rates that lead from z to the quadratic cost, for p points at once.

    a: activation, (p,)    y: target, (p,)    dphi_z: slope of the unit at z, (p,)
    returns dC_da, da_dz, delta: (p,) each
    """
    ### BEGIN SOLUTION
    dC_da = a - y
    da_dz = dphi_z
    delta = dC_da * da_dz
    ### END SOLUTION
    return dC_da, da_dz, delta

# %% nbgrader={"grade_id": "test_one_output", "grade": true}
check("03.one_output", one_output)

# %% [markdown]
# ## 3.6 Derive: which term survives?
#
# An output layer has $n$ units, and the cost depends on all of their activations. So the full chain
# rule, for a nudge of $z_j$, is a sum over every activation that the nudge may move:
#
# $$\frac{\partial C}{\partial z_j} = \sum_k \frac{\partial C}{\partial a_k}
# \frac{\partial a_k}{\partial z_j}$$
#
# Write all of it down, for one example and an activation that works on each unit **by itself**,
# $a_k = \varphi(z_k)$. Ask of each entry: does $z_j$ occur in $a_k$ at all?
#
# | line | meaning | shape |
# |---|---|---|
# | `jacobian` | entry $[k, j]$ is $\partial a_k / \partial z_j$ | $(n, n)$ |
# | `terms` | entry $[k, j]$ is the term of the sum that belongs to $k$ and $j$ | $(n, n)$ |
# | `delta` | entry $j$ is the whole sum for $z_j$ | $(n,)$ |
#
# When it is right, look at your matrix `terms`: that is why 001 may go from the sum to a single product
# in one step. Remember the condition ("each unit by itself"), for in section 3.11 it will not hold.

# %% nbgrader={"grade_id": "surviving_term", "solution": true}
def surviving_term(grad_a, dphi_z):
    """The chain rule at the output layer with all of its terms, one example.

    grad_a: (n,), the gradient of the cost by the activations    dphi_z: (n,), the slopes
    returns jacobian: (n, n), terms: (n, n), delta: (n,)
    """
    ### BEGIN SOLUTION
    jacobian = np.diag(dphi_z)
    terms = grad_a[:, np.newaxis] * jacobian
    delta = terms.sum(axis=0)
    ### END SOLUTION
    return jacobian, terms, delta

# %% nbgrader={"grade_id": "test_surviving_term", "grade": true}
check("03.surviving_term", surviving_term)

# %% [markdown]
# ## 3.7 Code: the output error (BP1)
#
# What survives is one product for each unit. Multiplying two arrays entry by entry is called the
# **Hadamard product** and written $\odot$; for example $(2, -1) \odot (0.25, 0.5) = (0.5, -0.5)$. With
# it, the first of the four equations is
#
# $$\delta^L = \nabla_a C \odot \varphi'(z^L) \tag{BP1}$$
#
# where $\nabla_a C$ is the array of all $\partial C / \partial a_j^L$. For a mini-batch nothing changes:
# every row minds its own business, and the factor $\frac1m$ of the mean is already inside `grad_a` (you
# put it there in 3.4). It sits in $\delta$ from now on, once, and will ride along to every weight.

# %% nbgrader={"grade_id": "output_error", "solution": true}
def output_error(grad_a, dphi_z):
    """The error of the output layer (BP1).

    grad_a: (m, n)    dphi_z: (m, n)
    returns delta: (m, n)
    """
    ### BEGIN SOLUTION
    return grad_a * dphi_z
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_output_error", "grade": true}
check("03.output_error", output_error)

# %% [markdown]
# ## 3.8 Derive: sigmoid outputs with cross-entropy
#
# Back to the unit that said $0.8$ where $0$ was wanted. With the **cross-entropy**
#
# $$C = -\frac1m \sum_i \sum_j \big[ Y_{ij} \ln A_{ij} + (1 - Y_{ij}) \ln (1 - A_{ij}) \big]$$
#
# it costs $-\ln 0.2 \approx 1.61$. The gradient by $a$ is $1 / 0.2 = 5$; the slope is $0.16$ as before;
# and their product is $5 \cdot 0.16 = 0.8$. That is $a - y$, as if the slope had never been there. Was
# it luck? Write the three lines for a whole mini-batch, in terms of `A` and `Y` (unit 02 expressed the
# slope of a sigmoid by its value). Simplify the last one until no fraction of activations is left.
#
# | line | meaning | shape |
# |---|---|---|
# | `grad_a` | $\partial C / \partial A$, with the mean | $(m, n)$ |
# | `da_dz` | the slope of the sigmoid | $(m, n)$ |
# | `delta` | their product, simplified | $(m, n)$ |
#
# The targets may be any numbers from 0 to 1, so do not ask whether $y$ is 0 or 1.

# %% nbgrader={"grade_id": "sigmoid_ce", "solution": true}
def sigmoid_ce(A, Y):
    """BP1 for sigmoid outputs with cross-entropy, in three lines.

    A: sigmoid activations, (m, n)    Y: targets from 0 to 1, (m, n)
    returns grad_a, da_dz, delta: (m, n) each
    """
    ### BEGIN SOLUTION
    m = len(A)
    grad_a = (A - Y) / (A * (1 - A)) / m
    da_dz = A * (1 - A)
    delta = (A - Y) / m
    ### END SOLUTION
    return grad_a, da_dz, delta

# %% nbgrader={"grade_id": "test_sigmoid_ce", "grade": true}
check("03.sigmoid_ce", sigmoid_ce)

# %% [markdown]
# ## 3.9 Explain: the saturated output
#
# The table shows one sigmoid output with the target 0, one row for each $z$. The farther down, the more
# wrong it is.

# %%
print(" z      a      δ quadratic   δ cross-entropy")
for z in (0.0, 2.0, 4.0, 8.0):
    a = 1 / (1 + np.exp(-z))
    print(f"{z:2.0f}   {a:.4f}   {a * a * (1 - a):.5f}       {a:.5f}")

# %% [markdown]
# Describe what happens to the two errors as the output gets more wrong, and which factor of BP1 makes
# the difference. What does it mean for training, and why is the advice "avoid sigmoids" (000) good for
# hidden layers but not for an output with cross-entropy? Three or four sentences.
#
# *What earns the points:* one point for the factor, what it does to the quadratic error, and why the
# other error is free of it; one for the consequence for training, and for the advice.

# %% [markdown] nbgrader={"grade_id": "explain_saturated_output", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# With the quadratic cost the error is $(a - y)\,\varphi'(z)$: while $a - y$ grows toward 1, the slope
# $a(1 - a)$ falls toward 0, so the most wrong output has the smallest error and learns most slowly.
# The gradient of the cross-entropy contains $1 / (a (1 - a))$, which cancels that slope exactly; the
# error is $a - y$, and the more wrong the output is, the faster it learns. "Avoid sigmoids" is right in
# hidden layers, where BP2 multiplies by the slope and nothing cancels it; at the output, sigmoid and
# cross-entropy belong together and a saturated unit still gets its full error.
# ### END SOLUTION

# %% [markdown]
# ## 3.10 Code: softmax
#
# Ten digits, ten output units, and we want *probabilities*: positive numbers that add up to 1 in each
# row. **Softmax** makes them from the scores of the row:
#
# $$P_{ik} = \frac{e^{Z_{ik}}}{\sum_j e^{Z_{ij}}}$$
#
# In the computer there is a trap: $e^{1000}$ is too large for a float, and three scores of $-1000$ have
# an exponential sum of $0$. But if you add the same number to all scores of a row, it cancels in the
# fraction (write it down once!). So you may choose that number so that the largest exponent of each row
# becomes 0. And look at your shapes: the largest score of each row has to be taken from *its own* row.

# %% nbgrader={"grade_id": "softmax", "solution": true}
def softmax(Z):
    """The probabilities that belong to the scores, row by row, without overflow.

    Z: scores, (m, n)
    returns P: (m, n), each row sums to 1
    """
    ### BEGIN SOLUTION
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_softmax", "grade": true}
check("03.softmax", softmax)

# %% [markdown]
# ## 3.11 Derive: softmax with cross-entropy, where every term survives
#
# The probabilities of an example share one sum, so **every** $p_k$ moves when one score $z_j$ moves: if
# one class gains, the others must lose. The activation no longer works on each unit by itself, and the
# step of section 3.6 from a sum to a single term does not hold here. (001 makes this step for every
# output layer: right for a sigmoid, wrong for softmax.) We need the whole sum
# $\delta_j = \sum_k \frac{\partial C}{\partial p_k} \frac{\partial p_k}{\partial z_j}$.
#
# An example with three classes: $p = (0.5, 0.25, 0.25)$, and the second class was right,
# $y = (0, 1, 0)$. The cost is $C = -\sum_k y_k \ln p_k = \ln 4$, so only $p_2$ matters to it, with the
# rate $-1 / 0.25 = -4$. But $p_2$ moves with *all three* scores: at the rates $-0.25 \cdot 0.5$,
# $0.25 \cdot (1 - 0.25)$ and $-0.25 \cdot 0.25$. Times $-4$, that is $\delta = (0.5, -0.75, 0.25)$.

# %%
def cost_of_scores(z):  # the second class is the right one
    return np.log(np.sum(np.exp(z))) - z[1]

z, nudge = np.log([2.0, 1.0, 1.0]), 1e-6  # softmax gives 0.5, 0.25, 0.25
for j, direction in enumerate(np.eye(3)):
    moved = cost_of_scores(z + nudge * direction) - cost_of_scores(z - nudge * direction)
    print(f"δ of class {j + 1}: {moved / (2 * nudge):.6f}")

# %% [markdown]
# Now with letters, for one example with $n$ classes.
#
# | line | meaning | shape |
# |---|---|---|
# | `jacobian` | entry $[k, j]$ is $\partial p_k / \partial z_j$, in terms of $p$ | $(n, n)$ |
# | `grad_p` | $\partial C / \partial p$ | $(n,)$ |
# | `delta` | the sum over $k$, simplified | $(n,)$ |
#
# For the first line, treat $k = j$ and $k \ne j$ apart, as the example does. For the last one you need
# that the targets add up to 1, $\sum_k y_k = 1$.

# %% nbgrader={"grade_id": "softmax_ce", "solution": true}
def softmax_ce(p, y):
    """BP1 for a softmax output with cross-entropy, one example, in three lines.

    p: probabilities, (n,)    y: target, (n,), sums to 1
    returns jacobian: (n, n), grad_p: (n,), delta: (n,)
    """
    ### BEGIN SOLUTION
    jacobian = np.diag(p) - np.outer(p, p)
    grad_p = -y / p
    delta = p - y
    ### END SOLUTION
    return jacobian, grad_p, delta

# %% nbgrader={"grade_id": "test_softmax_ce", "grade": true}
check("03.softmax_ce", softmax_ce)

# %% [markdown]
# ## 3.12 Code: the output error of a classifier
#
# Write the last line again, for a mini-batch of rows and the mean cost
# $C = -\frac1m \sum_i \sum_k Y_{ik} \ln P_{ik}$. Use the simplified form: it never divides by a
# probability, which may have been rounded to exactly 0. What comes in are the probabilities, so the
# squashing is done already.

# %% nbgrader={"grade_id": "softmax_ce_error", "solution": true}
def softmax_ce_error(P, Y):
    """The error of a softmax output layer with cross-entropy (BP1 in one step).

    P: probabilities, (m, n)    Y: one-hot targets, (m, n)
    returns delta: (m, n)
    """
    ### BEGIN SOLUTION
    return (P - Y) / len(P)
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_softmax_ce_error", "grade": true}
check("03.softmax_ce_error", softmax_ce_error)

# %% [markdown]
# ## 3.13 Explain: the classes that were not asked for
#
# A fellow student keeps only the diagonal of the softmax Jacobian ("one term survives"). In the example
# of 3.11 they get $\delta = (0, -0.75, 0)$ instead of $(0.5, -0.75, 0.25)$. Why does the step hold for
# a sigmoid layer and not for softmax, and what would their network never do to the scores of the wrong
# classes? Two or three sentences.
#
# *What earns the points:* one point for saying on which scores an activation depends in each case; one
# for the consequence for the wrong classes.

# %% [markdown] nbgrader={"grade_id": "explain_softmax_diagonal", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# A sigmoid's $a_k$ depends on its own $z_k$ alone, so all terms with $k \ne j$ are zero; a softmax
# probability has the sum over all scores in its denominator, so $\partial p_k / \partial z_j = -p_k p_j$
# is not zero and every term counts. With the diagonal alone the scores of the wrong classes have no
# error and are never pushed down: the network can only raise the score of the right class, and the two
# wrong ones stay where they are, although $p_1 = 0.5$ is twice the probability of the right class.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - say which two promises a cost must keep, and where the factor $\frac1m$ sits from here on;
# - derive the error of an output unit as *how wrong* times *how steep*, and code it for a mini-batch;
# - say when one term of the chain rule survives, and do the whole sum when it does not;
# - compute softmax without overflow, and choose an output layer and a cost that fit each other.
#
# ## Check yourself
#
# 1. You put every example into the mini-batch twice. What happens to $C$, to its gradient by a weight,
#    and to each entry of $\delta^L$? What happens to the gradient of the sum $E$?
# 2. An output unit is linear, $\varphi(z) = z$, with the quadratic cost. What is its error? In which
#    two other output layers have you met the same formula?
# 3. A ReLU output unit has $z = -1$, and the target is 3. What is its error with the quadratic cost, and
#    what will it learn from this example?
# 4. Add up the entries of $\delta^L$ over the classes, for one example of a softmax classifier. What do
#    you get, and why can it not be otherwise?
# 5. What is $\partial C / \partial p$ of a softmax example whose answer is perfect, and what is $\delta$?
#
# <details><summary>Answers</summary>
#
# 1. $C$ and its gradient stay the same. Each entry of $\delta^L$ is halved, because $m$ has doubled,
#    but twice as many rows will be added up. The gradient of $E$ doubles.
# 2. $(a - y)/m$, as for sigmoid with cross-entropy and softmax with cross-entropy.
# 3. Zero, because the slope is zero: it learns nothing, although it is wrong by 3.
# 4. Zero: the probabilities add up to 1, and so do the targets. (Adding the same number to all scores
#    changes nothing.)
# 5. $\partial C / \partial p$ is $-1$ for the right class and 0 for the others, and $\delta$ is zero. The
#    gradient by $p$ still pulls upward, but at $p = 1$ the Jacobian is zero.
#
# </details>
