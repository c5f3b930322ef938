# %% [markdown]
# # 01 · The forward pass
#
# A network is a long chain of very small decisions. Each unit listens to some numbers, weighs them,
# adds them up, and bends the sum a little. That is the whole forward pass. It is so simple that one
# may wonder where the intelligence is; the answer is that nobody puts it in. It is found, by the
# backward pass that the rest of this course is about. But only somebody who knows exactly what a
# network computes can find out who is to blame for what it got wrong. So we begin here.
#
# **You will** take one unit apart, put a layer together, turn one example into a mini-batch and see
# where the transpose comes from, hide the bias among the weights, count what a layer costs, code
# the forward pass of a whole network, and learn to read it in three alphabets.
#
# **Notation.** Layers are numbered $l = 1 \dots L$, and $A^0 = X$ is the input. $W^l_{jk}$ runs
# **from** unit $k$ of layer $l-1$ **to** unit $j$ of layer $l$, so $W^l$ has shape
# $(n_l, n_{l-1})$. $z$ is the *weighted input* of a unit and $a = \varphi(z)$ its *activation*.
# Small letters are one example, capital letters a mini-batch of $m$ examples in **rows**. In code,
# `a_prev` and `A_prev` are the activations that enter the layer.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.tutor import check

# %% [markdown]
# ## 1.1 Why did it take so long?
#
# Nearly everything in this notebook was known in 1957. Before you compute, look at the calendar;
# each of the sources tells a part of it.
#
# | year | what happened | what was still missing |
# |---|---|---|
# | 1957 | the **perceptron** (002): weigh, add, and say yes or no by a threshold. It learns from its mistakes | a way to teach *hidden* units. A threshold is flat everywhere, so no blame can pass through it |
# | 1970s | the idea of **backpropagation** is found, more than once, and hardly anybody notices (000, 003). In the middle of the decade money and patience run out: the first winter of the field (002) | somebody to show what it is good for |
# | 1986 | Rumelhart, Hinton and Williams show that hidden units *trained by backpropagation* find features that nobody had told them (003) | machines, data, and nerve |
# | late 1980s, 1990s | second winter (002): networks of many layers do not train, because the error fades on its way down (000) | a slope that does not vanish, weights of the right size |
# | 2010 | large data sets, fast processors for matrix products, better starting weights, ReLU (002) | nothing: deep networks train |
#
# Read the last column again. The forward pass never was the trouble, and the mathematics of the
# backward pass was there for decades. What failed were details: a slope of a quarter instead of
# one, starting weights of the wrong size. Unit 02 is about the first of these details, unit 09
# about both, and unit 13 comes back to the question above this table.

# %% [markdown]
# ## 1.2 A worked example: two units, two examples
#
# A layer has two inputs and two units, and its parameters are
#
# $$W = \begin{pmatrix} 2 & -1 \\ 1 & 1 \end{pmatrix}, \qquad b = (0.5,\; -2).$$
#
# **One unit.** The first row of $W$ belongs to unit 1, and so does the first bias. An example
# arrives, $a^{\mathrm{prev}} = (1, 3)$. Input 1 sends the message $2 \cdot 1 = 2$, input 2 sends
# $-1 \cdot 3 = -3$: it speaks loudly, and against. Unit 1 adds up what it hears, and its bias:
# $z_1 = 2 - 3 + 0.5 = -0.5$. The bias is what the unit would say if nobody spoke to it.
#
# **Then it bends.** With ReLU, $\varphi(z) = \max(0, z)$, its activation is $a_1 = 0$: not
# convinced. With a sigmoid, $\varphi(z) = 1 / (1 + e^{-z})$, it would be about $0.38$: a little
# below undecided.
#
# **A layer** is several units that hear the same inputs. Unit 2 computes
# $z_2 = 1 \cdot 1 + 1 \cdot 3 - 2 = 2$.
#
# **A mini-batch** is several examples that meet the same layer, one in each row. The second
# example, $(2, 1)$, gives $z_1 = 4 - 1 + 0.5 = 3.5$ and $z_2 = 2 + 1 - 2 = 1$.
#
# | example | $a^{\mathrm{prev}}$ | $z$ | $a$ with ReLU |
# |---|---|---|---|
# | 1 | $(1, 3)$ | $(-0.5,\; 2)$ | $(0,\; 2)$ |
# | 2 | $(2, 1)$ | $(3.5,\; 1)$ | $(3.5,\; 1)$ |

