# %% [markdown]
# # Lesson 05 · Backpropagation
#
# **A question first.** A small network reads handwritten digits: 64 pixels, 30 hidden units, 10
# outputs. It has 2,260 weights and biases, and at the moment it guesses. Each of the 2,260 numbers
# could be a little larger or a little smaller. *Which way should each of them go, and how long does
# it take to find out?*
#
# For one weight the answer is easy: nudge it, run the network again, and look at the cost.

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn, numeric
from bplib.data import digits

data = digits()
images, labels = data.X_train[:100], data.Y_train[:100]
reader = nn.Network.dense([64, 30, 10], hidden="sigmoid", seed=0)
W, _ = reader.params[0]
before = reader.cost(images, labels)
W[4, 36] += 0.001
after = reader.cost(images, labels)
W[4, 36] -= 0.001
print("parameters:", sum(W.size + b.size for W, b in reader.params))
print(f"the nudge moved the cost by {after - before:.3e}: slope {(after - before) / 0.001:.5f}")

# %% [markdown]
# That is one weight of 2,260, at the price of a run through the network. All of them would take
# 2,260 runs, and then the network could make *one* small step. The next cell asks backpropagation
# for all 2,260 slopes at once; it takes about as long as two or three runs. Compare the entry of
# our weight.

# %%
gradients = reader.gradients(images, labels)
print("slopes:", sum(dW.size + db.size for dW, db in gradients))
print(f"the one that we nudged: {gradients[0][0][4, 36]:.5f}")

# %% [markdown]
# By the end of this lesson you will know where each of these numbers comes from, and you will have
# computed eleven of them with a pencil.
#
# ## 1 Where we stand
#
# You have the forward pass (unit 01), the output error BP1 (unit 03), and the hidden error BP2
# (unit 04):
#
# $$Z^l = A^{l-1} (W^l)^{\mathsf T} + b^l, \qquad
# \delta^L = \frac{\partial C}{\partial A^L} \odot \varphi'(Z^L), \qquad
# \delta^l = \big(\delta^{l+1} W^{l+1}\big) \odot \varphi'(Z^l).$$
#
# So every unit knows its error $\delta = \partial C / \partial Z$: how much the cost moves when its
# weighted input moves. But nobody can turn a weighted input. What we can turn are the weights and
# the biases. One step is missing, from $\delta$ to $\partial C / \partial W$ and
# $\partial C / \partial b$, and it is the shortest of all.
#
# ## 2 One example, by hand
#
# Three inputs, two hidden units, one output; leaky ReLU everywhere, so a slope is 1 for $z > 0$ and
# 0.1 for $z \le 0$. The widths 3, 2, 1 all differ, so a shape will tell us when we mix something
# up.
#
# $$W^1 = \begin{pmatrix} 1 & 2 & 0.5 \\ -1 & 1 & -0.5 \end{pmatrix}, \quad b^1 = (0, 1), \quad
# W^2 = \begin{pmatrix} 3 & 10 \end{pmatrix}, \quad b^2 = (-1).$$
#
# The example is $x = (1, 0, 2)$ with the target $y = 2$, and its cost is $\frac12 (a^2 - y)^2$ (the
# 2 in $a^2$ is the layer).
#
# **Up.** $z^1 = (1 + 0 + 1 + 0,\; -1 + 0 - 1 + 1) = (2, -1)$, so $a^1 = (2, -0.1)$. Then
# $z^2 = 3 \cdot 2 + 10 \cdot (-0.1) - 1 = 4$, so $a^2 = 4$. The cost is
# $\frac12 (4 - 2)^2 = 2$.
#
# **Down, to the errors.** BP1: $\delta^2 = (4 - 2) \cdot 1 = 2$. BP2: the weights carry
# $2 \cdot (3, 10) = (6, 20)$ down, and the slopes $(1, 0.1)$ let $\delta^1 = (6, 2)$ through.
#
# **Now the new step.** Take the weight $W^1_{13}$, which carries $x_3 = 2$ to hidden unit 1. Nudge
# it up by $\varepsilon$.
#
# 1. Only $z^1_1$ feels it, and it moves by $x_3\,\varepsilon = 2\,\varepsilon$: whatever comes in
#    through the weight multiplies the nudge.
# 2. An error of $\delta^1_1 = 6$ *means* that the cost moves by 6 for each unit that this weighted
#    input moves. So the cost moves by $6 \cdot 2\,\varepsilon = 12\,\varepsilon$.
#
# The gradient of this weight is 12: the error at its upper end times the activation at its lower
# end. The same for all eleven parameters:
#
# $$\frac{\partial C}{\partial W^1} = \begin{pmatrix} 6 \cdot 1 & 6 \cdot 0 & 6 \cdot 2 \\
# 2 \cdot 1 & 2 \cdot 0 & 2 \cdot 2 \end{pmatrix}
# = \begin{pmatrix} 6 & 0 & 12 \\ 2 & 0 & 4 \end{pmatrix}, \qquad
# \frac{\partial C}{\partial W^2} = 2 \cdot (2, -0.1) = (4, -0.2),$$
#
# $$\frac{\partial C}{\partial b^1} = (6, 2), \qquad \frac{\partial C}{\partial b^2} = 2,$$
#
# where the biases are simply the errors: a nudge of $b_j$ moves $z_j$ by just as much.
#
# The cell does not take our word for it. It builds the gradient from the errors, and then nudges
# $W^1_{13}$.

