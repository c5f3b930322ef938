# %% [markdown]
# # Lesson 01 · The forward pass
#
# In the corner of a form somebody has written a digit. A small network looks at its 64 pixels and
# answers: *an eight, I think; or else a one*. **What exactly did it compute between the pixels and the
# word?** Guess before you read on: how many different kinds of operation were needed, and how many
# of them were anything but adding and multiplying?
#
# By the end of this lesson you will have repeated the network's computation yourself, in a few
# lines, and reached the same answer. Nothing will be left inside it that you
# have not seen. That matters, because the rest of the course asks who is to blame when the answer
# is wrong, and one can only blame what one knows.
#
# **Notation.** Layers are numbered $l = 1 \dots L$; the input is $A^0 = X$. $W^l_{jk}$ runs **from**
# unit $k$ of layer $l-1$ **to** unit $j$ of layer $l$. Small letters are one example, capital
# letters a mini-batch of $m$ examples in rows. Sources are cited by number, 000 to 004; the
# [index of the course](index.ipynb) says which is which, and where each part of them is taught.

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn
from bplib.data import digits
from bplib.explore import neuron

# %%
data = digits()
network = nn.Network.dense([64, 20, 10], hidden="relu", init="he", seed=3)
network.train(data.X_train, data.Y_train, 0.3, batch_size=16, epochs=15, progress=False)
image = data.X_test[22:23]  # one example, as a batch of one row: (1, 64)
answer = network.predict(image)[0]

figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
left.imshow(image.reshape(8, 8), cmap="gray_r")
left.set(xticks=[], yticks=[])  # the frame stays: eight by eight pixels
right.bar(np.arange(10), answer, color="#0072B2")
right.set(xlabel="digit", ylabel="answer of the network", xticks=range(10), ylim=(0, 1))
print(f"it says {answer.argmax()}, and the writer meant {data.labels_test[22]}")

# %% [markdown]
# On the left are the 64 pixels, a coarse picture of a digit. On the right are ten bars, one answer
# for each digit; the bar of the 8 is tall, that of the 1 short, the others are hardly there. How
# the network was *trained* to do this is the subject of lessons 03 to 08. Here it is finished, and
# we only look at how it answers.
#
# ## 1 Why it took half a century
#
# The computation of this lesson is old. It is worth knowing where the trouble was, because it was
# not where one would look for it.
#
# <a id="002-1957"></a>**1957.** The *perceptron* weighs its inputs, adds them up, and says yes or no
# by a threshold (002). It learns from its mistakes, and the newspapers are excited. But a threshold
# is flat on both sides of its step: move a weight a little, and the answer does not move at all. For
# a single layer there is a rule that gets by without slopes; for a layer *behind* another one nobody
# could say in which direction a weight should go.
#
# <a id="002-mid-1970s"></a>**Mid-1970s.** Promises had been too large, money and patience run out:
# the field's first winter (002).
#
# <a id="003-1970s"></a><a id="000-1970s"></a>**The 1970s, all the same.** In the cold, the idea of
# this course is born: backpropagation is found in that decade, by more than one person and for more
# than one purpose, and hardly anybody notices (003, 000).
#
# <a id="003-1986"></a>**1986.** Rumelhart, Hinton and Williams show what it is good for: hidden
# units that were trained by it find useful features by themselves (003). Now everybody notices.
#
# <a id="002-late-1980s"></a>**Late 1980s.** Then disappointment again. The machines are small, the
# data sets are smaller, and a second winter begins (002).
#
# <a id="000-1990s"></a>**The 1990s.** Networks with many layers do not train, and the reason is
# found: on its way down through the layers the error is multiplied by one small slope after another,
# until nothing is left of it (000). Lesson 02 shows the slopes, lesson 09 their product.
#
# <a id="002-2010"></a>**Around 2010.** Large data sets, processors that are fast at matrix products,
# starting weights of the right size, and units with a slope of 1 (002): deep networks train.
#
# So the forward pass, as you will see it now, was never the obstacle, and the backward pass waited
# for decades on a shelf. What was missing were details: the size of a slope, the size of a weight.
# This is why the course is fussy about details.
#
# ## 2 One unit
#
# <a id="003-warm-up"></a>003 warms up, before any talk of errors, with the question how a network
# computes its output at all, and quickly. So do we, and we begin with a single unit. Three signals
# arrive at it:
#
# $$a^{\mathrm{prev}} = (2,\; 1,\; 0.5), \qquad w = (0.5,\; -1,\; 2), \qquad b = 1.$$
#
# 1. **Weigh.** Each signal is multiplied by the weight of its wire. The messages are
#    $0.5 \cdot 2 = 1$, $\;-1 \cdot 1 = -1$, $\;2 \cdot 0.5 = 1$. A weight says how much this unit
#    cares about that signal, and its sign says whether the signal speaks for or against.
# 2. **Add.** The messages and the bias are added: $1 - 1 + 1 + 1 = 2$. The bias is what the unit
#    would say if nobody spoke to it.
# 3. **Bend.** The sum is sent through a curve $\varphi$. With ReLU, $\max(0, z)$, the result is
#    $2$; with the sigmoid, $1/(1 + e^{-z})$, it is $1/(1 + e^{-2}) \approx 0.88$.
#
# <a id="003-z"></a>The sum before the bend has a name and a letter of its own: it is the **weighted
# input**, and 003 calls it $z$, as we do. It looks like a mere stop on the way. In fact it is the
# most important place of the network, since the error $\delta$ of lesson 03 is a derivative by $z$.
# What comes after the bend is the **activation** $a$:
#
# $$z = \sum_k w_k\, a^{\mathrm{prev}}_k + b, \qquad a = \varphi(z).$$

