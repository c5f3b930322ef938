# %% [markdown]
# # Lesson 09 · Vanishing and exploding gradients
#
# **A question first.** Two networks of sigmoid units are to read handwritten digits. One has two
# hidden layers, the other has nine. Both get the same 500 images, the same learning rate and the
# same 25 epochs; the deep one has three times as many weights. *Which of them has the lower cost in
# the end, and what is the cost of the other one?* Write down two numbers. (Whoever guesses, with a
# tenth for every digit, has the cost $\ln 10 \approx 2.30$.)

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn
from bplib.data import digits
from bplib.explore import vanishing

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
data = digits()
images, labels = data.X_train[:500], data.Y_train[:500]
X, _ = nn.standardize(images, data.X_test)
for hidden_layers in (2, 9):
    net = nn.Network.dense([64] + hidden_layers * [32] + [10], hidden="sigmoid")
    costs = net.train(X, labels, 0.1, 25, 25, progress=False)
    print(f"{hidden_layers} hidden layers: cost {costs[-1]:.3f}")

# %% [markdown]
# The deep network has learned *nothing*. It is still guessing. And nothing is wrong with its code:
# a gradient check would pass, and every equation from BP1 to BP4 holds. Look at the lengths of its
# gradients, layer by layer, before the first step:

# %%
net = nn.Network.dense([64] + 9 * [32] + [10], hidden="sigmoid")
for layer, norm in enumerate(nn.gradient_norms(net.gradients(X, labels)), start=1):
    print(f"layer {layer:2}: {norm:.1e}")

# %% [markdown]
# <a id="000-vanishing-gradient"></a>
# From layer to layer, on the way down, the gradient is divided by four or so, and layer 1 gets some
# millionths of what layer 10 gets. This is the **vanishing gradient** of 000: the layers that see
# the image first cannot learn, and the upper layers learn from what random lower layers leave of
# it. By the end of the lesson you will be able to say where the four comes from, and to train this
# very depth.
#
# ## 1 A path, by hand
#
# Take one path down the network, from an error at the top through two sigmoid units. The upper unit
# has the activation $0.8$ and the weight $2.5$ leads upward from it; the lower one has $a = 0.5$ and
# the weight $-2$. The error at the top is $1$. BP2, along one path, multiplies at every unit by the
# weight that leaves it and by its slope $a(1-a)$:
#
# | unit | slope | weight | factor | error below |
# |---|---|---|---|---|
# | upper | $0.8 \cdot 0.2 = 0.16$ | $2.5$ | $0.4$ | $0.4$ |
# | lower | $0.5 \cdot 0.5 = 0.25$ | $-2$ | $-0.5$ | $-0.2$ |
#
# Both weights are large, and yet four fifths of the error are gone after two steps.

# %%
error = np.array([1.0])
for a, w in ((0.8, 2.5), (0.5, -2.0)):
    error = nn.hidden_error(np.array([[w]]), error, np.array([a * (1 - a)]))  # BP2
    print("error below:", error.round(3))
assert np.isclose(error[0], -0.2)

# %% [markdown]
# ### The law: a quarter at every step
#
# 1. Along one path the chain rule multiplies the factors of all units on it:
#    $\delta_{\mathrm{bottom}} = \delta_{\mathrm{top}} \prod_i w_i\, \varphi'(z_i)$. (They follow one
#    another, so they multiply; *different* paths add.)
# 2. The slope of a sigmoid is $a(1-a) = \frac14 - (a - \frac12)^2$, and a square is not negative. So
#    the slope is at most $\frac14$, and equal to it only at $a = \frac12$, that is $z = 0$.
# 3. The size of a product is the product of the sizes. Put the largest slope in every place:
#
# $$|\delta_{\mathrm{bottom}}| \;\le\; |\delta_{\mathrm{top}}| \prod_i \frac{|w_i|}{4}
# \;\le\; |\delta_{\mathrm{top}}| \Big(\frac14\Big)^{k}
# \qquad \text{if no weight is larger than 1 in size.}$$
#
# With the weights of our path: $1 \cdot \frac{2.5}{4} \cdot \frac{2}{4} = 0.3125 \ge 0.2$. With $k = 9$
# units and weights up to 1, a path carries at most $4 \cdot 10^{-6}$ of the error. That is the
# order of the numbers above.
#
# ### Larger weights?
#
# <a id="003-saturation"></a>
# The bound says: with weights above 4 the errors need not fade. But the same weights are used on the
# way *up*. They make $z$ large, and where $|z|$ is large the sigmoid is flat: **saturation**, in the
# words of 003, and saturated units learn slowly. Let every unit of the path have the input $a = 1$
# and no bias, so that $z = w$; then the factor is $w\, \varphi'(w)$:

# %%
w = np.array([0.5, 1.0, 1.54, 2.0, 4.0, 8.0, 16.0])
for weight, factor in zip(w, w * nn.d_sigmoid(w), strict=True):
    print(f"weight {weight:5}: factor {factor:.6f}")

# %% [markdown]
# It never gets above $0.23$. What the weight adds, the slope takes away, and more: $w$ grows in
# proportion, while $\varphi'(w)$ falls like $e^{-w}$.
#
# In a whole layer the random signs soften this: some sums happen to fall near $z = 0$, and such a
# unit passes errors on, multiplied by its large weights. So with really large weights the *length* of
# the gradient can be held up, by a few units that shout while the others are deaf. Section 8 shows
# what that is worth.
#
# ## 2 Without the slopes: products again
#
# <a id="002-vanishing-and-exploding"></a>
# Suppose that the slopes are all 1, as in a ReLU unit that fires. Then the weights decide. 002 names
# both dangers, **vanishing and exploding**, and they are one: a product of many similar factors. A
# factor of $0.9$ in each of 50 layers leaves $0.9^{50} \approx 0.005$, a factor of $1.1$ makes
# $1.1^{50} \approx 117$. There is no comfortable middle: only factors very near to 1 survive depth.
#
# The signal on the way up is such a product as well. So we have to ask, for one layer: *if random
# weights of a given spread are used, by which factor does a signal grow?*
#
# ## 3 How large is a sum of random things?
#
# **By hand.** A unit has the inputs $a = (3, 4)$. Its two weights are tossed with a coin: each is
# $+1$ or $-1$. There are four outcomes, all equally likely:
#
# | $w$ | $(+,+)$ | $(+,-)$ | $(-,+)$ | $(-,-)$ | mean |
# |---|---|---|---|---|---|
# | $z = w \cdot a$ | $7$ | $-1$ | $1$ | $-7$ | $0$ |
# | $z^2$ | $49$ | $1$ | $1$ | $49$ | $25$ |
#
# The mean of $z^2$ is $25 = 3^2 + 4^2$. Not $49$: the two terms rarely pull the same way.

# %%
a, tosses = np.array([3.0, 4.0]), np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
z = tosses @ a
print("z:", z, "  mean of z²:", np.mean(z**2))
assert np.mean(z**2) == np.sum(a**2) == 25

# %% [markdown]
# **The law.** Let $z = \sum_k w_k a_k$ with $n$ terms. The weights are independent, with mean 0 and
# variance $v_w$; the activations are given. Write $E$ for the average over the draws.
#
# 1. Multiply out: $z^2 = \sum_k w_k^2 a_k^2 + \sum_{k \ne i} w_k w_i\, a_k a_i$. (Algebra.)
# 2. The average of a sum is the sum of the averages, and fixed numbers come out in front:
#    $E[z^2] = \sum_k E[w_k^2]\, a_k^2 + \sum_{k \ne i} E[w_k w_i]\, a_k a_i$.
# 3. For *independent* numbers the average of the product is the product of the averages, and these
#    are 0: $E[w_k w_i] = E[w_k]\,E[w_i] = 0$. The mixed terms are gone.
# 4. For mean 0, the average of the square *is* the variance: $E[w_k^2] = v_w$. So, with
#    $q = \frac1n \sum_k a_k^2$, the mean square of the activations,
#
# $$E[z^2] = v_w \sum_k a_k^2 = n\, v_w\, q .$$
#
# A layer multiplies the mean square by $n\, v_w$. It keeps the scale if
#
# $$n\, v_w = 1, \qquad \text{that is, for weights of the spread } \sqrt{v_w} = \frac{1}{\sqrt n} .$$
#
# <a id="002-scale-kept-per-layer"></a>
# This is what 002 asks for when it wants the **scale kept in each layer**. Note the root: squares
# add, and not lengths. With 100 terms $z$ is ten times as large as one term, not a hundred times.
#
# How sharp is the condition? Thirty layers of 100 units without any bend, three spreads, of which
# one is right and the others are a fifth off:

# %%
rng = np.random.default_rng(0)
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
styles = ((0.08, BLUE, "o"), (0.1, GREEN, "^"), (0.12, ORANGE, "s"))
for spread, color, marker in styles:
    A, sizes = rng.normal(size=(50, 100)), []
    for _ in range(30):
        A = A @ (spread * rng.normal(size=(100, 100))).T
        sizes.append(np.sqrt(np.mean(A**2)))
    ax.semilogy(range(1, 31), sizes, color=color, marker=marker, markersize=4, label=spread)
ax.set(xlabel="layer", ylabel="size of z")
ax.legend(title="spread of the weights")
plt.show()

# %% [markdown]
# *The figure in words.* Three lines on a logarithmic axis, over 30 layers. With the spread
# $0.1 = 1/\sqrt{100}$ the line wavers around 1. With $0.08$ it falls steadily to about a thousandth
# ($0.8^{30} \approx 0.0012$), with $0.12$ it rises to a few hundred ($1.2^{30} \approx 237$).
#
# ## 4 One weight, two ways: Glorot
#
# <a id="002-initialization"></a>
# On the way down BP2 makes another sum with the same weights: the blame of unit $k$ is
# $\sum_j \delta_j w_{jk}$. It runs over the units **above**. The four steps above hold word by word
# with $n_{\mathrm{out}}$ terms instead of $n_{\mathrm{in}}$. (The errors depend on the weights of the
# layers above; that they do not depend on *these* weights is an approximation, good enough at the
# start.)
#
# So the way up asks for $v_w = 1/n_{\mathrm{in}}$ and the way down for $v_w = 1/n_{\mathrm{out}}$.
# Both cannot be had unless the layer is square. Glorot and Bengio (2010) took one over the mean of
# the two numbers of units:
#
# $$v_w = \frac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}} . \tag{Glorot}$$
#
# **By hand.** 64 units below, 32 above: the way up wants $\frac1{64}$, the way down $\frac1{32}$, and
# the compromise is $\frac{2}{96} = \frac1{48}$. Up, the variance grows by $\frac{64}{48} = 1.33$; down
# it shrinks to $\frac{32}{48} = 0.67$. The two always add up to 2.

# %%
W, b = nn.glorot(np.random.default_rng(0), 32, 64)
up = np.mean((rng.normal(size=(2000, 64)) @ W.T) ** 2)
down = np.mean((rng.normal(size=(2000, 32)) @ W) ** 2)
print(f"variance of the weights {W.var():.5f}, and 1/48 = {1 / 48:.5f}")
print(f"measured gain on the way up {up:.2f}, on the way down {down:.2f}")

# %% [markdown]
# (2,048 weights are a small sample: the measured numbers are a percent or so off.)
#
# For which units is that right? For those that are straight, with the slope 1, around $z = 0$: tanh,
# as long as $z$ is not large. A sigmoid has the slope $\frac14$ there, so Glorot's weights cannot save
# it, as the first cell of this lesson has shown. You will also meet the form "uniform between $-r$
# and $r$ with $r = \sqrt{6 / (n_{\mathrm{in}} + n_{\mathrm{out}})}$". It is the same recipe: such
# numbers have the variance $r^2 / 3$.
#
# ## 5 What ReLU takes away: He
#
# **By hand.** Four weighted inputs, symmetric around 0: $-3, -1, 1, 3$. The mean of their squares is
# $\frac{9 + 1 + 1 + 9}{4} = 5$. After ReLU: $0, 0, 1, 3$, and the mean of the squares is
# $\frac{10}{4} = 2.5$. Half.
#
# **The law.** If $z$ is symmetric around 0, then the negative half of the values has the same squares
# as the positive half. ReLU removes the one and keeps the other, so the mean square $q$ is $v/2$,
# where $v$ is the variance of $z$. (The mean square and not the variance of $a$: step 4 above used
# the squares of the activations, and the mean of $a$ is no longer 0.) The layer above then has
#
# $$n_{\mathrm{in}}\, v_w\, \frac{v}{2} = v \quad\Longleftrightarrow\quad
# v_w = \frac{2}{n_{\mathrm{in}}} . \tag{He}$$
#
# The 2 makes up for the lost half (He and others, 2015). And down? Half of the units have the slope
# 0 and stop the error, which is the same half once more: the way down asks for $2 / n_{\mathrm{out}}$.
# With He's weights it gets $2 / n_{\mathrm{in}}$, so the variance of the error changes by
# $n_{\mathrm{out}} / n_{\mathrm{in}} = n_l / n_{l-1}$ in layer $l$. That is no danger: from layer $L$
# down to layer 2 these factors multiply to $n_L / n_1$, however many layers there are.
#
# Why bother about a factor of 2? Because it stands in every layer: after twenty layers it is
# $2^{20}$, a million.