# %%
phi, cost = nn.activation("leaky_relu"), nn.cost("quadratic")
W_1, b_1 = np.array([[1.0, 2.0, 0.5], [-1.0, 1.0, -0.5]]), np.array([0.0, 1.0])
W_2, b_2 = np.array([[3.0, 10.0]]), np.array([-1.0])
x, y = np.array([1.0, 0.0, 2.0]), np.array([2.0])

print(nn.weight_gradient([6.0, 2.0], x), nn.weight_gradient([2.0], [2.0, -0.1]))


def cost_with(W):
    """The cost of the example if layer 1 has the weights W."""
    return cost(phi(W_2 @ phi(W @ x + b_1) + b_2), y)


nudge = np.array([[0.0, 0.0, 1e-6], [0.0, 0.0, 0.0]])
print("slope of the nudged weight:", round((cost_with(W_1 + nudge) - cost_with(W_1)) / 1e-6, 3))
assert np.allclose(numeric.gradient(cost_with, W_1), [[6, 0, 12], [2, 0, 4]])

# %% [markdown]
# ## 3 The law: BP3 and BP4 for one example
#
# <a id="003-bp3-bp4"></a><a id="001-step-3-and-the-algorithm"></a>
# Now with letters. (In 003 these two are BP3 and BP4; in 001 and in 000 they are step 3 of the
# backward pass.) Unit $j$ of layer $l$ computes
#
# $$z_j = \sum_k w_{jk}\, a_k + b_j ,$$
#
# with $a_k$ from layer $l - 1$. We ask for $\partial C / \partial w_{jk}$.
#
# *Step 1: which quantities does $w_{jk}$ touch?* Look for the letter. It stands in the sum for
# $z_j$ and in no other: unit $i \ne j$ of this layer has weights $w_{ik}$ of its own. The
# activations $a_k$ were computed before this weight was used, so they do not contain it either.
# Hence $w_{jk}$ reaches the cost through $z_j$ alone.
#
# *Step 2: the chain rule for a single path.* Since there is only this one path,
#
# $$\frac{\partial C}{\partial w_{jk}} = \frac{\partial C}{\partial z_j}
# \frac{\partial z_j}{\partial w_{jk}} .$$
#
# (Does $z_j$ not influence many units higher up, and those the cost? It does. But all of that is
# *inside* $\partial C / \partial z_j$: BP2 has added those paths up already.)
#
# *Step 3: the first factor* is $\delta_j$. That is the definition of the error.
#
# *Step 4: the second factor.* All terms of the sum are constant in $w_{jk}$, except
# $w_{jk}\, a_k$, whose derivative is $a_k$. So
#
# $$\frac{\partial C}{\partial W^l_{jk}} = \delta^l_j \, a^{l-1}_k . \tag{BP4}$$
#
# *The bias* goes through the same four steps; only the last differs. $b_j$ enters $z_j$ with the
# factor 1, so
#
# $$\frac{\partial C}{\partial b^l_j} = \delta^l_j . \tag{BP3}$$
#
# All weights of the layer at once: entry $[j, k]$ is $\delta_j a_k$, and that is what the outer
# product of two vectors is, `dW = np.outer(delta, a_prev)`. Its shape is $(n_l, n_{l-1})$, the
# shape of $W^l$.
#
# **A picture to keep: the wire.** A weight is a wire. At its lower end an activation arrives, at
# its upper end an error. Its gradient is the product of the two, and nothing else in the whole
# network has to be asked. A bias is a wire whose lower end is held at a constant 1.
#
# <a id="004-equation-4"></a>
# **In 004** BP4 is equation (4), $\partial E_n / \partial w_{ji} = \delta_j z_i$. Beware of the
# false friends: its $z$ is our $a$, its $a$ is our $z$, its index $i$ is our $k$, and $n$ counts
# the examples. It has no BP3, and needs none: there a bias is the weight of a dummy input that is
# fixed to 1. Put $a_k = 1$ into BP4, and BP3 comes out.
#
# ## 4 What the law says about learning
#
# <a id="003-low-input-activation-learns-slowly"></a>
# An equation is also a warning. A product is small as soon as *one* of its factors is small. BP4
# has two factors, so there are two ways in which a weight may **learn slowly** (003):
#
# - its upper end is quiet: $\delta_j \approx 0$, for instance because unit $j$ is saturated (unit
#   04);
# - its lower end is quiet: $a_k \approx 0$. Then the gradient is small even if the error is huge.
#
# In our worked example the input $x_2$ was 0, and a whole *column* of
# $\partial C / \partial W^1$ was 0. That is just: during this example, the weights that leave $x_2$
# did nothing. They can take no blame.
#
# On the digits you can see it. Some pixels, in the left and right margins, are almost never inked.