# %%
w, b, a_prev = np.array([0.5, -1.0, 2.0]), 1.0, np.array([2.0, 1.0, 0.5])
messages = w * a_prev
z = messages.sum() + b
print("messages:", messages, "  z =", z)
print("relu:", nn.relu(z), "  sigmoid:", nn.sigmoid(z).round(4))
assert z == 2.0

# %% [markdown]
# ### Play: one neuron
#
# Predict first: a sigmoid unit with a single input has $w = 2$, $b = -2$, so it is undecided
# ($a = \tfrac12$) where $2x - 2 = 0$, at $x = 1$. **Double both numbers. Where is it undecided
# now?** The explorer asks you the same; choose, then reveal. Afterward switch the *notation* and
# watch which letters change places. The picture shows on the left the curve $\varphi$ with a moving
# point at the present $z$, on the right the activation for every input $x$.

# %%
neuron()

# %% [markdown]
# ## 3 A layer hears the same signals
#
# A layer is several units that listen to the same activations, each with weights and a bias of its
# own. Give the unit above a colleague with the weights $(1, 2, 0)$ and the bias $-3$: it computes
# $2 + 2 + 0 - 3 = 1$. Now the weights need two indices.
#
# <a id="003-w-jk"></a>003 writes $w_{jk}$ for the weight **from** unit $k$ **to** unit $j$. The
# order feels backward, until one writes the sum with it:
#
# $$z_j = \sum_k W_{jk}\, a^{\mathrm{prev}}_k + b_j.$$
#
# The index that is summed over stands *last* in $W$, right beside the vector that has the same
# index. That is exactly the pattern of a matrix times a vector: row $j$ of the matrix meets the
# vector entry by entry. With the order "from, to" this product would need a transpose.
#
# <a id="001-matrix-multiply"></a>So a layer is one **matrix multiply** (001), and a picture of
# circles and arrows becomes an array: one row of $W$ for each unit, one column for each signal.
#
# $$\begin{pmatrix} 0.5 & -1 & 2 \\ 1 & 2 & 0 \end{pmatrix}
# \begin{pmatrix} 2 \\ 1 \\ 0.5 \end{pmatrix}
# + \begin{pmatrix} 1 \\ -3 \end{pmatrix}
# = \begin{pmatrix} 1 \\ 4 \end{pmatrix} + \begin{pmatrix} 1 \\ -3 \end{pmatrix}
# = \begin{pmatrix} 2 \\ 1 \end{pmatrix}$$
#
# <a id="001-a-sigma-wa-b"></a>001 puts the whole layer into one short line, $a = \sigma(wa + b)$. It
# is worth reading slowly. The $a$ on the right belongs to the layer below, the $a$ on the left to
# this layer: it is a recipe to be repeated, not an equation to be solved. And its $\sigma$ stands
# for whatever curve the layer has. With the layers marked, it is
#
# $$z^l = W^l a^{l-1} + b^l, \qquad a^l = \varphi(z^l).$$