# %%
inputs = [(1.0, 3.0), (2.0, 1.0)]
units = [((2.0, -1.0), 0.5), ((1.0, 1.0), -2.0)]  # weights and bias of unit 1, of unit 2

for x_1, x_2 in inputs:
    for number, ((w_1, w_2), bias) in enumerate(units, start=1):
        total = w_1 * x_1 + w_2 * x_2 + bias
        print(f"example ({x_1:g}, {x_2:g}), unit {number}: {total:4}, ReLU {max(0.0, total):3}")

print("unit 1 of example 1 with a sigmoid:", round(float(1 / (1 + np.exp(0.5))), 4))

# %% [markdown]
# ## 1.3 Derive: one unit
#
# Now with letters. One unit has the weights $w_k$, one for each unit $k$ of the layer below, and a
# bias $b$. One example arrives as $a^{\mathrm{prev}}_k$. Write the three lines of the worked
# example in NumPy:
#
# | line | meaning | shape |
# |---|---|---|
# | `messages` | what arrives from each unit below: entry $k$ is weight times activation | $(n_{\mathrm{prev}},)$ |
# | `z` | the weighted input: all messages, and the bias | a number |
# | `a` | the activation; `phi` is a function that you can call | a number |
#
# *How to answer:* put your own lines where `# YOUR CODE HERE` and `raise NotImplementedError()` stand,
# and leave the `def` and the `return` as they are. Run the cell, then the check below it, as often as
# you like. It says what is off, and asks a question. Your work is graded in the same way, with other
# numbers. If you are stuck on a line, set it to `None` and check what you have: each line counts by
# itself.

# %% nbgrader={"grade_id": "one_unit", "solution": true}
def one_unit(w, b, a_prev, phi):
    """What one unit hears, adds up, and says.

    w: weights of the unit, (n_prev,)    b: its bias, a number    a_prev: (n_prev,)
    phi: the activation, phi(z)
    returns messages: (n_prev,), z: a number, a: a number
    """
    ### BEGIN SOLUTION
    messages = w * a_prev
    z = messages.sum() + b
    a = phi(z)
    ### END SOLUTION
    return messages, z, a

# %% nbgrader={"grade_id": "test_one_unit", "grade": true}
check("01.one_unit", one_unit)

# %% [markdown]
# ## 1.4 Derive: from one unit to a layer
#
# A layer has $n$ units. Each has its own row of weights and its own bias, and all of them hear the
# same activations:
#
# $$z_j = \sum_k W_{jk}\, a^{\mathrm{prev}}_k + b_j$$
#
# The sum runs over the **last** index of $W$ and the only index of $a^{\mathrm{prev}}$. This is the
# very pattern that a matrix product is made for.
#
# | line | meaning | shape |
# |---|---|---|
# | `messages` | entry $[j, k]$ is what unit $k$ below sends to unit $j$ | $(n, n_{\mathrm{prev}})$ |
# | `sums` | each unit's sum of messages, as **one matrix product** of the arguments | $(n,)$ |
# | `z` | the weighted inputs of the layer | $(n,)$ |

# %% nbgrader={"grade_id": "one_layer", "solution": true}
def one_layer(W, b, a_prev):
    """From single messages to the weighted inputs of a layer, for one example.

    W: (n, n_prev)    b: (n,)    a_prev: (n_prev,)
    returns messages: (n, n_prev), sums: (n,), z: (n,)
    """
    ### BEGIN SOLUTION
    messages = W * a_prev
    sums = W @ a_prev
    z = sums + b
    ### END SOLUTION
    return messages, sums, z