# %%
brightness = images.mean(axis=0)
size = np.sqrt((gradients[0][0] ** 2).mean(axis=0))  # over the 30 weights that leave a pixel
figure, axes = plt.subplots(1, 2, figsize=(7, 3))
for ax, picture, title in zip(axes, (brightness, size), ("mean activation", "size of gradient")):
    shown = ax.imshow(picture.reshape(8, 8), cmap="cividis")
    ax.set(title=title, xticks=[], yticks=[])
    figure.colorbar(shown, ax=ax)
plt.show()
silent = brightness == 0
print(f"{silent.sum()} pixels are 0 in all images; their largest gradient: {size[silent].max()}")

# %% [markdown]
# *The figure in words.* Both panels are 8 × 8 pictures, bright where the number is large. On the
# left, the mean activation of each pixel over 100 images: the middle columns are bright, the outer
# columns are dark. On the right, the size of the gradient of the 30 weights that leave each pixel:
# the same dark columns at the sides. Where a pixel is 0 in all images, the gradient is exactly 0,
# and these weights will stay at their random starting values forever.
#
# ## 5 Many examples, one set of weights
#
# Add a second example to ours: $x = (0, 1, 0)$ with target $26$. The pencil again:
#
# | example | $x$ | $z^1$ | $a^1$ | $z^2 = a^2$ | $y$ | $C_i$ |
# |---|---|---|---|---|---|---|
# | 1 | $(1, 0, 2)$ | $(2, -1)$ | $(2, -0.1)$ | $4$ | $2$ | $2$ |
# | 2 | $(0, 1, 0)$ | $(2, 2)$ | $(2, 2)$ | $25$ | $26$ | $0.5$ |
#
# **The cost of the batch is the mean**, $C = \frac1m \sum_i C_i = \frac12 (2 + 0.5) = 1.25$.
#
# *Where does the $1/m$ go?* Row $i$ of $Z$ belongs to example $i$, and the examples do not meet:
# $C_i$ depends on row $i$ alone. So in the derivative of the sum only one term survives,
#
# $$\delta_i = \frac{\partial C}{\partial z_i}
# = \frac1m \sum_{i'} \frac{\partial C_{i'}}{\partial z_i}
# = \frac1m \frac{\partial C_i}{\partial z_i} .$$
#
# Each example's own error, divided by $m$, **once**. BP1 does this at the top (the gradient of the
# mean cost contains it). From there it rides along: BP2 multiplies $\delta^{l+1}$ by weights and
# slopes, and a factor $1/m$ that goes in comes out again. Nobody has to divide a second time.
#
# *Why do we add over the examples?* There is one $w_{jk}$ for all rows. A nudge of it moves $z_j$
# in **every** row, so now there are $m$ paths to the cost, and the chain rule adds paths:
#
# $$\frac{\partial C}{\partial w_{jk}} = \sum_i \frac{\partial C}{\partial z_{ij}}
# \frac{\partial z_{ij}}{\partial w_{jk}} = \sum_i \delta_{ij} A_{ik}, \qquad
# \frac{\partial C}{\partial b_j} = \sum_i \delta_{ij} .$$
#
# A **sum** and not a mean: the $1/m$ is inside $\delta$ already. With our numbers, where
# $\delta^2 = (1, -0.5)$ and $\delta^1$ has the rows $\frac12 (6, 2) = (3, 1)$ and
# $\frac12 (-3, -10) = (-1.5, -5)$:
#
# | | from example 1 | from example 2 | together |
# |---|---|---|---|
# | $\partial C / \partial W^1$, row 1 | $3 \cdot (1, 0, 2)$ | $-1.5 \cdot (0, 1, 0)$ | $(3, -1.5, 6)$ |
# | $\partial C / \partial W^1$, row 2 | $1 \cdot (1, 0, 2)$ | $-5 \cdot (0, 1, 0)$ | $(1, -5, 2)$ |
# | $\partial C / \partial b^1$ | $(3, 1)$ | $(-1.5, -5)$ | $(1.5, -4)$ |
# | $\partial C / \partial W^2$ | $1 \cdot (2, -0.1)$ | $-0.5 \cdot (2, 2)$ | $(1, -1.1)$ |
# | $\partial C / \partial b^2$ | $1$ | $-0.5$ | $0.5$ |
#
# *Where does the transpose go?* The sum $\sum_i \delta_{ij} A_{ik}$ runs over the **first** index
# of both arrays. A matrix product $PQ$ runs over the last index of $P$ and the first of $Q$. So the
# left factor has to be turned: $\sum_i (\delta^{\mathsf T})_{ji} A_{ik}$. The batch forms are
#
# $$\frac{\partial C}{\partial b^l} = \sum_i \delta^l_i, \qquad
# \frac{\partial C}{\partial W^l} = (\delta^l)^{\mathsf T} A^{l-1}. \tag{BP3, BP4, rows}$$
#
# **A difference between the sources, out loud.** 003 averages the cost over the examples, as we do;
# 004 sums it, $E = \sum_n E_n$. Its gradients are $m$ times ours. Both are right, and a learning
# rate that is $m$ times smaller makes up for it; only a mixture is wrong.
#
# ## 6 The algorithm: two waves
#
# <a id="003-five-steps"></a>
# Everything lies on the table. 003 puts it into five steps, and so do we:
#
# | step | what happens | layers | the worked example |
# |---|---|---|---|
# | 1. input | $A^0 = X$ | | $(2, 3)$ |
# | 2. feedforward | $Z^l$ and $A^l = \varphi(Z^l)$, **kept** | $1, 2, \dots, L$ | $(2, 2)$, then $(2, 1)$ |
# | 3. output error | $\delta^L$ by BP1 | $L$ | $(2, 1)$ |
# | 4. backpropagate | $\delta^l$ by BP2 | $L-1, \dots, 1$ | $(2, 2)$ |
# | 5. gradients | BP3 and BP4 | every layer | shapes of $b^l$ and $W^l$ |
#
# Think of two waves. The first runs up, and each layer writes on its door what it saw, $Z^l$ and
# $A^l$. The second runs down with the errors and reads the doors: $Z^l$ for the slope of step 4,
# $A^{l-1}$ for the product of step 5. That is why the forward pass must throw nothing away, and why
# training needs so much more memory than using a network.
#
# Here are the five steps, one after the other, on the worked example. Each comment is an equation.