# %%
z = np.array([-3.0, -1.0, 1.0, 3.0])
print("mean square before and after ReLU:", np.mean(z**2), np.mean(nn.relu(z) ** 2))
assert np.mean(nn.relu(z) ** 2) == 2.5
for draw, name in ((nn.he, "He: 2/n"), (nn.glorot, "Glorot: 1/n in a square layer")):
    rng, A = np.random.default_rng(1), np.random.default_rng(2).normal(size=(50, 100))
    for _ in range(20):
        Z = A @ draw(rng, 100, 100)[0].T
        A = nn.relu(Z)
    print(f"{name:30} variance of z after 20 layers: {np.mean(Z**2):.2g}")

# %% [markdown]
# The two differ by $2^{20}$, for both use the same draws. Layer 1 begins at 2 with He's weights: its
# inputs have passed no ReLU, so the 2 has nothing to make up for. Why does layer 20 not end there?
# What is kept is the *average* over all possible draws. A single draw of 100 units is off by a factor
# near 1 in each layer, and twenty such factors multiply. Wider layers stray less.
#
# ## 6 The scale at the door: standardized inputs
#
# <a id="002-input-scaling"></a>
# All of this keeps the scale that *comes in*. If the inputs are badly scaled, it faithfully keeps a
# bad scale. Hence **input scaling** (002): each column, that is each feature, gets the mean 0 and
# the spread 1. There are two reasons:
#
# - *Spread.* An age of 40 and an income of 40,000 enter the same sum. The income alone decides where
#   $z$ is, and saturates the unit; by BP4, its weights get gradients a thousand times as long.
# - *Mean.* If all inputs of a unit are positive, then by BP4 the gradients $\delta_j a_k$ of all its
#   weights have the *same sign*, that of $\delta_j$. The weights can only rise together or fall
#   together, and a walk to a place where one should rise and the other fall goes in zigzags.
#
# **By hand.** A column holds $2, 4, 6$ in the training set. Its mean is 4, its variance
# $\frac{4 + 0 + 4}{3} = \frac83$, its spread $1.633$. So the column becomes $-1.225, 0, 1.225$. A
# *test* example has 10 there. Which mean should it get, which spread? Alone it has none. It is
# measured with the rule of the training set: $(10 - 4) / 1.633 = 3.674$. That is far out, and it is
# meant to be: compared with what the network knows, 10 is an unusual value.
#
# A column that never changes in the training set has the spread 0, and $0/0$ is no number. It
# carries no information; subtract its mean and divide by 1. (In the digits some pixels in the
# margins are such columns.)

# %%
columns = np.array([[2.0, 7.0], [4.0, 7.0], [6.0, 7.0]])
train, test = nn.standardize(columns, np.array([[10.0, 8.0]]))
print(train.round(3), test.round(3))
assert np.allclose(test, [[3.674, 1.0]], atol=5e-4)
print("pixels that never change:", np.sum(images.std(axis=0) == 0))

# %% [markdown]
# Does it matter? Four hidden layers of tanh, Glorot's weights, once with the pixels as they are in
# the file, from 0 to 16, and once standardized:

# %%
for name, inputs in (("pixels 0 to 16", 16 * images), ("standardized", X)):
    net = nn.Network.dense([64, 32, 32, 32, 32, 10], hidden="tanh")
    costs = net.train(inputs, labels, 0.1, 25, 25, progress=False)
    Z_1 = net.forward(inputs)[0][0]
    print(f"{name:15} cost {costs[-1]:.3f}; "
          f"{np.mean(nn.d_tanh(Z_1) < 0.01):.0%} of layer 1 saturated")

# %% [markdown]
# With raw pixels nine tenths of layer 1 are flat. Hardly an error gets through to its weights, and
# the layers above have to make do with what it happens to let through.
#
# ## 7 Watch it, and limit it
#
# One number per layer tells most of the story: the length of the layer's gradient, all weights and
# biases as one vector. Print it before you train anything deep.
#
# When gradients **explode**, a single step throws the weights far away. A simple safeguard is to clip
# by the norm. **By hand:** layer 1 has the gradient $(2, 1)$ and layer 2 has $(2)$. As one vector,
# $(2, 1, 2)$ has the length $\sqrt{4 + 1 + 4} = 3$. With the limit $1.5$ it is multiplied by
# $\frac{1.5}{3}$: $(1, 0.5)$ and $(1)$. It is half as long and points the same way. Had we clipped each
# *entry* at $1.5$, we would have got $(1.5, 1, 1.5)$: another direction, and no longer the steepest one
# (lesson 08). And a gradient below the limit is left alone.

# %%
grads = [(np.array([[2.0]]), np.array([1.0])), (np.array([[2.0]]), np.array([0.0]))]
print("norms of the layers:", nn.gradient_norms(grads).round(3))
for dW, db in nn.clip_by_norm(grads, 1.5):
    print("clipped:", dW, db)
assert np.isclose(np.linalg.norm(nn.gradient_norms(nn.clip_by_norm(grads, 1.5))), 1.5)

# %% [markdown]
# Clipping treats the symptom, and only one of the two: it can never lengthen what has vanished.
# (Neither can a larger learning rate: it is the same for all layers, and the upper ones do not need
# it.)
#
# ## 8 Play: depth, gain, activation
#
# The explorer shows, for a network up to 30 layers deep, the spread of the activations and the norm of
# the gradient in each layer, beside the $(1/4)^L$ bound.
#
# **Predict first:** ten layers of sigmoids with Glorot's weights: the gradient of layer 1 is which
# share of that of layer 10? Then, each time with a guess before: *He and ReLU* at depth 20; *Glorot
# and tanh*; ReLU with Glorot's weights; a gain of 0.5 or 2 on any of them. Can you find a gain with
# which the sigmoids do not vanish, and does that network learn?

# %%
vanishing()

# %% [markdown]
# What you should have seen: sigmoids with a small gain vanish faster still. With a gain of 10 the norms
# do come back, at a price: half of the units are saturated, the cost starts near 15 (worse than
# guessing), and after training it is about 1.1. With ReLU and He's weights the scale is kept at depth
# 20, but half that gain leaves a millionth of the error, and twice that gain multiplies it by
# $3 \cdot 10^5$. With tanh a gain of 2 keeps the activations in bounds, since tanh has a ceiling, and
# yet the errors grow on the way down. In a network of ReLU units watch both curves: activations that
# explode upward and errors that explode downward can give `dW` (their product, BP4) the same length
# in every layer.
#
# Now the network of the beginning, nine hidden layers, with what we have learned:

# %%
for hidden, init in (("tanh", "glorot"), ("relu", "he")):
    net = nn.Network.dense([64] + 9 * [32] + [10], hidden=hidden, init=init)
    first, last = nn.gradient_norms(net.gradients(X, labels))[[0, -1]]
    costs = net.train(X, labels, 0.1, 25, 25, progress=False)
    print(f"{hidden} with {init}: the gradient of layer 1 begins at {first / last:.2f} of that of "
          f"layer 10, the cost ends at {costs[-1]:.4f}")
    assert costs[-1] < 0.1

