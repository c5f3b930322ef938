# %% [markdown]
# # Lesson 04 · The hidden error
#
# **A question first.** A network with three layers was asked whether a photo shows a cat, and it
# was wrong. The output unit has no excuse: its answer stands next to the target. But what about
# hidden unit 7 in the first layer? Nobody ever told it what it should have said. It whispered a
# number to the units above, they made something of it, others made something of that. *How much of
# the mistake is its fault?*
#
# This is the **credit assignment problem** (Minsky gave it the name in 1961), and for two decades
# it was what stood between the perceptron and networks with hidden layers that learn. It looks like
# a matter of opinion. It is not: the answer is one number per unit, and at the end of this lesson
# you will compute it with a pencil.
#
# What we mean by fault is a derivative. The **error** of unit $k$ is
# $\delta_k = \partial C / \partial z_k$: how fast the cost moves when the weighted input of this
# unit moves. Positive: the cost would fall if the unit were pushed down. Zero: a tiny push does
# nothing.
#
# **Notation.** Layers are numbered $l = 1 \dots L$. $w^{l+1}_{jk}$ runs **from** unit $k$ of layer $l$
# **to** unit $j$ of layer $l+1$; all of them together are $W^{l+1}$, of shape $(n_{l+1}, n_l)$. $z^l$
# is the weighted input of a layer, $a^l = \varphi(z^l)$ its activation, $\delta^l$ its error.
#
# ## 1 An experiment
#
# One could simply push. The next cell builds a small network, and asks of each hidden unit in turn:
# *if somebody had pushed your $z$ up by a millionth, how much more would we have paid?*

# %%
import matplotlib.pyplot as plt
import numpy as np

from bplib import nn, numeric
from bplib.explore import blame

phi, cost = nn.activation("tanh"), nn.cost("quadratic")
rng = np.random.default_rng(1)
params = [(rng.normal(size=(j, k)) / 2, np.zeros(j)) for k, j in [(3, 4), (4, 3), (3, 2)]]
X, Y = np.array([[1.0, -0.5, 2.0]]), np.array([[0.9, -0.9]])
Zs, As = nn.forward(X, params, phi)
print("widths 3, 4, 3, 2; answers", As[-1][0].round(2), "where", Y[0], "was wanted")

# %%
def cost_from(z_1):
    """The cost if the weighted inputs of layer 1 are z_1, whatever made them so."""
    _, above = nn.forward(phi(z_1), params[1:], phi)
    return cost(above[-1], Y)


pushed = [(cost_from(Zs[0] + 1e-6 * unit) - cost_from(Zs[0])) / 1e-6 for unit in np.eye(4)]
print("error of each unit of layer 1, by pushing:", np.round(pushed, 5))

# %% [markdown]
# Four units, four pushes, and one run to compare with. For a network with 100,000 hidden units that
# would be 100,001 runs, for one example. We want all the errors together, from one walk *down*
# through the network. The trick is to suppose that the layer **above** has been done already.
#
# ## 2 One unit, three listeners: by hand
#
# A hidden tanh unit $k$ has $z_k \approx 0.549$, so that its activation is $a_k = \tanh z_k = 0.5$
# and its slope $\varphi'(z_k) = 1 - 0.5^2 = 0.75$. Three units above listen to it:
#
# | listener $j$ | weight $w_{jk}$ from $k$ to $j$ | error $\delta_j$, known |
# |---|---|---|
# | 1 | $4$ | $0.2$ |
# | 2 | $-2$ | $0.5$ |
# | 3 | $0$ | $9$ |
#
# Push $z_k$ up by a tiny $\varepsilon$, and follow the push.
#
# 1. The activation $a_k$ moves by $0.75\,\varepsilon$.
# 2. Each listener hears that through its own weight: the $z_j$ move by
#    $4 \cdot 0.75\,\varepsilon = 3\,\varepsilon$, by $-1.5\,\varepsilon$, and by $0$.
# 3. What does it cost if $z_j$ moves? $\delta_j$ for each unit that it moves; that is what an error
#    *is*. So the three paths cost $0.2 \cdot 3\,\varepsilon = 0.6\,\varepsilon$, then
#    $0.5 \cdot (-1.5)\,\varepsilon = -0.75\,\varepsilon$, and $9 \cdot 0 = 0$.
# 4. Small effects add: together $-0.15\,\varepsilon$.
#
# So $\delta_k = -0.15$. Three remarks, before any letters:
#
# - Listener 3 makes a terrible mistake (9!) and our unit inherits nothing of it. It is not heard
#   there: no weight, no blame.
# - Blame can be *negative*: to listener 2 a push of our unit is a help, and it outweighs the rest.
# - The slope $0.75$ multiplies everything. At the far end of the tanh, where it is $0.001$, the
#   very same three listeners would have left it with an error of $-0.0002$.