# %%
X, Y = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]), np.array([[2.0], [26.0]])
A_0 = X  # 1. input
Z_1 = A_0 @ W_1.T + b_1  # 2. feedforward
A_1 = phi(Z_1)
Z_2 = A_1 @ W_2.T + b_2
A_2 = phi(Z_2)
delta_2 = (A_2 - Y) / 2 * phi.derivative(Z_2)  # 3. BP1, with the one 1/m (m = 2)
delta_1 = (delta_2 @ W_2) * phi.derivative(Z_1)  # 4. BP2
dW_2, db_2 = delta_2.T @ A_1, delta_2.sum(axis=0)  # 5. BP4, BP3
dW_1, db_1 = delta_1.T @ A_0, delta_1.sum(axis=0)
print("dW[1]:", *dW_1, " db[1]:", db_1)
print("dW[2]:", *dW_2, "         db[2]:", db_2)

# %% [markdown]
# The table of section 5, digit by digit. The library's own five steps agree, and so do the slopes
# found by nudging all weights of layer 1:

# %%
by_library = nn.backprop(X, Y, [(W_1, b_1), (W_2, b_2)], phi, cost)
for ours, library in zip([(dW_1, db_1), (dW_2, db_2)], by_library, strict=True):
    assert all(np.allclose(a, b) for a, b in zip(ours, library, strict=True))


