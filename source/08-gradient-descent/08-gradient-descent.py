# %% [markdown]
# # 08 · Gradient descent
#
# You have gradients. They say, for each weight and each bias, which way the cost goes up. What
# remains is to walk the other way, again and again: that is called learning. 002 writes the whole
# plan in one line, $W^* = \arg\min_W C(W)$: find the weights with the lowest cost. The line does not
# say how. This unit does, and at its end your own code reads real handwritten digits.
#
# **You will** derive the step from a straight-line forecast of the cost, show that a few examples
# can stand for all of them, code the start, the mini-batches, the step and the decision to stop, put
# them together into a training loop, and try what learning rate, batch size and patience do.
#
# **Notation.** `params` is the list of $(W^l, b^l)$ for $l = 1 \dots L$, `grads` the list of
# $(\partial C / \partial W^l, \partial C / \partial b^l)$ in the same order and shapes, $\eta$ is
# the learning rate (in code `learning_rate`), and rows are examples. In the derivations $w$ is a
# vector of all parameters in one row, and $g$ the gradient $\partial C / \partial w$.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 8.1 A worked example: a valley with two walls
#
# Take a cost of two parameters, $C(w) = \frac12 (w_1^2 + 4 w_2^2)$: a valley, four times as steep
# along $w_2$ as along $w_1$. Start at $w = (2, 1)$.
#
# 1. The cost there is $\frac12 (4 + 4) = 4$, the gradient is $g = (w_1, 4 w_2) = (2, 4)$.
# 2. Go against it: $w - \eta g$. With $\eta = 0.1$ we arrive at $(1.8, 0.6)$.
# 3. **Forecast**, as if the valley were a straight slope: the step is $-\eta g = (-0.2, -0.4)$, so
#    the cost should change by $2 \cdot (-0.2) + 4 \cdot (-0.4) = -2$.
# 4. **What happens:** $\frac12 (3.24 + 1.44) = 2.34$, a change of $-1.66$. Less than forecast: the
#    valley flattens on the way.
#
# | $\eta$ | arrives at | forecast | change of the cost |
# |---|---|---|---|
# | $0.01$ | $(1.98, 0.96)$ | $-0.2$ | $-0.1966$ |
# | $0.1$ | $(1.8, 0.6)$ | $-2$ | $-1.66$ |
# | $0.6$ | $(0.8, -1.4)$ | $-12$ | $+0.24$ |
#
# With the tiny step the forecast is nearly right. With the large one we shoot across the valley and
# up the other wall: the cost *rises*. The direction was right all the time; the forecast is only
# good near by.

# %%
def valley(w):
    return (w[0] ** 2 + 4 * w[1] ** 2) / 2


w = np.array([2.0, 1.0])
g = np.array([w[0], 4 * w[1]])
for learning_rate in (0.01, 0.1, 0.6):
    d = -learning_rate * g
    change = valley(w + d) - valley(w)
    print(f"rate {learning_rate:<5} arrives at {w + d}  forecast {g @ d:7.4f}  "
          f"change {change:7.4f}")

# %% [markdown]
# ## 8.2 Derive: which way is down?
#
# For a small step $d$ the cost is, to first order, a straight slope:
#
# $$C(w + d) \approx C(w) + g \cdot d, \qquad g \cdot d = \sum_k g_k d_k .$$
#
# So the forecast of a step is a dot product with the gradient. Of all steps of one length, which has
# the lowest forecast? A dot product is smallest if the two vectors point in opposite directions. And
# that is why everybody walks against the gradient: no other direction of that length goes down as
# fast. Write:
#
# | line | meaning | shape |
# |---|---|---|
# | `changes` | the forecast for each of $k$ steps; they stand in the rows of `D` | $(k,)$ |
# | `steepest` | the step of length `radius` with the lowest forecast | $(n,)$ |
# | `step` | the step of gradient descent, with the learning rate $\eta$ | $(n,)$ |
# | `change` | the forecast for that step | one number |
#
# The length of a vector is $\lVert g \rVert = \sqrt{g \cdot g}$. If you are stuck on a line, set it
# to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "first_order", "solution": true}
def first_order(g, D, radius, learning_rate):
    """Forecasts of some steps, the best step of a length, and the step of gradient descent.

    g: the gradient, (n,)    D: a small step in each row, (k, n)    radius: a length
    returns changes: (k,), steepest: (n,), step: (n,), change: a number
    """
    ### BEGIN SOLUTION
    changes = D @ g
    steepest = -radius * g / np.sqrt(g @ g)
    step = -learning_rate * g
    change = g @ step
    ### END SOLUTION
    return changes, steepest, step, change