# %% nbgrader={"grade_id": "test_one_layer", "grade": true}
check("01.one_layer", one_layer)

# %% [markdown]
# ## 1.5 Code: the weighted input of one example
#
# You have found the forward equation as most sources print it:
#
# $$z^l = W^l a^{l-1} + b^l, \qquad a^l = \varphi(z^l)$$
#
# 001 writes the whole line as $a = \sigma(wa + b)$. Note what stands *left* of the activations: $W$
# as it is. We chose its shape $(n_l, n_{l-1})$, "to, from", so that no transpose is needed here.

# %% nbgrader={"grade_id": "weighted_input", "solution": true}
def weighted_input(W, b, a_prev):
    """The weighted inputs of a layer, one example.

    W: (n, n_prev)    b: (n,)    a_prev: (n_prev,)
    returns z: (n,)
    """
    ### BEGIN SOLUTION
    return W @ a_prev + b
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_weighted_input", "grade": true}
check("01.weighted_input", weighted_input)

# %% [markdown]
# ## 1.6 Derive: from one example to a mini-batch
#
# One example at a time is a waste: a processor multiplies large matrices much faster than many
# small ones. So $m$ examples go through the layer together. If they stood in *columns*, nothing
# would be new, because a matrix product treats each column by itself. Data comes in rows, though:
# one flower, one image, one customer per row. So begin with columns, and turn the page by ninety
# degrees. The one rule that you need is $(BC)^{\mathsf T} = C^{\mathsf T} B^{\mathsf T}$.
#
# | line | meaning | shape |
# |---|---|---|
# | `columns` | the sums of messages, one **column** per example: start from `A_prev.T` | $(n, m)$ |
# | `rows` | the transpose of that line, multiplied out until `A_prev` stands there without `.T` | $(m, n)$ |
# | `Z` | the weighted inputs, one row per example, with the biases | $(m, n)$ |
#
# In the last line the biases, $(n,)$, meet an array of shape $(m, n)$. NumPy lines up shapes from
# the **right**: $n$ stands under $n$, and the same biases are added to each of the $m$ rows. That
# is what we want: a unit has one bias, and takes it along to every example.

# %% nbgrader={"grade_id": "batch_of_rows", "solution": true}
def batch_of_rows(W, b, A_prev):
    """The weighted inputs of a mini-batch, first with the examples in columns, then in rows.

    W: (n, n_prev)    b: (n,)    A_prev: (m, n_prev)
    returns columns: (n, m), rows: (m, n), Z: (m, n)
    """
    ### BEGIN SOLUTION
    columns = W @ A_prev.T
    rows = A_prev @ W.T
    Z = rows + b
    ### END SOLUTION
    return columns, rows, Z

# %% nbgrader={"grade_id": "test_batch_of_rows", "grade": true}
check("01.batch_of_rows", batch_of_rows)

# %% [markdown]
# ## 1.7 Code: the weighted inputs of a mini-batch
#
# $$Z^l = A^{l-1} (W^l)^{\mathsf T} + b^l$$
#
# Read the shapes aloud before you code: $(m, n_{l-1})$ times $(n_{l-1}, n_l)$ is $(m, n_l)$. When
# all of these numbers happen to be equal, the shapes will not stop you from forgetting the
# transpose. Then only the indices can: which of the two says "from"?

# %% nbgrader={"grade_id": "weighted_input_batch", "solution": true}
def weighted_input_batch(W, b, A_prev):
    """The weighted inputs of a layer for a mini-batch, one example per row.

    W: (n, n_prev)    b: (n,)    A_prev: (m, n_prev)
    returns Z: (m, n)
    """
    ### BEGIN SOLUTION
    return A_prev @ W.T + b
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_weighted_input_batch", "grade": true}
check("01.weighted_input_batch", weighted_input_batch)