# %%
slope, weights, errors_above = 0.75, np.array([4.0, -2.0, 0.0]), np.array([0.2, 0.5, 9.0])
print("along each path:", errors_above * weights * slope)
delta_k = np.sum(errors_above * weights * slope)
print("together:       ", round(delta_k, 6))
assert np.isclose(delta_k, nn.hidden_error(weights[:, None], errors_above, [slope])[0])

# %% [markdown]
# ## 3 The law: BP2 for one example
#
# <a id="003-bp2"></a><a id="001-step-2"></a><a id="000-step-2"></a>
# What you have just done by hand is BP2 of 003, and step 2 of the backward pass in 001 and in 000. Now
# with letters. Let unit $k$ be in layer $l$, and let $j$ run over the units of layer $l + 1$, whose
# errors we know. We look for $\delta^l_k = \partial C / \partial z^l_k$.
#
# *Step 1: through what does $z^l_k$ reach the cost?* It makes $a^l_k$, and nothing else. The
# activation $a^l_k$ stands in the sums for the $z^{l+1}_j$, and nowhere else. Everything above is
# computed from the $z^{l+1}_j$. So if we hold **all** of the $z^{l+1}_j$ fixed, the cost cannot
# notice what $z^l_k$ does: these are the gates through which every path must pass.
#
# *Step 2: the chain rule for several paths.* $C$ is a function of $z^{l+1}_1, z^{l+1}_2, \dots$,
# and each of them is a function of $z^l_k$. Then
#
# $$\frac{\partial C}{\partial z^l_k} = \sum_j \frac{\partial C}{\partial z^{l+1}_j}
# \frac{\partial z^{l+1}_j}{\partial z^l_k} .$$
#
# Why a sum? To first order, a smooth function of several variables moves by the sum of what each of
# its variables contributes; products of two tiny moves are of second order, and vanish against it.
#
# *Step 3: the first factor* is $\delta^{l+1}_j$, by definition, and we have it.
#
# *Step 4: the second factor.* Write out how $z^{l+1}_j$ is made:
#
# $$z^{l+1}_j = \sum_i w^{l+1}_{ji}\, \varphi(z^l_i) + b^{l+1}_j .$$
#
# Differentiate by $z^l_k$. The bias is constant. In the sum all terms with $i \ne k$ are constant,
# because $\varphi$ acts on each unit by itself: $a_i = \varphi(z_i)$ does not contain $z_k$. (For
# softmax that is false, and 001 passes over it where it speaks of "connected neurons". Softmax
# lives at the output, where BP1 had to deal with it; in the hidden layers of this course every
# activation is elementwise.) One term is left:
#
# $$\frac{\partial z^{l+1}_j}{\partial z^l_k} = w^{l+1}_{jk}\, \varphi'(z^l_k) .$$
#
# *Step 5: put together.* The slope does not depend on $j$, so it can leave the sum:
#
# $$\delta^l_k = \Big( \sum_j w^{l+1}_{jk}\, \delta^{l+1}_j \Big)\, \varphi'(z^l_k) . \tag{BP2}$$
#
# Two factors: *what the listeners report*, and *how far the unit's own curve lets it in*.
#
# <a id="001-transpose"></a>
# ### Where the transpose comes from
#
# On the way up unit $j$ collects from all units $k$ below: $\sum_k w_{jk} a_k$ runs over the
# **second** index, along a **row** of $W$. That is the product $W a$. On the way down unit $k$
# collects from all units $j$ above: $\sum_j w_{jk} \delta_j$ runs over the **first** index, along a
# **column** of $W$. To walk along columns with a matrix product, turn the matrix:
# $\sum_j (W^{\mathsf T})_{kj} \delta_j$. Hence the transpose that 001 writes:
#
# $$\delta^l = \big( (W^{l+1})^{\mathsf T}\, \delta^{l+1} \big) \odot \varphi'(z^l) .
# \tag{BP2, one example}$$
#
# The transpose is not a trick to make the shapes fit. The network's wires stay as they are; we only
# walk along them the other way, and "from" and "to" change places.
#
# Check the shapes all the same: $W^{l+1}$ is $(n_{l+1}, n_l)$, so its transpose takes an error of
# length $n_{l+1}$ to one of length $n_l$, which is the length of $z^l$. Good.
#
# ## 4 One layer, by hand
#
# Two hidden units with the slopes $(0.75, 0.1)$; three units above. The first column of the weights
# is our unit from section 2.
#
# $$W^{l+1} = \begin{pmatrix} 4 & 1 \\ -2 & 2 \\ 0 & -1 \end{pmatrix}, \qquad
# \delta^{l+1} = (0.2,\; 0.5,\; 9) .$$
#
# | unit $k$ | down its column: $\sum_j w_{jk}\,\delta_j$ | slope | $\delta_k$ |
# |---|---|---|---|
# | 1 | $4 \cdot 0.2 - 2 \cdot 0.5 + 0 \cdot 9 = -0.2$ | $0.75$ | $-0.15$ |
# | 2 | $1 \cdot 0.2 + 2 \cdot 0.5 - 1 \cdot 9 = -7.8$ | $0.1$ | $-0.78$ |
#
# In code, for one example, it reads like the equation:

# %%
W_next, slopes = np.array([[4.0, 1.0], [-2.0, 2.0], [0.0, -1.0]]), np.array([0.75, 0.1])
delta_next = np.array([0.2, 0.5, 9.0])
print("W.T @ delta:", W_next.T @ delta_next)
print("error:      ", (W_next.T @ delta_next) * slopes)
assert np.allclose((W_next.T @ delta_next) * slopes, [-0.15, -0.78])

# %% [markdown]
# **Now a mini-batch.** The examples are rows: a second one may have $\delta^{l+1} = (1, 0, -1)$ and
# the slopes $(0.25, 1)$. By the same table, its blame before the slopes is
# $(4 - 0,\; 1 + 1) = (4, 2)$, and its error $(1, 2)$.
#
# *Derivation.* If the errors stood in **columns**, $\Delta = (\delta^{l+1})^{\mathsf T}$ of shape
# $(n_{l+1}, m)$, we could use the formula for one example on all columns at once:
# $(W^{l+1})^{\mathsf T} \Delta$, since a matrix product treats each column of its right factor by
# itself. But our examples are rows, so transpose the result. With
# $(PQ)^{\mathsf T} = Q^{\mathsf T} P^{\mathsf T}$,
#
# $$\big( (W^{l+1})^{\mathsf T} (\delta^{l+1})^{\mathsf T} \big)^{\mathsf T}
# = \delta^{l+1}\, W^{l+1} .$$
#
# Two transposes have met and canceled:
#
# $$\delta^l = \big( \delta^{l+1}\, W^{l+1} \big) \odot \varphi'(Z^l) . \tag{BP2, rows}$$
#
# *A check by indices:* entry $[i, k]$ of the product is $\sum_j \delta_{ij} w_{jk}$. The sum runs
# over the first index of $W$, as it must, and the example $i$ is merely carried along.
#
# *And the $1/m$?* It was put into $\delta^L$ once, at the top. BP2 is linear in $\delta^{l+1}$: put
# in a multiple, and the same multiple comes out. So it rides along, and is never divided again.

# %%
delta_rows = np.array([[0.2, 0.5, 9.0], [1.0, 0.0, -1.0]])
slope_rows = np.array([[0.75, 0.1], [0.25, 1.0]])
delta = (delta_rows @ W_next) * slope_rows
one_by_one = [(W_next.T @ d) * s for d, s in zip(delta_rows, slope_rows, strict=True)]
print(delta)
assert np.allclose(delta, one_by_one)
assert np.allclose(delta, [[-0.15, -0.78], [1.0, 2.0]])  # as found by hand

# %% [markdown]
# ## 5 All the way down
#
# BP2 turns the error of one layer into that of the layer below. So start where the error is known,
# at the output (BP1), and use it $L - 1$ times. The network of section 1 has three layers: BP1
# gives $\delta^3$, BP2 gives $\delta^2$ from it, and BP2 again gives $\delta^1$. Mind the names:
# the weights between layer 1 and layer 2 are $W^2$. To get $\delta^1$, you need $W^2$, the weights
# that **leave** layer 1, and the slopes of layer 1 **itself**.
#
# Below, what we found by pushing each unit must come out of two matrix products.