# %%
W = np.array([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]])  # two units, three signals: (2, 3)
b = np.array([1.0, -3.0])
print("z:", nn.weighted_input(W, b, a_prev))
assert np.array_equal(nn.weighted_input(W, b, a_prev), [2.0, 1.0])

# %% [markdown]
# ## 4 Many examples at once, and where the transpose comes from
#
# A processor is far better at one large matrix product than at a thousand small ones, so $m$
# examples go through the layer together. Data comes in rows: one image per row, one customer per
# row. A second example arrives, $(1, 0, -1)$, and we stack:
#
# $$A^{\mathrm{prev}} = \begin{pmatrix} 2 & 1 & 0.5 \\ 1 & 0 & -1 \end{pmatrix}$$
#
# By hand the second example gives $0.5 + 0 - 2 + 1 = -0.5$ and $1 + 0 + 0 - 3 = -2$. What is the
# matrix formula? Do not guess from shapes; derive it from the indices.
#
# - *Each example by itself:* $Z_{ij} = \sum_k W_{jk} A^{\mathrm{prev}}_{ik} + b_j$. This is the sum
#   of section 3 with the number $i$ of the example added wherever an example occurs. $W$ and $b$
#   have no $i$: all examples meet the same layer.
# - *Reorder the factors:* $\sum_k A^{\mathrm{prev}}_{ik} W_{jk}$. They are numbers, so their order
#   does not matter, and now $i$ stands first, as in $Z_{ij}$.
# - *Make it a matrix product.* In $\sum_k B_{ik} C_{kj}$ the summed index is last on the left and
#   first on the right. On the left it is last already. On the right it is last and should be first:
#   $C_{kj} = W_{jk}$, which is the transpose.
#
# $$Z = A^{\mathrm{prev}} W^{\mathsf T} + b$$
#
# The weights are the same, and so is the sum over $k$, the "from" index. An example that stands as a
# *column* on the right of $W$ needs no transpose, one that stands as a *row* on the left does.
#
# There is a shorter way to the same place: with examples in columns nothing is new, since a matrix
# product treats each column alone, and the rule $(BC)^{\mathsf T} = C^{\mathsf T} B^{\mathsf T}$
# turns $W (A^{\mathrm{prev}})^{\mathsf T}$ into $A^{\mathrm{prev}} W^{\mathsf T}$. The last term:
# NumPy aligns shapes from the right, so $b$, $(n,)$, is added to each of the $m$ rows of an $(m, n)$
# array. That is right, since a unit takes its one bias along to every example.

# %%
A_prev = np.array([[2.0, 1.0, 0.5], [1.0, 0.0, -1.0]])
Z = nn.weighted_input_batch(W, b, A_prev)
by_index = np.einsum("ik,jk->ij", A_prev, W) + b  # the sum exactly as derived
print(Z)
assert np.array_equal(Z, [[2.0, 1.0], [-0.5, -2.0]])
assert np.array_equal(Z, by_index)