# %% [markdown]
# ## 1.8 Derive: the bias is a weight in disguise
#
# 004 knows no biases. It adds to every layer a *dummy input* that always says 1, and gives each
# unit a weight for it, $w_{j0}$. A weight times 1 is added to the sum: that is a bias. So the
# formula loses a term and the arrays gain a column.
#
# | line | meaning | shape |
# |---|---|---|
# | `A_ext` | the activations, with the dummy input in front, as column 0 | $(m, n_{\mathrm{prev}} + 1)$ |
# | `W_ext` | the weights, with the biases in front, as column 0 | $(n, n_{\mathrm{prev}} + 1)$ |
# | `Z` | the weighted inputs: a product of the two, and **no** `+` | $(m, n)$ |
#
# `np.column_stack([v, M])` puts a vector as a column in front of a matrix. In code we keep $b$
# apart, because it is easier to read. In thought, the disguise will save work: whatever you find
# out about weights in the coming units holds for a bias as well, with an activation of 1.

# %% nbgrader={"grade_id": "dummy_input", "solution": true}
def dummy_input(W, b, A_prev):
    """The same layer without biases, with a dummy input that is always 1.

    W: (n, n_prev)    b: (n,)    A_prev: (m, n_prev)
    returns A_ext: (m, n_prev + 1), W_ext: (n, n_prev + 1), Z: (m, n)
    """
    ### BEGIN SOLUTION
    A_ext = np.column_stack([np.ones(len(A_prev)), A_prev])
    W_ext = np.column_stack([b, W])
    Z = A_ext @ W_ext.T
    ### END SOLUTION
    return A_ext, W_ext, Z

# %% nbgrader={"grade_id": "test_dummy_input", "grade": true}
check("01.dummy_input", dummy_input)

# %% [markdown]
# ## 1.9 Derive: what a layer costs
#
# A processor spends nearly all of its time in a forward pass on one thing: multiply two numbers,
# and add the product to a running sum. Call that a *multiply-add*. Let a unit's running sum start
# at its bias; then each message costs exactly one multiply-add, and nothing else is left to count.
# In the worked example a unit costs 2, the layer 4 per example, and the batch of two examples 8.
#
# The check tries your formulas on several layers at once, so each argument is an array of sizes;
# write them as if they were plain numbers.
#
# | line | meaning |
# |---|---|
# | `per_unit` | multiply-adds of one unit, for one example |
# | `per_example` | of the layer, for one example |
# | `per_batch` | of the layer, for $m$ examples |
# | `parameters` | how many numbers the layer can learn: its weights and its biases |

# %% nbgrader={"grade_id": "multiply_adds", "solution": true}
def multiply_adds(m, n_prev, n):
    """What a layer of n units costs, and how much it can learn, for p layers at once.

    m: number of examples, (p,)    n_prev: number of inputs, (p,)    n: number of units, (p,)
    returns per_unit, per_example, per_batch, parameters: (p,) each
    """
    ### BEGIN SOLUTION
    per_unit = n_prev
    per_example = n * per_unit
    per_batch = m * per_example
    parameters = n * n_prev + n
    ### END SOLUTION
    return per_unit, per_example, per_batch, parameters

# %% nbgrader={"grade_id": "test_multiply_adds", "grade": true}
check("01.multiply_adds", multiply_adds)

# %% [markdown]
# ## 1.10 Code: the forward pass
#
# The activations of one layer are the input of the next: $A^0 = X$, then $Z^1$ and $A^1$, then
# $Z^2$ and $A^2$, up to $A^L$, the network's answer.
#
# - `params` is the list of $(W^l, b^l)$ for $l = 1 \dots L$. Python counts from 0, so layer $l$
#   stands at index $l - 1$ of it.
# - `phi` is the activation of every layer, the last one too; `phi(Z)` works entry by entry.
# - Return two lists: $Z^1 \dots Z^L$, and $A^0, A^1 \dots A^L$. The second one is longer by one,
#   and begins with `X`.
#
# Why both? The answer alone would be enough to *use* the network. To *teach* it, the backward pass
# will need the slope at every $Z^l$ and the signal $A^{l-1}$ that entered every weight. So each
# layer has to leave both behind, untouched: an array that was overwritten is gone.

