# %% [markdown]
# # Lesson 08 · Gradient descent
#
# **A question first.** Two students train the same network on the same 1,200 images of digits, for
# three epochs each (an epoch is one look at every image). Ada is careful: she looks at all 1,200
# images, computes the exact gradient of the mean cost, and makes *one* step per epoch. Ben makes a
# step after every ten images, with a gradient that is only a rough guess. *How many of the test
# images does each of them read correctly?* A blind guess would read 10 %. Write down two numbers.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

from bplib import nn
from bplib.data import digits
from bplib.explore import descent

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
data = digits()
X, Y = data.X_train[:1200], data.Y_train[:1200]
for name, size in (("Ada", 1200), ("Ben", 10)):
    net = nn.Network.dense([64, 64, 10], hidden="tanh")
    net.train(X, Y, 0.5, size, 3, progress=False)
    print(f"{name}: {3 * 1200 // size:3} steps, {net.accuracy(data.X_test, data.Y_test):.1%}")

# %% [markdown]
# Both have done the same amount of work. By the end of this lesson you can say why the rough guesses
# win, why they do not lead astray, and what else has to be decided before a network learns: where to
# start, how far to step, and when to stop.
#
# ## 1 What we are looking for
#
# <a id="002-w-star-argmin"></a>
# 002 writes the aim of all training in one line:
#
# $$W^* = \arg\min_W C(W),$$
#
# the weights (and biases) at which the cost is lowest. "arg min" does not ask for the lowest *value*,
# it asks *where* it is. The line is a wish and no method. With two weights one could try them all on a
# grid; with 4,810 of them (the network above) a grid of ten values each has $10^{4810}$ points.
# What we do have is cheap: at any one point, backpropagation tells us all slopes.
#
# **One parameter, by hand.** Let $C(w) = \frac12 (w - 3)^2$, with the slope $C'(w) = w - 3$. Start at
# $w = 0$ and take $\eta = 0.5$, the **learning rate**. Each step is $-\eta\, C'(w)$:
#
# | step | $w$ | $C$ | slope | the step to come |
# |---|---|---|---|---|
# | 0 | $0$ | $4.5$ | $-3$ | $+1.5$ |
# | 1 | $1.5$ | $1.125$ | $-1.5$ | $+0.75$ |
# | 2 | $2.25$ | $0.281$ | $-0.75$ | $+0.375$ |
# | 3 | $2.625$ | $0.070$ | $-0.375$ | |
#
# The slope is negative, so going *right* is down; the minus sign of the step takes care of that. And
# the steps shrink by themselves, since the slope does. Nobody has to slow down.

# %%
w = 0.0
for step in range(4):
    print(f"step {step}: w = {w:.3f}, C = {(w - 3) ** 2 / 2:.3f}, slope {w - 3:.3f}")
    w = w - 0.5 * (w - 3)
assert np.isclose(w, 3 - 3 * 0.5**4)

# %% [markdown]
# ## 2 Many parameters: which way is down?
#
# Put all weights and biases into one long vector $w$, and let $g = \partial C / \partial w$.
#
# *Step 1: the forecast.* A cost that is built from smooth functions is *differentiable*, and that
# means: for a small step $d$,
#
# $$C(w + d) = C(w) + \sum_k g_k d_k + \text{something much smaller than } \lVert d \rVert .$$
#
# (At a kink of ReLU this fails; hardly any step begins exactly there.) The sum $g \cdot d$ is the
# forecast of a straight slope. It is linear in $d$, and it is all that the gradient knows.
#
# *Step 2: compare steps of one length.* Let $\theta$ be the angle between $g$ and $d$. Then
# $g \cdot d = \lVert g \rVert\, \lVert d \rVert \cos\theta$. With the length $\lVert d \rVert = r$ fixed,
# only the angle is left to choose, and $\cos\theta$ is smallest, $-1$, if $d$ points exactly against
# $g$. So of all steps of length $r$,
#
# $$d = -r\, \frac{g}{\lVert g \rVert}$$
#
# has the lowest forecast, $-r \lVert g \rVert$.
#
# **By hand.** $g = (3, -4)$ has the length 5. Steps of length 1: to the right, $(1, 0)$, the forecast is
# $+3$; up, $(0, 1)$, it is $-4$; against the gradient, $(-0.6, 0.8)$, it is $-1.8 - 3.2 = -5$. Let the
# computer try all directions:

# %%
g = np.array([3.0, -4.0])
angles = np.radians(np.arange(0.0, 360.0, 0.1))
steps = np.stack([np.cos(angles), np.sin(angles)], axis=1)
forecasts = steps @ g
best = steps[forecasts.argmin()]
print("best of 3,600 directions:", best.round(3), "forecast", forecasts.min().round(4))
assert np.allclose(best, -g / 5, atol=2e-3)

# %% [markdown]
# <a id="001-sgd-update-of-w-and-b"></a>
# *Step 3: how long?* Gradient descent takes $d = -\eta\, g$: long where the slope is steep, short where
# it is flat. Its forecast is $g \cdot (-\eta g) = -\eta \lVert g \rVert^2$, which is never positive.
# The rest is much smaller than the step, so it cannot make up for that if
# $\eta$ is small: unless the gradient is zero, a small enough step *always* lowers the cost. Written out for the
# layers, this is the **update** with which 001 ends:
#
# $$W^l \leftarrow W^l - \eta \frac{\partial C}{\partial W^l}, \qquad
# b^l \leftarrow b^l - \eta \frac{\partial C}{\partial b^l} .$$
#
# All layers are updated at the same time, with gradients taken at the *same* point. Whoever updates
# layer 2 first and then computes the gradient of layer 1 with the new weights has a gradient of
# nothing in particular.
#
# ## 3 How far? The learning rate
#
# <a id="000-learning-rate"></a>
# 000 lists the **learning rate** among the things to choose. Look at a valley
# $C = \frac12 c\, w^2$ with the curvature $c$. Its slope is $c\,w$, so a step leads to
#
# $$w - \eta c\, w = (1 - \eta c)\, w .$$
#
# Every step multiplies the distance from the bottom by the same factor $1 - \eta c$:
#
# | $\eta c$ | factor | what you see |
# |---|---|---|
# | $0.01$ | $0.99$ | it creeps |
# | $1$ | $0$ | one step to the bottom |
# | $1.5$ | $-0.5$ | across the valley and back, closer each time |
# | $2$ | $-1$ | to and fro forever |
# | $2.5$ | $-1.5$ | higher up the other wall each time |
#
# So $\eta$ must be below $2/c$. Now take two directions at once, $C = \frac12 (w_1^2 + 10\, w_2^2)$. There
# is *one* learning rate for both. The steep direction ($c = 10$) allows at most $0.2$; with that the
# flat one ($c = 1$) has the factor $0.8$ at best. In a long narrow valley one direction always waits
# for the other.

# %%
figure, axes = plt.subplots(3, 1, figsize=(6, 7), layout="constrained", sharex=True)
u, v = np.meshgrid(np.linspace(-11, 11, 80), np.linspace(-4, 4, 60))
for ax, (rate, color) in zip(axes, ((0.02, BLUE), (0.17, GREEN), (0.205, ORANGE))):
    path = [np.array([10.0, 1.0])]
    for _ in range(25):
        path.append(path[-1] - rate * np.array([1.0, 10.0]) * path[-1])
    ax.contour(u, v, (u**2 + 10 * v**2) / 2, levels=[1, 5, 15, 30, 50], colors="0.7")
    ax.plot(*np.array(path).T, "o-", color=color, markersize=3)
    ax.set(title=f"rate {rate}", ylabel="$w_2$", ylim=(-4, 4), aspect="equal")
    print(f"rate {rate}: after 25 steps at ({path[-1][0]:.4f}, {path[-1][1]:.4f})")
axes[-1].set_xlabel("$w_1$")
plt.show()