# %% [markdown]
# <a id="004-tensors"></a>The string `"ik,jk->ij"` says which index each axis carries, and that $k$,
# missing on the right, is summed over. 004 speaks of **tensors** here, and for our purposes a tensor
# is just that: an array with any number of axes *and* a meaning for each of them. A bias has one
# axis (to), a weight matrix two (to, from), a mini-batch two (example, unit), a mini-batch of
# pictures four (example, row, column, color). Shapes are not a nuisance to be fought until the code
# runs. They are the types of this language: whoever can say what each axis means seldom needs to
# guess a transpose.
#
# ## 5 The bias is a weight in disguise
#
# <a id="004-bias-as-dummy-input-1"></a>004 knows no biases. It gives every layer one more input, a
# **dummy input that always says 1**, with the weight $w_{j0}$. A weight times 1 is simply added, so
# $w_{j0}$ *is* our $b_j$.
#
# <a id="004-equations-1-2"></a>Its equations (1) and (2) are our forward pass in other letters. (1) is the
# weighted input, $a_j = \sum_i w_{ji} z_i$, where the sum begins with the dummy input, $z_0 = 1$.
# (2) is the activation, $z_j = g(a_j)$. Read this twice: in 004 $a$ stands *before* the bend and
# $z$ after it. That is the opposite of what we, 001 and 003 write.
#
# $$\begin{pmatrix} 1 & 0.5 & -1 & 2 \\ -3 & 1 & 2 & 0 \end{pmatrix}
# \begin{pmatrix} 1 \\ 2 \\ 1 \\ 0.5 \end{pmatrix} = \begin{pmatrix} 2 \\ 1 \end{pmatrix}$$
#
# The biases have moved into the first column of the matrix, the 1 into the first entry of the
# vector. In code we keep $b$ apart because it is easier to read. In thought the disguise saves work:
# whatever we find out about a weight holds for a bias too, with an incoming signal of 1.

# %%
with_bias = np.array([[1.0, 0.5, -1.0, 2.0], [-3.0, 1.0, 2.0, 0.0]])
print("no plus sign needed:", with_bias @ np.array([1.0, 2.0, 1.0, 0.5]))
assert np.array_equal(with_bias @ np.array([1.0, 2.0, 1.0, 0.5]), [2.0, 1.0])

# %% [markdown]
# ## 6 What a layer costs
#
# Count *multiply-adds*: multiply two numbers, and add the product to a running sum. If the sum of a
# unit starts at its bias, each message costs exactly one. So
#
# - a unit costs $n_{\mathrm{prev}}$ of them, one for each wire;
# - a layer costs $n \cdot n_{\mathrm{prev}}$ for each example, one **for each weight**;
# - a mini-batch costs $m \cdot n \cdot n_{\mathrm{prev}}$.
#
# Our layer has $2 \cdot 3 = 6$ weights: 6 multiply-adds for one example, 12 for the two. It can
# learn $6 + 2 = 8$ numbers. The network of the beginning, $64 \to 20 \to 10$, costs
# $20 \cdot 64 + 10 \cdot 20 = 1480$ for an image. Keep "one per weight" in mind: lesson 05 shows
# that all derivatives together cost only about twice as much again, and lesson 06 what the same
# thing costs if one does not know how.

# %%
weights = sum(W_l.size for W_l, _ in network.params)
biases = sum(b_l.size for _, b_l in network.params)
print(f"the network of the beginning: {weights} weights and {biases} biases")
assert weights == 20 * 64 + 10 * 20 == 1480

# %% [markdown]
# ## 7 The whole network
#
# The activations of a layer are the input of the next. We add a second layer with one unit,
# weights $(2, -1)$ and bias $1$, and take ReLU everywhere. By hand:
#
# | example | $Z^1$ | $A^1$ | $Z^2$ | $A^2$ |
# |---|---|---|---|---|
# | $(2, 1, 0.5)$ | $(2,\; 1)$ | $(2,\; 1)$ | $2 \cdot 2 - 1 \cdot 1 + 1 = 4$ | $4$ |
# | $(1, 0, -1)$ | $(-0.5,\; -2)$ | $(0,\; 0)$ | $2 \cdot 0 - 1 \cdot 0 + 1 = 1$ | $1$ |
#
# Whoever only wants the answer may throw away each column as soon as the next one stands there.
# Whoever wants to *learn* keeps all of them, because the backward pass needs both kinds: the slope
# $\varphi'$ at every $Z^l$, and the signal $A^{l-1}$ that entered every weight.