# %% nbgrader={"grade_id": "test_first_order", "grade": true}
check("08.first_order", first_order)

# %% [markdown]
# Look at the last line: it is minus the learning rate times a sum of squares. Where the gradient is
# not zero, a small enough step lowers the cost, always. And a step is long where the slope is steep,
# and short where it is flat: the walker slows down by itself near the bottom.
#
# ## 8.3 Derive: a few examples stand for all
#
# The cost is a mean over $m$ examples, so its gradient is the mean of the examples' own gradients.
# For a million examples that is a lot of work for a single step. So draw a **mini-batch**, `size` of
# the $m$ examples, all choices equally likely, and take the mean over these alone. It will be off.
# But in which direction?
#
# Each row of `grads` is the gradient of one example's own cost. Imagine that you draw *every*
# possible mini-batch once, and take the average over all of them. Each example is in the same share
# of the mini-batches. Write:
#
# | line | meaning | shape |
# |---|---|---|
# | `full` | the gradient of the mean cost of all $m$ examples | $(n,)$ |
# | `share` | in which share of all mini-batches a given example is (between 0 and 1) | one number |
# | `average` | the average, over all mini-batches, of the **mean** of the gradients in it | $(n,)$ |
# | `average_sum` | the average, over all mini-batches, of the **sum** of the gradients in it | $(n,)$ |
#
# Write the third line with `share`: in the average over all mini-batches, each example counts with
# its share. Then look which line it equals.

# %% nbgrader={"grade_id": "unbiased", "solution": true}
def unbiased(grads, size):
    """The full gradient, and what the mini-batches say on average.

    grads: the gradient of one example's own cost in each row, (m, n)    size: rows in a mini-batch
    returns full: (n,), share: a number, average: (n,), average_sum: (n,)
    """
    ### BEGIN SOLUTION
    m = len(grads)
    full = grads.mean(axis=0)
    share = size / m
    average = share * grads.sum(axis=0) / size
    average_sum = size * full
    ### END SOLUTION
    return full, share, average, average_sum

# %% nbgrader={"grade_id": "test_unbiased", "grade": true}
check("08.unbiased", unbiased)

# %% [markdown]
# An estimate that is right on average is called *unbiased*: the mini-batch errs, but it does not err
# in one direction. The noise of many small steps averages out on the way.
#
# **Sum or mean?** The last line is the reason for an old confusion. 004 sums the cost over the
# examples, 003 takes the mean, as we do. A sum over the mini-batch grows with its size, so whoever
# sums has to change the learning rate with each new size: $\eta / \mathrm{size}$ with a sum does
# exactly what $\eta$ does with a mean. With the mean, one learning rate fits all sizes, also the
# last mini-batch of an epoch, which may be a short one.
#
# ## 8.4 Code: where to start
#
# 000 begins with "initialize": the walk must start somewhere. Not at zero, and not with equal
# weights: two units of a layer with equal weights get equal gradients, make equal steps, and stay
# twins forever. So draw the weights at random, and let the biases be zero.
#
# To make the result repeatable, and comparable with ours, draw like this: make the generator once,
# `rng = np.random.default_rng(seed)`, then draw $W^1$, then $W^2$, and so on, each $W^l$ of shape
# $(n_l, n_{l-1})$ from a normal distribution with mean 0 and standard deviation `scale`, in one call
# (or row by row, which gives the same numbers). `sizes` is the list $n_0, n_1, \dots, n_L$. Which
# scale is a good one is a story of its own, told in unit 09.

# %% nbgrader={"grade_id": "init_normal", "solution": true}
def init_normal(sizes, scale, seed):
    """Random parameters to start from: normal weights, zero biases.

    sizes: list of n_0 … n_L    scale: standard deviation of the weights    seed: an integer
    returns params: list of (W, b) for layers 1 … L, W (n_l, n_{l-1}), b (n_l,)
    """
    ### BEGIN SOLUTION
    draws = np.random.default_rng(seed)
    params = []
    for n_prev, n in zip(sizes[:-1], sizes[1:]):
        W = scale * draws.standard_normal((n, n_prev))
        params.append((W, np.zeros(n)))
    return params
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_init_normal", "grade": true}
check("08.init_normal", init_normal)