# %% nbgrader={"grade_id": "forward", "solution": true}
def forward(X, params, phi):
    """All weighted inputs and all activations of a network, layer by layer.

    X: (m, n_0)    params: list of (W, b), W (n_l, n_{l-1}), b (n_l,)    phi: the activation
    returns Zs: list of (m, n_l) for l = 1 … L, As: list of (m, n_l) for l = 0 … L
    """
    ### BEGIN SOLUTION
    Zs, As = [], [X]
    for W, b in params:
        Zs.append(weighted_input_batch(W, b, As[-1]))
        As.append(phi(Zs[-1]))
    return Zs, As
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_forward", "grade": true}
check("01.forward", forward)

# %% [markdown]
# ## 1.11 Derive: one layer in three alphabets
#
# The five sources of this course agree on every number and on hardly any letter. Here is the map.
# Keep it at hand: you will need it whenever you open one of them.
#
# | ours | Nielsen (001, 003) | Bishop (004) | the s/f lesson (000) | training notes (002) |
# |---|---|---|---|---|
# | $z$, weighted input | $z$ | $a$ | $s$ | – |
# | $a = \varphi(z)$, activation | $a$ | $z$ | $f$ | $\hat y$ at the top |
# | $l = 1 \dots L$, input $A^0$ | $l + 1$: the input is layer 1 | – | $l$ | – |
# | bias $b_j$ | $b_j$ | weight $w_{j0}$ of a dummy input 1 | – | inside $W$ |
# | cost $C$ | $C$; 001 also $L$ | $E = \sum_n E_n$ | $J$ | $L(\hat y, y; W)$ |
#
# Two **false friends** are in it, as when a word of a foreign language looks like one of your own.
# Bishop's $a$ is our $z$, and his $z$ is our $a$: the letters have changed sides. And an $L$ may be
# the last layer (here, always) or a loss (in 001 and 002).
#
# The cell below runs one layer, a single time, and lets each author report on it.

# %%
total = np.array([-0.5, 2.0])  # example 1 of the worked example
bent = np.where(total > 0, total, 0.0)

speakers = {"ours, Nielsen": ("z", "a"), "Bishop": ("a", "z"), "s/f lesson": ("s", "f")}
for speaker, (before, after) in speakers.items():
    print(f"{speaker:>13}: {before} = {total}, then {after} = {bent}")

# %% [markdown]
# Now be the interpreter. For one example, return what each author means by each letter. If you
# compute two arrays and give each of them three names, you have understood.

# %% nbgrader={"grade_id": "notation_map", "solution": true}
def notation_map(W, b, a_prev, phi):
    """One layer, one example, in the letters of Nielsen, Bishop, and the s/f lesson.

    W: (n, n_prev)    b: (n,)    a_prev: (n_prev,)    phi: the activation
    returns nielsen_z, nielsen_a, bishop_a, bishop_z, lesson_s, lesson_f: (n,) each
    """
    ### BEGIN SOLUTION
    before = weighted_input(W, b, a_prev)
    after = phi(before)
    nielsen_z, nielsen_a = before, after
    bishop_a, bishop_z = before, after
    lesson_s, lesson_f = before, after
    ### END SOLUTION
    return nielsen_z, nielsen_a, bishop_a, bishop_z, lesson_s, lesson_f

# %% nbgrader={"grade_id": "test_notation_map", "grade": true}
check("01.notation_map", notation_map)