# %%
(W_1, b_1), (W_2, b_2), (W_3, b_3) = params
Z_1, Z_2, Z_3 = Zs
delta_3 = nn.output_error(cost.gradient(As[-1], Y), phi.derivative(Z_3))  # BP1
delta_2 = (delta_3 @ W_3) * phi.derivative(Z_2)  # BP2
delta_1 = (delta_2 @ W_2) * phi.derivative(Z_1)  # BP2 again
print("by BP2:    ", delta_1[0].round(5))
print("by pushing:", np.round(pushed, 5))
assert np.allclose(delta_1, numeric.gradient(cost_from, Z_1))

# %% [markdown]
# Layer 1 never looked at the output, nor at the target. All that it needed to know about the world
# above was contained in three numbers, $\delta^2$. That is the whole economy of backpropagation:
# the number of *paths* from a unit to the cost grows exponentially with the depth, and nobody ever
# walks them one by one (unit 07 will count them).
#
# ## 6 What the law says about learning
#
# <a id="003-low-slope-units-learn-slowly"></a>
# 003 draws a conclusion from BP2 before it computes anything. The factor $\varphi'(z_k)$ stands in
# front of all that the listeners report. A unit on a **low slope** gets a small error, however loud
# they are. In unit 05 you will see that the gradients of the weights *into* a unit are its error
# times what comes in. So: **low-slope units learn slowly**. They need not be right. They are deaf.
#
# How deaf? Let the listeners of section 2 report $\sum_j w_{jk} \delta_j = -0.2$, and move the unit
# along its curve.

# %%
z = np.linspace(-8, 8, 201)
figure, ax = plt.subplots(figsize=(6, 3.4))
for name, color, marker in [
    ("sigmoid", "#0072B2", "o"), ("tanh", "#D55E00", "s"), ("leaky_relu", "#009E73", "^")
]:
    error = -0.2 * nn.activation(name).derivative(z)  # BP2 with the report -0.2
    ax.semilogy(z, abs(error), color=color, marker=marker, markevery=25, label=name)
ax.set(xlabel="weighted input z of the unit", ylabel="|error| of the unit", ylim=(1e-8, 1))
ax.legend()
plt.show()

# %% [markdown]
# *The figure in words.* On a logarithmic axis, the size of the unit's error against its $z$ from
# $-8$ to $8$. Sigmoid: a tent with its top, $0.05$, at $z = 0$, falling to about $7 \cdot 10^{-5}$
# at both ends. Tanh: a sharper tent, from $0.2$ down to about $10^{-7}$. Leaky ReLU: two flat
# terraces, $0.02$ on the left and $0.2$ on the right. The listeners say the same thing all the
# time.
#
# Even at its very best the sigmoid passes a quarter. After ten layers of sigmoids, that alone is a
# factor of at most $4^{-10} \approx 10^{-6}$: the subject of unit 09.
#
# ## 7 Play: where does the blame come from?
#
# In the explorer you choose a hidden unit, and the lines show the blame that flows to it from the
# outputs; a line is wide where much of it flows. You can push the unit by adding to its bias.
#
# **Predict first.** Unit 2 of layer 1 is pushed by $+7$, deep into saturation. It becomes *more*
# active: does its blame grow, stay, or almost vanish? Say which factor of BP2 decides, and press
# the preset *saturated unit*. Then choose a unit of the second layer, whose listeners are the
# outputs: how many terms has its sum, and do they all have the same sign?

# %%
blame()