# %% [markdown]
# ## 8.5 Code: mini-batches
#
# An **epoch** is one walk through all examples: shuffle them, cut the row of them into mini-batches,
# and take a step for each. This is the algorithm of 003. The shuffled order is given to you as
# `order`, an array with each of the numbers $0 \dots m-1$ once: the first mini-batch consists of the
# examples `order[0]`, `order[1]`, and so on.
#
# Return a list of pairs `(X_batch, Y_batch)` (a list, no generator). If `size` does not divide $m$,
# the last mini-batch is a short one. Nobody is left out, nobody comes twice, and every example keeps
# its own target.

# %% nbgrader={"grade_id": "minibatches", "solution": true}
def minibatches(X, Y, size, order):
    """All examples in the given order, `size` at a time.

    X: (m, n_0)    Y: (m, n_L)    size: rows in a mini-batch    order: (m,), the row numbers
    returns batches: list of (X_batch, Y_batch)
    """
    ### BEGIN SOLUTION
    batches = []
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        batches.append((X[rows], Y[rows]))
    return batches
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_minibatches", "grade": true}
check("08.minibatches", minibatches)

# %% [markdown]
# ## 8.6 Code: one step
#
# $$W^l \leftarrow W^l - \eta\, \frac{\partial C}{\partial W^l}, \qquad
# b^l \leftarrow b^l - \eta\, \frac{\partial C}{\partial b^l}$$
#
# for all layers. It is the line with which 001 ends its story. Return the new parameters as a list
# of pairs. You may build new arrays, or change the old ones in place: the check takes both. But
# know which of the two you do. In place (`W -= …`), everybody who holds the old array sees it
# change; that will matter in 8.8.

# %% nbgrader={"grade_id": "sgd_step", "solution": true}
def sgd_step(params, grads, learning_rate):
    """The parameters after one step of gradient descent.

    params: list of (W, b)    grads: list of (dW, db)    learning_rate: a number
    returns params: list of (W, b) for layers 1 … L
    """
    ### BEGIN SOLUTION
    new = []
    for (W, b), (dW, db) in zip(params, grads):
        new.append((W - learning_rate * dW, b - learning_rate * db))
    return new
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_sgd_step", "grade": true}
check("08.sgd_step", sgd_step)

# %% [markdown]
# ## 8.7 Code: when to stop
#
# 000 asks for a stopping criterion. "When the gradient is zero" never happens with mini-batches. And
# the cost of the examples that one learns from is no good judge: it keeps falling while the network
# starts to learn its examples by heart. So keep some examples aside, the *validation set*, and watch
# the cost on those after each epoch. When it has not reached a new low for a while, stop. How long a
# while is called the **patience**.
#
# `history` is the list of these costs so far, oldest first. Return True if each of the last
# `patience` costs failed to go below the lowest cost **before them**. An equal cost is no new low.
# As long as there are no costs before the last `patience` ones, the answer is False.
#
# | history | patience | stop? |
# |---|---|---|
# | 0.9, 0.5, 0.7, 0.6 | 2 | yes: neither 0.7 nor 0.6 is below 0.5 |
# | 0.9, 0.5, 0.7, 0.4 | 2 | no: 0.4 is a new low |
# | 0.9, 0.8 | 2 | no: nothing before the last two |

# %% nbgrader={"grade_id": "should_stop", "solution": true}
def should_stop(history, patience):
    """Whether the last `patience` costs brought no new lowest cost.

    history: list of costs, oldest first    patience: a positive integer
    returns stop: True or False
    """
    ### BEGIN SOLUTION
    if len(history) <= patience:
        return False
    return min(history[-patience:]) >= min(history[:-patience])
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_should_stop", "grade": true}
check("08.should_stop", should_stop)

# %% [markdown]
# ## 8.8 Code: the training loop
#
# All parts lie on the table; now let them work together.
#
# 1. `orders` holds one shuffled order for each epoch, so `len(orders)` is the largest number of
#    epochs. In each epoch, walk through the mini-batches of the `training` pair (X, Y).
# 2. For each mini-batch take the gradients at the **present** parameters,
#    `gradients(X_batch, Y_batch, params)`, and make one step with them. They are the gradients of the
#    mean cost of the rows that you hand over: the one $1/m$ is inside, whatever the number of rows.
# 3. After each epoch, append the cost of the `validation` pair, `cost(X_val, Y_val, params)`, to the
#    history. If it is lower than all before, keep these parameters as the best ones.
# 4. Stop after the epoch for which `should_stop` says so, or after the last order.
# 5. Return the **best** parameters, not the last ones, and the history.
#
# Take care in step 3: to *keep* parameters that are going to be changed in place, you need copies of
# the arrays. A second name for the same array is no copy.
#
# **How it is graded.** With a small network, whose `cost` and `gradients` are handed to your function
# as arguments: here the loop is graded, and not your backpropagation. You may call the functions
# that you wrote above.