def batch_cost(W):
    """The mean cost of both examples if layer 1 has the weights W."""
    return cost(phi(phi(X @ W.T + b_1) @ W_2.T + b_2), Y)


print(numeric.gradient(batch_cost, W_1).round(6))

# %% [markdown]
# <a id="000-steps-1-3"></a><a id="000-the-algorithm"></a><a id="004-summary"></a>
# **The same algorithm in the other sources.** They agree in what is computed, and differ in how
# they count it:
#
# | ours (003) | 001 | 000 | 004, summary |
# |---|---|---|---|
# | 1. input, 2. feedforward | forward pass | forward pass | step 1: apply the input, propagate forward |
# | 3. output error (BP1) | step 1 | step 1 | step 2, its equation (5) |
# | 4. backpropagate (BP2) | step 2 | step 2 | step 3, its equation (6) |
# | 5. gradients (BP3, BP4) | step 3 | step 3 | step 4, its equation (4) |
#
# 001 and 000 then use the gradients, $W \leftarrow W - \eta\,\partial C / \partial W$, and go
# around again with the next examples. That loop, with its start, its learning rate and its end, is
# unit 08. 003 numbers the layers from the input, which is its layer 1: its loop runs over
# $l = L - 1, \dots, 2$ where ours runs over $L - 1, \dots, 1$. Two slips to put right: 001 uses $L$
# both for the loss and for the last layer (here $C$ is the cost, and $L$ is the last layer only);
# 000 begins with a $\delta^{N+1}$ that is $\partial C / \partial A^L$, so its first "error" sits
# *above* the last nonlinearity and all the others below theirs. In our notation every $\delta$ is a
# derivative by $Z$.
#
# **Whose idea?** To run the chain rule backward through a computation that was written down on the
# way forward is an idea of the 1970s (Linnainmaa used it on rounding errors, Werbos proposed it for
# learning). It was the paper of Rumelhart, Hinton and Williams in 1986, as 003 tells, that showed
# what comes of it: hidden units that find useful features by themselves.
#
# ## 7 Play: one step at a time
#
# The explorer walks through a network with two inputs, three hidden units and two outputs (sigmoid,
# quadratic cost). *Next* goes one step further; the heat maps show the gradients.
#
# **Predict first.** Set $x_1 = 0$ in your mind. Which gradients of layer 1 are then *exactly* zero:
# none, one column of `dW[1]`, one row of it, or all of it? Write your guess down, and then press
# the preset. Afterwards press *Reset*, then *saturated* (large weights): one **row** of `dW[1]`
# goes out. Which unit's row is it, what do you read in that unit, and which factor of which
# equation is to blame?

# %%
from bplib.explore import backprop_stepper

backprop_stepper()

# %% [markdown]
# What you should have seen: one **column** dies, namely the weights that *leave* $x_1$ (BP4: the
# lower end of the wire). With the large weights the **row** into hidden unit 2 goes out (the upper
# end): its $z$ is far from 0, so the slope in BP2 is about $4 \cdot 10^{-6}$, and hardly any error
# gets in. All the other gradients have become smaller too, since the output units are flatter
# (BP1).
#
# ## 8 What it costs
#
# Count multiplications for one example. The forward pass does one for each weight. BP4 does one for
# each weight. BP2 does one for each weight, except in the first layer, below which no error is
# needed. So the way back costs at most **two** forward passes, *however many weights there are*;
# nudging costs a forward pass for each parameter.

# %%
for sizes in ([64, 30, 10], [784, 100, 10], [784, 1000, 1000, 10]):
    weights = [n_in * n_out for n_in, n_out in zip(sizes, sizes[1:])]
    forward = sum(weights)
    backward = sum(weights) + sum(weights[1:])  # BP4, then BP2
    passes = sum(weights) + sum(sizes[1:]) + 1
    print(f"{str(sizes):23} backward = {backward / forward:.2f} forward passes; "
          f"nudging = {passes:,} forward passes")