# %% [markdown]
# What you should have seen: the activation rises to nearly 1, and the error almost vanishes. The
# units above still report something, but the slope at the top of the sigmoid lets hardly any of it
# in. In the second layer each sum has two terms, one per output. For unit 2 both are negative; for
# units 1 and 3 they have different signs, and partly cancel.
#
# ## 8 The same law in other words
#
# <a id="004-equation-6"></a>
# **004 writes BP2 as its equation (6)**,
#
# $$\delta_j = g'(a_j) \sum_k w_{kj}\, \delta_k ,$$
#
# and nearly everything in it has another name. Its $g$ is our $\varphi$, and its $a_j$ is the
# *weighted input*, our $z$. Its $j$ is the unit in question and its $k$ runs over the
# units **above**; with us $k$ is the unit in question and $j$ runs above. The rule that never
# changes: a weight's *first* index is where it goes **to**. In $w_{kj}$ of 004 that is $k$, the
# upper unit, and the sum runs over it.
#
# | | ours | 003, 001 | 000 | 004 |
# |---|---|---|---|---|
# | name | BP2 | BP2 in 003, step 2 in 001 | step 2 | equation (6) |
# | weighted input | $z$ | $z$ | $s$ | $a$ |
# | activation | $a$ | $a$ | $f$ | $z$ |
# | layers | $1 \dots L$ | the input is layer 1 | $1 \dots N$ | without numbers |
#
# Two things to put right. 001 also calls the loss $L$; here $C$ is the cost and $L$ is the last
# layer, so that $\delta^L$ can mean only one thing. And 000 starts its recursion one floor higher,
# with a $\delta^{N+1}$ that is $\partial C / \partial A$ of the top layer, before its slope. With
# us each $\delta$ is a derivative by $Z$, also the first one.
#
# ## 9 Pitfalls
#
# **Deaf to deafness.** Gül's hidden errors were `delta_next @ W_next`, and her sigmoid network
# learned wildly. *What lies between $a$ and $z$?* She had stopped at $\partial C / \partial a$,
# half a step too early. Her brother crossed the bend twice, once in the loop and once in a helper
# function: his first layers hardly learned. *How many nonlinearities did you cross?*
#
# **The neighbor's glasses.** Hannes multiplied by `dphi(Z_next)`. All his layers were equally wide,
# so no shape complained. *Whose nonlinearity is crossed on the way from $a_k$ to $z_k$?*
#
# **The wrong staircase.** Ines used `W[l]` to get $\delta^l$. It leads *into* the layer, and the
# blame comes along the weights that leave it. *Which weights carry this unit's voice upward?*
#
# **Two square mistakes.** Ada, whom you know from lesson 01, had learned her lesson about transposes,
# and put one where there is none: `delta_next @ W_next.T`. Her layers still were equally wide. *Which
# index means "from"?* Her friend wrote `*` for `@`; with as many examples as units, that fitted as
# well. *Sum over the units, or unit by unit?*
#
# **Everybody is equally guilty.** Jonas added up the errors above and gave the sum to every unit.
# *Does a zero weight carry blame?* His unit with no listeners had been punished like the others.
# His friend used `abs(W)`, so that no unit could ever be a help. *Can a connection reduce the cost?*
#
# **One error for all.** Jule sent $\nabla_a C$, the complaint at the output, to every layer, times the
# layer's own slope. It was short and fast, and all widths were equal. But a layer far below does not
# work for the output; it works for the layer above it. *Who is the immediate neighbor above?*
#
# **Blame after the fact.** Kaya updated $W^3$, and *then* computed $\delta^2$ with it. Her
# gradients were almost right, and the more wrong the larger the learning rate. *At which weights
# was the cost computed?* First all errors, then all updates.
#
# **Fair shares, again and again.** Lior divided by $m$ in each layer, "as it is a mean". With
# batches of 10 and four layers, his first layer learned a thousand times too slowly. *Where was
# averaging already done?*
#
# ## What you can now do
#
# - say what the error of a hidden unit means, and measure it by pushing;
# - derive BP2 from the chain rule, and justify each step: the gates, the sum, the one term that
#   survives;
# - explain the transpose as walking along the wires the other way, and why it is gone for rows;
# - walk the errors down through a network, with the right weights and the right slopes;
# - read from BP2 why a saturated unit learns slowly.
#
# ## Check yourself
#
# 1. In section 4, the weight from unit 2 to listener 3 changes from $-1$ to $0$. What is
#    $\delta_2$?
# 2. A unit has one listener, the slope 1, and the weight $-1$. What is its error, compared with
#    that of its listener?
# 3. A network has the widths 4, 7, 5, 2 (the first is the input), and 3 examples. What is the shape
#    of $\delta^1$, and which two arrays, of which shapes, does the matrix product multiply?
# 4. Is there a $\delta^0$? What would it mean, and why does backpropagation not need it?
# 5. All weights of $W^{l+1}$ are doubled, and everything above is adjusted such that $\delta^{l+1}$
#    stays the same. What happens to $\delta^l$?
#
# <details><summary>Answers</summary>
#
# 1. $(0.2 + 1) \cdot 0.1 = 0.12$: a different sign. Nearly all of its negative blame came from
#    listener 3.
# 2. The same size, with the other sign.
# 3. $\delta^1$ is $(3, 7)$. It comes from $\delta^2$, $(3, 5)$, times $W^2$, $(5, 7)$; then from
#    the slopes of layer 1, $(3, 7)$.
# 4. $\delta^1 W^1 = \partial C / \partial X$ says how the cost moves with the *input*. There is no
#    slope to cross, and no parameter below, so training does not need it. (It is a way to see which
#    pixels matter.)
# 5. It doubles, as the slopes of layer $l$ have not changed.
#
# </details>