# %% [markdown]
# *The figure in words.* Three times the same valley, long in $w_1$ and narrow in $w_2$, and a walk of
# 25 steps from the right. With 0.02 the walk drops to the valley's floor and then creeps along it; it
# has gone two fifths of the way. With 0.17 it jumps from wall to wall, less each time, and arrives.
# With 0.205 the jumps grow: $w_2$ is larger in size at the end than at the start.
#
# How to find $\eta$ in practice: try values a factor of 3 apart, and look at the first epochs. If the
# cost falls smoothly but slowly, the rate is too small; if it jumps or rises, the rate is too large.
#
# ## 4 A sum over the examples
#
# <a id="004-sum-of-gradients"></a>
# The cost is made of the examples' costs, so its gradient is made of the examples' gradients. 004
# sums: $E = \sum_n E_n$, hence $\partial E / \partial w = \sum_n \partial E_n / \partial w$, a **sum of
# gradients**. We, like 003, take the mean, $C = \frac1m \sum_i C_i$. The derivative of a sum is the sum
# of the derivatives, and the constant $\frac1m$ stays in front. Both point the same way; 004's is $m$
# times as long, and needs an $\eta$ that is $m$ times as small.
#
# Either way, one exact gradient costs a walk through all examples. Must it be exact?
#
# **By hand.** Four examples have the gradients $1, 3, 5, 11$ (one parameter). The exact gradient is their
# mean, $5$. Now draw a **mini-batch** of two, and take the mean of those. There are six possible draws:
#
# | batch | 1, 3 | 1, 5 | 1, 11 | 3, 5 | 3, 11 | 5, 11 | average |
# |---|---|---|---|---|---|---|---|
# | mean | $2$ | $3$ | $6$ | $4$ | $7$ | $8$ | $\frac{30}{6} = 5$ |
#
# No batch has it right. On average they have it exactly right.

# %%
each = [1, 3, 5, 11]
for size in (1, 2, 3, 4):
    means = [np.mean(batch) for batch in itertools.combinations(each, size)]
    print(f"size {size}: average {np.mean(means):.3f}, spread {np.std(means):.3f}")
    assert np.isclose(np.mean(means), np.mean(each))

# %% [markdown]
# **The law.** Draw $s$ of $m$ examples, all choices equally likely.
#
# 1. By symmetry every example is in the same share of all batches. Each batch fills $s$ places, and
#    $m$ examples compete for them, so that share is $s/m$.
# 2. The mean over one batch is $\frac1s \sum_{i \in \mathrm{batch}} g_i$. Average it over all batches: $g_i$
#    occurs in the share $s/m$ of them, so
#    $\frac1s \sum_i \frac{s}{m}\, g_i = \frac1m \sum_i g_i$, the exact gradient.
#
# Such an estimate is called **unbiased**: it errs, but not in one direction. (Step 2 adds averages, and
# that is allowed whether or not the draws depend on one another.)
#
# **How far off?** As long as the batch is a small part of all examples, its draws are nearly
# independent. Let $v$ be the variance of a single gradient. The variances of independent numbers
# add, so the sum of $s$ of them has the variance $s\,v$; and dividing by $s$ divides a variance by
# $s^2$. The mean has the variance $v/s$ and the spread $\sqrt{v/s}$. (In our tiny example it falls
# faster, down to 0: there the batch soon *is* all examples.) So the noise shrinks only like
# $1/\sqrt s$, and for half of it you pay four times the work. That is why Ben wins: his 120 steps per
# epoch cost what Ada's one step costs, and the errors of 120 steps largely cancel.
#
# **Divide by what?** By the number of rows that are *in the batch*. With a sum in place of a mean, the
# step grows with the batch, and $\eta$ has to be chosen anew for each size.
#
# ## 5 The algorithm
#
# <a id="003-mini-batch-algorithm"></a>
# The **mini-batch algorithm** of 003:
#
# 1. Choose first parameters.
# 2. Shuffle the examples. Cut the row of them into mini-batches.
# 3. For each mini-batch: the gradient of its mean cost by backpropagation (unit 05), one update.
# 4. All examples seen? One *epoch* is over. If it is not time to stop, go to 2.
#
# With ten examples and the size 4 an epoch has three steps, on 4, 4 and 2 rows:

# %%
order = np.random.default_rng(0).permutation(10)
for rows in nn.batches(order, 4):
    print("rows", rows)

# %% [markdown]
# *Why shuffle?* If the images come sorted, all zeros first, then all ones, then a batch of zeros says
# only "say zero". The law of section 4 needs draws that are equally likely. *Why not draw afresh each
# time?* One could. Dealing out a shuffled pack sees every example equally often, and that is a little
# better.
#
# ### Where to start
#
# <a id="000-initialize"></a>
# 000 begins with "**initialize**": at random. Why not at zero? Here is a network whose two hidden units
# start with equal weights. Watch their gradients (the rows of `dW[1]`):