# %%
params = [(W, b), (np.array([[2.0, -1.0]]), np.array([1.0]))]
Zs, As = nn.forward(A_prev, params, nn.relu)
for layer, (Z, A) in enumerate(zip(Zs, As[1:], strict=True), start=1):
    print(f"layer {layer}: Z = {Z.tolist()}, A = {A.tolist()}")
assert np.array_equal(As[2], [[4.0], [1.0]])
assert len(As) == len(Zs) + 1  # A[0] is the input

# %% [markdown]
# **What the bend is for.** Leave it out, and two layers are
# $W^2 (W^1 x + b^1) + b^2 = (W^2 W^1)\,x + (W^2 b^1 + b^2)$: one matrix, one vector, one layer. The
# same step again and again turns thirty layers into one. So depth pays only because $\varphi$ is not
# a straight line. In our network only the second example meets the bend: both of its sums in layer 1
# are negative. Without the bend its answer is $2 \cdot (-0.5) - 1 \cdot (-2) + 1 = 2$ instead of 1.

# %%
(W_1, b_1), (W_2, b_2) = params
straight = nn.forward(A_prev, params, nn.linear)[1][-1]
one_layer = A_prev @ (W_2 @ W_1).T + (W_2 @ b_1 + b_2)
print("two layers:", straight.ravel(), "  one layer:", one_layer.ravel())
assert np.allclose(straight, one_layer)
assert np.allclose(straight, [[4.0], [2.0]])

# %% [markdown]
# **Back to the digit.** Now the promise of the beginning: the network's answer, by ourselves. Its
# last layer bends in a way of its own, softmax, which turns ten scores into ten shares of 1; lesson
# 03 is about it.

# %%
(W_1, b_1), (W_2, b_2) = network.params
A_1 = np.maximum(0, image @ W_1.T + b_1)
scores = A_1 @ W_2.T + b_2
shares = np.exp(scores) / np.exp(scores).sum()
print(f"our own forward pass says {shares.argmax()}, with a share of {shares.max():.4f}")
assert np.allclose(shares, network.predict(image))

# %% [markdown]
# Weigh, add, bend; and again. Multiplying, adding, and a comparison (at the very end an exponential
# and a division): that is all there was between the pixels and the word.
#
# ## 8 Pitfalls
#
# **The square layer.** Ada's network had 3 inputs and 2 units, and Python told her at once when she
# forgot a transpose. Then she made all layers equally wide. The same slip went unnoticed for a week:
# the shapes fitted, the values did not. What helped was a question: *which of the two indices means
# "from"?* A test with unequal widths asks it for you.

# %%
square = np.array([[0.0, 1.0], [0.0, 0.0]])  # one wire: from unit 2 to unit 1
row = np.array([[5.0, 7.0]])
print("right:", row @ square.T, "  transpose forgotten:", row @ square)

# %% [markdown]
# **One bias per example.** Ben kept his biases as a column, $(n, 1)$. With most batches Python
# refused to add them to an $(m, n)$ array. With $m = n$ it did not refuse: each *example* got a bias
# of its own. *How many biases have n units, and does an example own one?* His sister had left the bias
# out. In a new network all biases were zero, so nothing was missing. After some training something
# was. *What does a unit have besides its weights?*
#
# **The overwritten sum.** Chris saved memory: `np.maximum(0, Z, out=Z)`. The answers were right, and
# so were the slopes, for $\max(0, z)$ is positive exactly where $z$ is. A week later he wrote a
# sigmoid over $Z$ in the same way, and every slope was taken at $a$ instead of $z$. *Is Z still what
# you computed?*
#
# **Bent twice.** Dana let her network end with a softmax, and handed the result to a cost that
# applies softmax itself. It learned, slowly, and never got sure of anything: shares of shares are
# nearly equal. Even the surest answer, a 1 and nine zeros, becomes $e / (e + 9) \approx 0.23$.
# *Does the cost expect scores or probabilities?*
#
# **The difference that grew.** Emil subtracted targets of shape $(m,)$ from answers of shape
# $(m, 1)$. NumPy lined up the shapes from the right and gave him $(m, m)$: every answer compared
# with everybody's target. The cost was a plausible number. *What shape has the difference?*