# %% nbgrader={"grade_id": "train", "solution": true}
def train(params, training, validation, cost, gradients, learning_rate, size, patience, orders):
    """The parameters with the lowest validation cost, and the history of that cost.

    params: list of (W, b)    training: (X, Y)    validation: (X_val, Y_val)
    cost(X, Y, params): a number    gradients(X, Y, params): list of (dW, db)
    learning_rate: a number    size: rows in a mini-batch    patience: a positive integer
    orders: list of row orders, one for each epoch, (m,) each
    returns best: list of (W, b), history: list of costs, one for each epoch
    """
    ### BEGIN SOLUTION
    X, Y = training
    X_val, Y_val = validation
    best, history = params, []
    for order in orders:
        for X_batch, Y_batch in minibatches(X, Y, size, order):
            params = sgd_step(params, gradients(X_batch, Y_batch, params), learning_rate)
        history.append(cost(X_val, Y_val, params))
        if len(history) == 1 or history[-1] < min(history[:-1]):
            best = [(W.copy(), b.copy()) for W, b in params]
        if should_stop(history, patience):
            break
    return best, history
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_train", "grade": true}
check("08.train", train)

# %% [markdown]
# ## 8.9 Try it: handwritten digits
#
# Here are 1,797 images of handwritten digits, 8 by 8 pixels each, written by real people. 359 of
# them are locked away as the *test set*: nobody learns from them, and nobody decides by them. Of the
# others, 1,200 are for training and the rest for validation.
#
# The network has 64 inputs, one for each pixel, 64 hidden tanh units, and 10 outputs with softmax
# and cross-entropy. Its cost and its gradients come from the course's library; they do what yours of
# units 03 to 05 do.

# %%
import matplotlib.pyplot as plt

from bplib.data import digits
from bplib.functions import network_cost, network_gradients, network_output

data = digits()
training = data.X_train[:1200], data.Y_train[:1200]
validation = data.X_train[1200:], data.Y_train[1200:]

figure, frames = plt.subplots(1, 10, figsize=(8, 1))
for frame, image, label in zip(frames, data.X_train, data.labels_train):
    frame.imshow(image.reshape(8, 8), cmap="gray_r")
    frame.set_title(label)
    frame.axis("off")
plt.show()

# %% [markdown]
# *The figure in words.* Ten small gray images in a row, each of one handwritten digit, eight pixels
# high and wide, with the digit that it is meant to be above it. They are blurred but easy to read.
#
# One run of training takes a second or two, with all of your functions at work:

# %%
def learn(learning_rate, size, patience, seed=0, epochs=60):
    """Train on the digits; returns the best parameters and the history."""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(training[0])) for _ in range(epochs)]
    params = init_normal([64, 64, 10], 0.3, seed)
    return train(params, training, validation, network_cost, network_gradients,
                 learning_rate, size, patience, orders)


def accuracy(params):
    """The share of the test images that are read correctly."""
    answers = network_output(data.X_test, params).argmax(axis=1)
    return np.mean(answers == data.labels_test)


try:
    best, history = learn(learning_rate=0.5, size=10, patience=10)
    print(f"{len(history)} epochs, test accuracy {accuracy(best):.1%}")
except NotImplementedError:
    print("some function above is not written yet")

# %% [markdown]
# You should see 95 % or more. If you see about 10 %, your network guesses: look at the sign of the
# step first.
#
# **Now play.** In the next cell, try learning rates between 0.01 and 5, sizes between 1 and 1200,
# and patience between 1 and 20; write down what you see before you read on to the questions. Change
# one of the three at a time, and change the seed before you believe a small difference.

# %% tags=["varies"]
settings = [  # learning rate, size, patience
    (0.5, 10, 10), (0.05, 10, 10), (5.0, 10, 10), (0.5, 100, 10), (0.5, 1200, 10), (0.5, 10, 1),
]
try:
    for setting in settings:
        best, history = learn(*setting)
        print(f"rate {setting[0]:<5} size {setting[1]:<5} patience {setting[2]:<3}: "
              f"{len(history):3} epochs, lowest cost {min(history):6.3f}, "
              f"test accuracy {accuracy(best):.1%}")
        plt.semilogy(range(1, len(history) + 1), history, label=f"{setting}")
    plt.xlabel("epoch")
    plt.ylabel("validation cost")
    plt.legend(title="rate, size, patience")
    plt.show()