# %% [markdown]
# ## 1.12 Explain: what the bend is for
#
# Suppose somebody leaves out $\varphi$, so that each layer only computes $A^l = Z^l$. The network
# has 30 layers. Which functions of $X$ can it compute that a single layer cannot? Write down two
# layers and multiply out. Two or three sentences and a formula.
#
# *What earns the points:* one point for the product of the two layers, with the bias; one for the
# conclusion about 30 layers, and for naming what $\varphi$ has to be for the conclusion to fail.
# (Double-click the cell below to write your answer into it. It is read by a person.)

# %% [markdown] nbgrader={"grade_id": "explain_bend", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# For one example $W^2 (W^1 x + b^1) + b^2 = (W^2 W^1)\, x + (W^2 b^1 + b^2)$: one matrix and one
# vector, so two layers without a bend are one layer. Repeating this, 30 of them are one layer too,
# however many weights they hold: no function is gained (and if a middle layer is narrow, some are
# lost). Depth pays only because $\varphi$ is not linear, so that no product
# of matrices can stand for two layers.
# ### END SOLUTION

# %% [markdown]
# ## 1.13 Explain: the transpose that comes and goes
#
# For one example you wrote `W` on the left, for a mini-batch `W.T` on the right. A classmate
# concludes that the two formulas use different weights. Explain to her, with the words "row" and
# "index", why they are the same sum. Then say what happens to *your own* code when `W` is square
# and the transpose is forgotten: will anything complain? Two or three sentences.
#
# *What earns the points:* one point for the sum and its index in both formulas; one for the silent
# mistake, and for a way to notice it.

# %% [markdown] nbgrader={"grade_id": "explain_transpose", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# Both compute $z_j = \sum_k W_{jk} a_k + b_j$ for each example: the sum always runs over $k$, the
# "from" index, which is the last index of $W$. An example that is a column stands on the right of
# $W$, and the product sums over the last index of $W$ as it is; an example that is a row stands on
# the left, the product sums over the *first* index of what stands on the right, so $W$ has to be
# turned for $k$ to come first. With a square $W$ nothing complains: the shape is right and the
# values are not, since each message then travels along the wrong wire. A test with unequal widths,
# or one small example by hand, shows it.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - say what one unit computes, and why a layer is one matrix product;
# - put a mini-batch of rows through a layer, and explain where the transpose comes from;
# - see a bias as the weight of an input that is always 1;
# - count the multiply-adds and the parameters of a layer;
# - run a network forward and keep what the backward pass will need;
# - read the same layer in the notation of Nielsen, of Bishop, and of the s/f lesson.
#
# ## Check yourself
#
# 1. A network has 784 inputs, a hidden layer of 30 units and an output layer of 10. How many
#    parameters does it have, and how many multiply-adds does one example cost?
# 2. Which layer of that network does Nielsen call layer 2? And which of our layers has no weights?
# 3. You double the mini-batch. What becomes of the multiply-adds, and of the parameters?
# 4. In 004 you read $a_j = \sum_i w_{ji} z_i$. Translate it, including the bias.
# 5. A perceptron bends with a threshold: $a = 1$ if $z > 0$, else 0. Nudge one of its weights by a
#    tiny amount. What does its answer do, and why was that bad news for a hidden layer?
#
# <details><summary>Answers</summary>
#
# 1. $784 \cdot 30 + 30 + 30 \cdot 10 + 10 = 23\,860$ parameters, and $23\,520 + 300 = 23\,820$
#    multiply-adds: one for each weight.
# 2. The hidden layer, our layer 1. The input $A^0$ has no weights.
# 3. There are twice as many multiply-adds, and as many parameters as before.
# 4. $z_j = \sum_k W_{jk}\, a^{\mathrm{prev}}_k$, where the sum starts at $k = 0$ with
#    $a^{\mathrm{prev}}_0 = 1$, so that $W_{j0}$ is our $b_j$.
# 5. Nothing at all (unless $z$ is exactly at the threshold, where it jumps). The slope is 0, so
#    nobody can tell in which direction the weight should go, and a hidden unit learns nothing of the
#    errors above it.
#
# </details>