# %%
rng = np.random.default_rng(3)
inputs, targets = rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
twins = [(np.array([[0.4, -0.2, 0.1]] * 2), np.zeros(2)), (np.array([[0.7, 0.7]]), np.zeros(1))]
phi, cost = nn.activation("tanh"), nn.cost("quadratic")
params = twins
for _ in range(100):
    params = nn.sgd_step(params, nn.backprop(inputs, targets, params, phi, cost), 0.1)
print("gradient:", nn.backprop(inputs, targets, twins, phi, cost)[0][0].round(4).tolist())
print("weights after 100 steps:", params[0][0].round(4).tolist())
assert np.array_equal(params[0][0][0], params[0][0][1])

# %% [markdown]
# Equal weights, so equal activations; equal weights upward, so equal errors; so equal gradients by
# BP4, and equal weights after the step. Nothing in the equations could ever tell the twins apart: two
# hidden units do the work of one. With zeros everywhere it is worse: with tanh units the hidden
# activations are 0, and so are all weights that errors could come down through. Random weights break
# the tie. How large they should be is the subject of unit 09. Biases may start at zero, since the
# weights already differ.
#
# ### When to stop
#
# <a id="000-stopping-criteria"></a>
# 000 asks for **stopping criteria**. "When the gradient is zero" does not work: with mini-batches it
# never is. "When the cost of the training examples no longer falls" is dangerous: a network can learn
# its examples by heart, and that cost keeps falling while new images are read worse and worse.
#
# So keep some examples aside, the **validation set**, and compute their cost after each epoch. Stop when
# it has brought no new lowest value for a number of epochs, the **patience**. Then go back to the
# parameters of the best epoch. **By hand**, with patience 2:
#
# | epoch | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|
# | cost | $0.8$ | $0.6$ | $0.65$ | $0.5$ | $0.55$ | $0.52$ |
# | lowest so far | $0.8$ | $0.6$ | $0.6$ | $0.5$ | $0.5$ | $0.5$ |
# | epochs waited | 0 | 0 | 1 | 0 | 1 | 2: stop |
#
# Epoch 6 is better than epoch 5, and yet no news: what counts is the *best*, and that is epoch 4.

# %%
history = [0.8, 0.6, 0.65, 0.5, 0.55, 0.52]
for epoch in range(1, 7):
    print(f"epoch {epoch}: stop? {nn.should_stop(history[:epoch], patience=2)}")

# %% [markdown]
# And the third set, the **test set**, is for the end. Whoever stops by the test set has chosen what
# suits exactly these images, and has no honest number left.
#
# ## 6 All together: digits
#
# The parts at work: 1,200 images to learn from, 238 to decide by, and 359 on which no weight and no
# decision depends.

# %%
from bplib.functions import network_cost, network_gradients, network_output

validation = data.X_train[1200:], data.Y_train[1200:]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for rate, color, marker in ((0.01, BLUE, "o"), (0.2, GREEN, "^"), (3.0, ORANGE, "s")):
    orders = [np.random.default_rng(epoch).permutation(1200) for epoch in range(30)]
    start = nn.init_normal([64, 32, 10], 0.2, seed=0)
    best, history = nn.descend(start, (X, Y), validation, network_cost, network_gradients,
                               rate, 20, 8, orders)
    right = np.mean(network_output(data.X_test, best).argmax(axis=1) == data.labels_test)
    print(f"rate {rate:<4}: {len(history):2} epochs, test accuracy {right:.1%}")
    ax.semilogy(range(1, len(history) + 1), history, color=color, marker=marker, label=rate)
ax.set(xlabel="epoch", ylabel="validation cost")
ax.legend(title="learning rate")
plt.show()

# %% [markdown]
# *The figure in words.* Three curves of the validation cost, on a logarithmic axis. With the rate 0.01
# it falls smoothly and slowly, and after 30 epochs it is still falling. With 0.2 it drops below 0.2
# within six epochs and settles near 0.1. With 3 it jumps about far above the others, and the
# patience runs out.
#
# ## 7 Play: rate, batch, patience
#
# The explorer walks over the cost of a single neuron with two weights, drawn as a landscape, for 40
# epochs of 60 examples.
#
# **Predict first.** The rate is 0.01. The full batch makes 40 updates, one row at a time makes 2,400.
# Which of them ends lower? Then try the presets, and find: the largest rate at which the full batch
# still comes down smoothly; and the same for single rows. Which of the two stands a larger rate, and why?