# %% [markdown]
# Why is it so cheap? Because $\delta_j$ is computed **once** and then used by every weight into
# unit $j$ and by every unit below it. All paths from there up to the cost are folded into that one
# number. Nudging walks all of those paths again for each weight.
#
# ## 9 A penalty rides along
#
# One often asks the cost to dislike large weights:
#
# $$C_{\mathrm{total}} = C + \frac{\lambda}{2} \sum_{l,j,k} (W^l_{jk})^2 .$$
#
# The derivative of a sum is the sum of the derivatives, so backpropagation stays as it is and gets
# company. In the penalty's sum, $W_{jk}$ stands in one term, and
# $\frac{\lambda}{2} \cdot 2 W_{jk} = \lambda W_{jk}$: the ½ has done its work. No bias stands in
# it, so the biases get nothing. No example stands in it, so there is no $m$. For layer 2 of our
# example with $\lambda = 0.1$: $(1, -1.1) + 0.1 \cdot (3, 10) = (1.3, -0.1)$.

# %%
strength = 0.1


def penalized_cost(W):
    """Mean cost plus penalty of layer 2, if layer 2 has the weights W."""
    return cost(phi(A_1 @ W.T + b_2), Y) + strength / 2 * np.sum(W**2)


print("by the formula:", dW_2 + strength * W_2)
print("by nudging:    ", numeric.gradient(penalized_cost, W_2).round(9))

# %% [markdown]
# ## 10 Pitfalls: six short stories
#
# **The sideways gradient.** Ada's network had the sizes 5, 5, 5 and a wrong transpose in BP4. All
# shapes fitted, and the cost even fell for a while. *Nudge `W[0, 1]`: which entry of `dW`
# responds?* The one at `[1, 0]`. Since then she tests with widths that all differ.
#
# **The wrong end of the wire.** Ben used $A^l$ in place of $A^{l-1}$ for `dW` of layer $l$. In a
# network with equal widths nothing complained. *Which signal entered this weight?*
#
# **Averaged again.** Chiara wrote `delta.mean(axis=0)` for the biases, since "the cost is a mean".
# Her weights learned, her biases crept, and with batches of 100 they crept a hundred times too
# slowly. *Is $m$ inside $\delta$ already?*
#
# **Everybody's bias.** Deniz summed `delta` over all its entries and got one number, which NumPy
# broadcast to all biases without a word. *Do all units share one bias, or do all examples?*
#
# **Only the first guest.** Emre tried his code on a single example and it was perfect. With three,
# it returned the outer product of row 0 only. *Try $m = 1$, then $m = 2$: what should change?*
#
# **The forgotten floor.** Fatou's loop over the layers stopped one too early, and `dW[1]` stayed
# zero. The digits were still read at 87 %: random features are not so bad. *List every
# parameter whose gradient you returned.* That is why "it trains" is no test of a gradient; unit 06
# makes a better one.
#
# ## What you can now do
#
# - find the gradient of any weight from the two ends of its wire, and of any bias from one;
# - explain each step of BP3 and BP4, and say why there is one path for an example and $m$ for a
#   batch;
# - say where the one $1/m$ lives, and why nobody divides again;
# - carry out the five steps on paper, and say what each of them must keep or read;
# - count the price of a gradient, and add a penalty to it.
#
# ## Check yourself
#
# 1. The hidden unit 2 of the worked example gets the bias $b^1_2 = 3$ in place of $1$. Find
#    $\partial C_1 / \partial W^2$ for example 1 (target 2) without a computer.
# 2. All images of a batch are black: $X = 0$. Which gradients of layer 1 vanish, and which do not?
# 3. Someone copies every example of the batch ten times. What happens to `delta`, `dW` and `db`?
# 4. Why is the gradient of a weight matrix for *one* example always of rank one (or zero)?
# 5. Which of the arrays $X, Z^1, A^1, Z^2, A^2$ could you throw away after the forward pass if the
#    activation were tanh, whose slope is $1 - a^2$?
#
# <details><summary>Answers</summary>
#
# 1. $z^1_2 = 1$ and $a^1 = (2, 1)$, so $z^2 = 6 + 10 - 1 = 15$ and $\delta^2 = 13$; the gradient is
#    $13 \cdot (2, 1) = (26, 13)$.
# 2. All of $\partial C / \partial W^1$ vanishes, since the lower end of each wire is 0. The biases
#    of layer 1 have the gradient $\sum_i \delta^1_i$, which need not vanish.
# 3. Each row of `delta` becomes ten times smaller, and there are ten times as many rows. `dW` and
#    `db` do not change: they are those of a mean.
# 4. It is an outer product: every row is a multiple of the same vector $a^{l-1}$.
# 5. $Z^1$ and $Z^2$: the slopes can be had from $A^1$ and $A^2$. BP4 needs $X$ and $A^1$, and BP1
#    needs $A^2$.
#
# </details>