# %% [markdown]
# The same depth, the same equations, the same number of steps. Only the scale is different.
#
# ## 9 Pitfalls: six short stories
#
# **The fair test set.** Ada standardized the test set by its *own* mean and spread: "they should be
# treated alike". Then a single image came in. It became all zeros. *What would become of a test
# example that comes alone?*
#
# **The early bird.** Ben standardized everything, then split. His test accuracy was half a percent too
# good, and nobody noticed until the images of another school came. *Was the test set there when
# you learned?*
#
# **The root.** Chiara multiplied her draws by $2/n_{\mathrm{in}}$. With 200 inputs the spread was
# $0.01$ instead of $0.1$, and ten layers later nothing was left. *Is that number a variance or the
# root of one?*
#
# **The wrong side.** Deniz took the number of units of the layer itself, not of the layer below. Her
# layers had 100 units each, so all was well, until she built one with 784 inputs. *How many terms has
# the sum that you want to keep in scale?*
#
# **The twins.** Emre wanted no randomness and gave all units the same weights, with just the right
# spread from weight to weight. All units of a layer remained copies of one another. *What could make
# two units differ?*
#
# **The corner.** Fatou clipped every entry at $0.01$. From then on nearly all entries were $+0.01$ or
# $-0.01$, and every step went toward a corner of a cube. *Where does $(3, 100)$ point after you have
# clipped it at 1?*
#
# ## 10 The sources, and a little history
#
# That gradients fade or grow with depth was analyzed by Hochreiter in 1991, and by Bengio, Simard and
# Frasconi in 1994, for networks through time. LeCun and others wrote down input scaling and the
# spread $1/\sqrt n$ in 1998. It was 2010 before Glorot and Bengio asked the same of every layer and
# both ways, and 2015 before He and others put in the 2 for ReLU. 002 tells this as the story of small
# tweaks that took decades (unit 13 comes back to it).
#
# | ours | said by the sources |
# |---|---|
# | gradient of layer $l$ | 000 writes $s$ and $f$ for our $z$ and $a$; its $\delta^{N+1}$ at the top is $\partial C / \partial A$, before the first slope |
# | saturation | 003: "flat" sigmoid, units that learn slowly |
# | spread, variance | 002: the scale of a layer, to be kept |
#
# Two things to put right, out loud. 000 says "avoid sigmoids". For *hidden* layers that is what this
# lesson has shown; at the *output*, with cross-entropy, the slope cancels (unit 03) and the sigmoid
# does no harm. And 001 files ReLU and ELU under "no saturation": both are flat on the negative side.
# That is the next unit's trouble: a ReLU unit which never fires gets no gradient at all.
#
# ## What you can now do
#
# - bound what a path of sigmoids leaves of an error, and say why larger weights do not help;
# - derive the variance of a weighted input, naming where independence and the mean 0 are used;
# - derive Glorot's and He's recipes, and choose between them by the activation;
# - standardize a training set and a test set, and say whose numbers are used for which;
# - look at the gradient of each layer before training, and clip an exploding one.
#
# ## Check yourself
#
# 1. A network has $k$ sigmoid units on each path, and all weights are at most 2 in size. What is the
#    bound now? After how many units is it below a thousandth?
# 2. Coin weights $\pm\frac12$ and inputs $(2, 2, 4)$: what is the mean of $z^2$?
# 3. A leaky ReLU has the slope $0.1$ on the negative side. Which variance of the weights keeps the
#    scale?
# 4. All inputs are doubled, in a network of ReLU units without biases. What happens to the
#    activations of layer 7?
# 5. Which of these can vanish in a network with linear hidden units: activations, errors, both,
#    neither?
#
# <details><summary>Answers</summary>
#
# 1. $(2/4)^k = 2^{-k}$; below a thousandth from $k = 10$ on.
# 2. $\frac14 (4 + 4 + 16) = 6$.
# 3. The mean square after it is $\frac12 (1 + 0.01)\, v$, so $v_w = \frac{2}{1.01\, n_{\mathrm{in}}}$:
#    nearly He.
# 4. They double: ReLU of twice a number is twice ReLU of the number, and sums keep the 2. Scale that
#    comes in is scale that goes through.
# 5. Both: without slopes the products of the weights decide, up and down. With $v_w = 1/n$ in square
#    layers neither does, as long as there are not too many layers.
#
# </details>