except NotImplementedError:
    print("some function above is not written yet")

# %% [markdown]
# *The figure in words.* One curve for each setting: the validation cost, on a logarithmic scale,
# against the epoch. With rate 0.5 and size 10 it drops below 0.1 within a few epochs, then hardly
# moves any more, and ends when the patience runs out. Rate 0.05 with size 10, and rate 0.5 with size
# 100, glide down more slowly along nearly the same curve, and arrive at about 0.1. With size 1200,
# one step in an epoch, the curve is still on its way down at the right edge, above 0.2. With rate 5
# it jumps about far above all others, around 100. With patience 1 it breaks off after three epochs,
# where the cost rose for the first time.

# %% [markdown]
# ## 8.10 Explain: three settings
#
# Use what you have just seen. What goes wrong if the learning rate is far too small, and what if it
# is far too large; how can you tell the two from the curves? And why is a step on 10 examples often
# the better bargain than a step on all 1,200? Three sentences or so.
#
# *What earns the points:* one point for both learning rates, each with its sign in the curve; one for
# the bargain: what each of the two steps costs, and what it is worth.

# %% [markdown] nbgrader={"grade_id": "explain_settings", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# With far too small a rate the curve falls smoothly but slowly, and the epochs run out before it is
# low. With far too large a rate the steps shoot across the valley: the forecast of the straight line
# does not hold that far, the curve jumps up and down or stays high, and the network may end up
# guessing. A step on all examples costs 120 times the work of a step on 10, but its direction is not
# 120 times better: the small one is right on average, and 120 slightly wrong steps in an epoch get
# much farther than a single exact one.
# ### END SOLUTION

# %% [markdown]
# ## 8.11 Explain: three sets of examples
#
# We split the images three ways. Why not stop by the cost of the training examples? And why not stop
# by the test images, which would be even more honest examples of the real world? Two or three
# sentences.
#
# *What earns the points:* one point for the training set, one for the test set, each with the reason.

# %% [markdown] nbgrader={"grade_id": "explain_sets", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# The training cost keeps falling while the network learns its examples by heart, so it would never
# tell us to stop, and it says nothing about images that the network has not seen. If we stopped (or
# chose a learning rate) by the test images, we would pick what happens to suit just these images;
# their accuracy would then be flattering, and no examples would be left for an honest figure. So the
# decisions are made on the validation set, and the test set is looked at once, at the end.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - forecast what a step will do to the cost, and say why the step goes against the gradient;
# - show that a mini-batch is right on average, and say when a sum and a mean make different steps;
# - start, shuffle, step and stop: train a network with a loop of your own;
# - read a curve of costs, and turn the right knob: learning rate, batch size, patience.
#
# ## Check yourself
#
# 1. The gradient at a point is $(3, -4)$ and $\eta = 0.1$. Where does the step lead, and what is the
#    forecast of the change of the cost?
# 2. A valley is $C = \frac12 c\,w^2$ with a number $c > 0$. For which learning rates does a step
#    bring $w$ closer to 0?
# 3. You train on 1,000 examples in mini-batches of 64. How many steps has an epoch, and how many
#    rows has the last mini-batch? What happens to its step if you divide a sum by 64 there?
# 4. All weights and biases start at zero, with tanh units in the hidden layer. Which gradients of
#    the first step are not zero?
# 5. Your history is 0.5, 0.3, 0.4, 0.35, 0.33, and the patience is 3. Do you stop? And is it a pity?
#
# *Answers:* 1. by $(-0.3, 0.4)$; the forecast is $-0.1 \cdot (9 + 16) = -2.5$. 2. the step leads to
# $(1 - \eta c) w$, which is closer to 0 for $0 < \eta < 2/c$: the steepest direction of a valley
# decides for all of them. 3. 16 steps, and 40 rows in the last one; its step would be only
# $40/64$ of what it should be. 4. only the biases of the output layer: the hidden activations are
# all $\tanh(0) = 0$, so BP4 gives zero above, and no blame passes through weights that are zero. 5.
# yes: the last three are all above 0.3. Perhaps a pity, since the cost was falling again; a larger
# patience would have waited.