# %%
descent()

# %% [markdown]
# What you should have seen: at 0.01 single rows get much farther, because they take 60 times as many
# steps. With a large rate it is the other way around: the full batch walks calmly, up to a rate of
# about 20, while single rows tremble around the bottom from about 0.1 on and do not settle, since
# each example pulls toward a place of its own.
# Noise times rate is the size of the trembling: that is why one often lowers the rate near the end.
#
# ## 8 Pitfalls: six short stories
#
# **Uphill.** Ada wrote `W + rate * dW`. The cost rose, she lowered the rate, it rose more slowly. *Does
# the cost fall for a tiny rate?* If not even then, it is the sign.
#
# **The growing step.** Ben added each batch's gradients to the last ones and never reset them. It
# began well and went wild after ten steps. *Call the gradient twice: what changes?*
#
# **The short batch.** Chiara divided the sum over each batch by 64, also over the last one, which had 8
# rows. Its step was an eighth of what it should have been. *How many rows arrived?*
#
# **The copy that was none.** Deniz kept `best = params`, and updated in place. At the end the "best"
# parameters were the last ones. *Did your copy change too?*
#
# **Yesterday.** Emre compared each cost with that of the epoch *before*. After a long climb every small
# drop looked like progress, and the run did not stop. *Is every step down a new best?*
#
# **Lost targets.** Fatou shuffled `X` and forgot `Y`. The cost settled at $\ln 10$, the cost of a guess.
# *Does row $i$ of `Y` still belong to row $i$ of `X`?*
#
# ## 9 The sources, and a little history
#
# | ours | 001 | 002 | 003 | 004 | 000 |
# |---|---|---|---|---|---|
# | cost $C$ | $L$ | $L(\hat y, y; W)$ | $C$, a mean | $E = \sum_n E_n$, a sum | $J$ |
# | all parameters | $w$, $b$ | $W$, the biases inside | $w$, $b$ | $w$, a bias is the weight of an input 1 | $w$, $b$ |
#
# Out loud: 001 calls the loss $L$, and the last layer too; here $C$ is the cost and $L$ is the last
# layer. 003 averages over the examples and 004 sums, so gradients differ by the factor $m$: a
# learning rate from one book is not one for the other. And "arg min" promises more than we do: with
# a network, descent finds *a* low place, which depends on the start, and need not be the lowest.
#
# Cauchy described descent along the gradient in 1847. That noisy gradients suffice was shown by Robbins
# and Monro in 1951, long before there were networks with millions of weights that need it.
#
# ## What you can now do
#
# - forecast the change of the cost for any small step, and prove that none of its length beats the one
#   against the gradient;
# - say which learning rates converge in a valley of known curvature, and read a curve of costs;
# - show that a mini-batch is right on average, and where its $\frac1s$ belongs;
# - carry out the mini-batch algorithm, with a start that breaks ties and a stop that looks at the best.
#
# ## Check yourself
#
# 1. $g = (6, 8)$ and $\eta = 0.01$: which step, how long is it, and what is its forecast?
# 2. $C = \frac12 (w_1^2 + 50\, w_2^2)$. Below which $\eta$ does descent converge, and how many steps does
#    the flat direction then need, at least, to get ten times closer?
# 3. Examples with the gradients $2, 4, 12$; batches of two. Which estimates are possible, and what is
#    their average?
# 4. Why may the validation cost rise while the training cost falls?
# 5. A network has zero weights in its last layer only, and random ones below. Is it stuck?
#
# <details><summary>Answers</summary>
#
# 1. $(-0.06, -0.08)$, of the length $0.1$; the forecast is $-0.01 \cdot 100 = -1$.
# 2. Below $2/50 = 0.04$; the flat direction has the factor $0.96$ at best, and $0.96^{57} \approx 0.1$: 57
#    steps.
# 3. $3$, $7$ and $8$; the average is $6$, which is the mean of the three.
# 4. The network fits peculiarities of its examples that other images do not share.
# 5. No: in the first step no error comes down (BP2 has a factor 0), but the last layer gets
#    gradients from its random inputs (BP4), and from the second step on all layers learn.
#
# </details>