# %%
answers, targets = np.array([[0.9], [0.2], [0.7]]), np.array([1.0, 0.0, 1.0])
print("shape of the difference:", (answers - targets).shape)
print("as it should be:        ", (answers - targets[:, np.newaxis]).shape)

# %% [markdown]
# ## 9 How the sources write it
#
# | ours | Nielsen (001, 003) | Bishop (004) | s/f lesson (000) | training notes (002) |
# |---|---|---|---|---|
# | $z$, weighted input | $z$ | $a$ | $s$ | – |
# | $a$, activation | $a$ | $z$ | $f$ | $\hat y$ at the top |
# | layer $l$, input $A^0$ | $l + 1$: the input is layer 1 | – | $l$ | – |
# | bias $b_j$ | $b_j$ | weight $w_{j0}$ of a dummy input 1 | – | inside $W$ |
# | cost $C$ | $C$; 001 also $L$ | $E = \sum_n E_n$ | $J$ | $L(\hat y, y; W)$ |
#
# Two *false friends* are in the table: Bishop's $a$ is our $z$ and his $z$ is our $a$.
#
# <a id="slip-001-letter-L"></a>**A slip to put right.** 001 uses the letter $L$ twice, for the last
# layer and for the loss; in $\partial L / \partial a^L$ the two meet in one fraction. In this course
# $L$ is the last layer and nothing else, and what a network is punished by is the cost $C$.
#
# ## What you can now do
#
# - say what a unit computes, and do it by hand: weigh, add, bend;
# - derive $z = W a + b$ for one example and $Z = A W^{\mathsf T} + b$ for rows, and say why the
#   transpose appears;
# - treat a bias as the weight of an input that is always 1;
# - count the multiply-adds and parameters of a layer;
# - say why a network without a bend is one layer, and what the forward pass has to keep;
# - read a layer in each of the three alphabets.
#
# ## Check yourself
#
# 1. A unit has $w = (3, -2)$, $b = 0.5$ and hears $(1, 2)$. What are its messages, its $z$, and its
#    activation with ReLU?
# 2. $W$ has the shape $(4, 7)$. How many units has this layer, and how many has the one below? Which
#    shapes have $Z$ and $b$ for a mini-batch of 5?
# 3. In 004 you read $z_j = g(a_j)$. Say it in our letters.
# 4. Every weight and every bias of a ReLU layer is doubled. What happens to its activations? And
#    with a sigmoid?
# 5. A classmate stores her examples in columns. Which of the two formulas does she need, and what
#    does she have to do about $b$?
#
# <details><summary>Answers</summary>
#
# 1. The messages are $3$ and $-4$, so $z = -0.5$ and $a = 0$.
# 2. Four units above seven. $Z$ is $(5, 4)$ and $b$ is $(4,)$.
# 3. $a_j = \varphi(z_j)$. The letters have changed sides.
# 4. $z$ doubles. ReLU passes the factor on, so its activations double as well. A sigmoid only gets
#    surer: above $\tfrac12$ it moves toward 1, below toward 0, and at $\tfrac12$ it stays.
# 5. $Z = W A + b$, with the biases as a *column*, `b[:, np.newaxis]`, because NumPy aligns shapes
#    from the right and her examples are on the right-hand axis.
#
# </details>
