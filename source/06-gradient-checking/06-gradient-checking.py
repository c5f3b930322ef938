# %% [markdown]
# # 06 · Gradient checking
#
# Your backpropagation of unit 05 returns numbers. Are they the right ones? A network with a wrong
# gradient does not crash. It often even learns, a little worse than it could, and nobody notices.
# Fortunately there is a second way to a gradient: nudge a weight, and see what the cost does. It is
# slow, and it is hard to get wrong. So let the slow way check the fast one.
#
# **You will** derive what a finite difference misses, find the best step between two errors that
# pull in opposite directions, count what a gradient costs this way, code three numerical
# derivatives, and build a gradient checker. It will be tried on gradients with planted mistakes, and
# on right ones: it must refute the first, spare the second, and say where it cannot tell.
#
# **Notation.** Here $f$ is any function that makes one number out of an array $x$ of shape $(n,)$:
# think of $x$ as all weights of a network in one row, and of $f$ as its cost $C$. A *gradient*
# found by formulas, as in unit 05, is called analytical; one found by nudging is called numerical.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from bplib.functions import function
from bplib.tutor import check

# %% [markdown]
# ## 6.1 A worked example: a cube
#
# Take $f(x) = x^3$ at $x = 2$. The derivative is $3x^2 = 12$. Now forget the formula and nudge.
#
# | | $h = 0.1$ | off by | $h = 0.01$ | off by |
# |---|---|---|---|---|
# | one-sided: $\frac{f(x+h) - f(x)}{h}$ | $\frac{9.261 - 8}{0.1} = 12.61$ | $0.61$ | $12.0601$ | $0.0601$ |
# | from both sides: $\frac{f(x+h) - f(x-h)}{2h}$ | $\frac{9.261 - 6.859}{0.2} = 12.01$ | $0.01$ | $12.0001$ | $0.0001$ |
#
# Read the table from left to right. With a step ten times smaller, the first error becomes about ten
# times smaller; the second becomes a *hundred* times smaller. One more value of $f$ has bought us a
# square.
#
# **A word about a sign.** 002 puts an equals sign between the gradient and its finite difference.
# The table shows that it must be a $\approx$: for no $h > 0$ of the table is the difference 12. The
# whole unit lives in the gap between $=$ and $\approx$.

# %%
def cube(x):
    return x**3


for h in (0.1, 0.01):
    one_sided = (cube(2 + h) - cube(2)) / h
    both_sides = (cube(2 + h) - cube(2 - h)) / (2 * h)
    print(f"h = {h:<5} one-sided {one_sided:.6f}   from both sides {both_sides:.6f}")

# %% [markdown]
# ## 6.2 Derive: what a difference misses
#
# Around a point, a smooth function is its Taylor series. Write $d_1, d_2, d_3$ for the first three
# derivatives of $f$ at $x$. To third order,
#
# $$f(x + t) = f(x) + d_1 t + \tfrac12 d_2 t^2 + \tfrac16 d_3 t^3 ,$$
#
# for positive and for negative $t$. Write the four lines as expressions in NumPy. The check tries
# them on $p$ cubic curves at once (for a cubic there are no further terms), so every argument is an
# array of that many numbers; write them as if they were plain numbers.
#
# | line | meaning |
# |---|---|
# | `up` | $f(x + h) - f(x)$ |
# | `down` | $f(x) - f(x - h)$ |
# | `forward_error` | the one-sided difference minus the true slope $d_1$ |
# | `central_error` | the difference from both sides minus the true slope $d_1$ |
#
# In the last two lines, let everything cancel that cancels: no $d_1$ is left. If you are stuck on a
# line, set it to `None` and check what you have: each line counts by itself.

# %% nbgrader={"grade_id": "difference_errors", "solution": true}
def difference_errors(d1, d2, d3, h):
    """Both one-sided changes, and the errors of two differences, for p curves at once.

    d1, d2, d3: the first three derivatives at x, (p,) each    h: the step, (p,)
    returns up, down, forward_error, central_error: (p,) each
    """
    ### BEGIN SOLUTION
    up = d1 * h + d2 * h**2 / 2 + d3 * h**3 / 6
    down = d1 * h - d2 * h**2 / 2 + d3 * h**3 / 6
    forward_error = d2 * h / 2 + d3 * h**2 / 6
    central_error = d3 * h**2 / 6
    ### END SOLUTION
    return up, down, forward_error, central_error

# %% nbgrader={"grade_id": "test_difference_errors", "grade": true}
check("06.difference_errors", difference_errors)

# %% [markdown]
# Compare with the worked example, where $d_2 = 6x = 12$ and $d_3 = 6$: the first error is
# $6h + h^2$ and the second one $h^2$. These are the numbers of the table.
#
# ## 6.3 Code: the slope from one side
#
# From here on $x$ has many entries, and a gradient has one slope for each of them. Nudge **one**
# entry at a time:
#
# $$\frac{\partial f}{\partial x_k} \approx \frac{f(x + h\,e_k) - f(x)}{h},$$
#
# where $e_k$ is 1 at place $k$ and 0 elsewhere.
#
# Two ways lead there. Either build a new array for each nudge, or change an entry of `x` in place,
# call `f`, and put the old value back. Whoever takes the second way must really put it back: for
# the next entry, all others have to stand where they were, and `x` belongs to somebody else.

# %% nbgrader={"grade_id": "forward_difference", "solution": true}
def forward_difference(f, x, h):
    """The forward difference of f for every entry of x.

    f: takes an array like x and returns a number    x: (n,)    h: the step, a number
    returns slopes: (n,)
    """
    ### BEGIN SOLUTION
    here = f(x)
    slopes = np.zeros(len(x))
    for k in range(len(x)):
        nudged = x.copy()
        nudged[k] += h
        slopes[k] = (f(nudged) - here) / h
    return slopes
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_forward_difference", "grade": true}
check("06.forward_difference", forward_difference)

# %% [markdown]
# The functions that the check uses have names, and you can play with them yourself:
# `function("waves")` is one; others are `bowl`, `cubes`, `hills`, `plane`, `hinges`, `folds`,
# `creases`.
#
# ## 6.4 Code: the slope from both sides
#
# $$\frac{\partial f}{\partial x_k} \approx \frac{f(x + h\,e_k) - f(x - h\,e_k)}{2h}$$
#
# This is the *central difference*: twice as many values of $f$, and the square of the error.

# %% nbgrader={"grade_id": "central_difference", "solution": true}
def central_difference(f, x, h):
    """The central difference of f for every entry of x.

    f: takes an array like x and returns a number    x: (n,)    h: the step, a number
    returns slopes: (n,)
    """
    ### BEGIN SOLUTION
    slopes = np.zeros(len(x))
    for k in range(len(x)):
        above, below = x.copy(), x.copy()
        above[k] += h
        below[k] -= h
        slopes[k] = (f(above) - f(below)) / (2 * h)
    return slopes
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_central_difference", "grade": true}
check("06.central_difference", central_difference)

# %% [markdown]
# ## 6.5 Code: the slope without a difference
#
# Here is a trick that looks like cheating. Step into the *imaginary* direction: put $t = ih$ into
# the Taylor series, with $i^2 = -1$:
#
# $$f(x + ih) = f(x) + i\,d_1 h - \tfrac12 d_2 h^2 - \tfrac{i}{6} d_3 h^3 .$$
#
# Everything with an odd power of $h$ is imaginary. So the imaginary part of the value, divided by
# $h$, is $d_1 - \frac16 d_3 h^2$. No subtraction of two nearly equal numbers has happened, so no
# digits get lost, and $h$ may be as small as you like: $10^{-30}$ makes the second term vanish.
#
# NumPy knows complex numbers: `1j` is $i$, and `value.imag` is the imaginary part. It works for
# every $f$ that is made of operations that complex numbers know, like $+$, $\cdot$, $\exp$ and
# $\tanh$, but not for `abs`. You choose $h$.

# %% nbgrader={"grade_id": "complex_step", "solution": true}
def complex_step(f, x):
    """The slopes of f by the complex step, for every entry of x.

    f: takes an array like x, complex too, and returns a number    x: (n,), real
    returns slopes: (n,), real
    """
    ### BEGIN SOLUTION
    h = 1e-30
    slopes = np.zeros(len(x))
    for k in range(len(x)):
        z = x.astype(complex)
        z[k] += 1j * h
        slopes[k] = f(z).imag / h
    return slopes
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_complex_step", "grade": true}
check("06.complex_step", complex_step)

# %% [markdown]
# ## 6.6 The V curve
#
# If a smaller $h$ has a smaller error, why not take $h = 10^{-12}$? Let us plot the error of all
# three against $h$, for $f(x) = e^x$ at $x = 1$, where the true slope is $e$.

# %%
import matplotlib.pyplot as plt

h = 10.0 ** np.arange(-15, 0, 0.25)
curves = {
    "forward difference": (np.exp(1 + h) - np.exp(1)) / h,
    "central difference": (np.exp(1 + h) - np.exp(1 - h)) / (2 * h),
    "complex step": np.exp(1 + 1j * h).imag / h,
}
for (name, slope), line in zip(curves.items(), ("--", "-", ":")):
    plt.loglog(h, np.maximum(abs(slope / np.e - 1), 1e-17), line, label=name)
plt.xlabel("step h")
plt.ylabel("relative error of the slope")
plt.legend()
plt.show()

# %% [markdown]
# *The figure in words.* Both axes are logarithmic, and the steps run from $10^{-15}$ on the left to
# nearly 1 on the right. The curve of the forward difference is a V: from the right it falls with
# slope 1, down to an error of about $10^{-8}$ near $h = 10^{-8}$; further left it climbs again, and
# jitters. The central difference falls twice as steeply and reaches about $10^{-11}$ near
# $h = 10^{-5}$; then it climbs along the same jittery line. The complex step falls like the central
# difference, but never climbs: left of $10^{-8}$ it lies at the bottom of the figure, at $10^{-16}$
# or less (an error of zero is drawn at $10^{-17}$).
#
# The right arm is the error of 6.2, called *truncation*. The left arm is new. A computer keeps about
# 16 digits of each value of $f$. For a tiny $h$, $f(x+h)$ and $f(x-h)$ agree in nearly all of them,
# and the subtraction leaves only the last few, which are the doubtful ones.

# %% [markdown]
# ## 6.7 Derive: the bottom of the V
#
# Each computed value of $f$ is off by up to $\epsilon F$, where $F$ is the size of $f$ and
# $\epsilon$ the relative rounding error of the arithmetic. Two such values are subtracted in the
# central difference; in the worst case their errors add up. Write, for $p$ situations at once (all
# numbers positive):
#
# | line | meaning |
# |---|---|
# | `rounding` | the largest error of the central difference that rounding can cause, at step $h$ |
# | `truncation` | its truncation error at step $h$ |
# | `best_h` | the step at which the sum of both is smallest: set its derivative with respect to $h$ to zero |
# | `least` | the sum of both at that step |
#
# (The check uses the $\epsilon$ of a pocket calculator with a few digits; the formulas do not mind.)

# %% nbgrader={"grade_id": "best_step", "solution": true}
def best_step(F, d3, eps, h):
    """Rounding against truncation of the central difference, for p situations at once.

    F: size of f, (p,)    d3: third derivative, (p,)    eps: relative rounding error, (p,)
    h: a step, (p,)
    returns rounding, truncation, best_h, least: (p,) each
    """
    ### BEGIN SOLUTION
    rounding = eps * F / h
    truncation = d3 * h**2 / 6
    best_h = (3 * eps * F / d3) ** (1 / 3)
    least = eps * F / best_h + d3 * best_h**2 / 6
    ### END SOLUTION
    return rounding, truncation, best_h, least

# %% nbgrader={"grade_id": "test_best_step", "grade": true}
check("06.best_step", best_step)

# %% [markdown]
# In double precision $\epsilon \approx 10^{-16}$. If $F$ and $d_3$ are about 1, the best step is
# about $(3 \cdot 10^{-16})^{1/3} \approx 7 \cdot 10^{-6}$: the bottom of the V, without a plot. In
# single precision (float32) $\epsilon \approx 6 \cdot 10^{-8}$, the best step is near
# $6 \cdot 10^{-3}$, and even there hardly five digits are right. So check gradients in float64, also
# if you train in float32.

# %% [markdown]
# ## 6.8 Derive: the price of one gradient
#
# 001 puts it in one word, with many o's: "Slooooow". 003 says why: a million weights, a million
# forward passes. Count for a single dense layer that takes $n_\mathrm{prev}$ numbers to $n$ units,
# for $p$ layers at once. All its weights **and** biases are to be nudged.
#
# | line | meaning |
# |---|---|
# | `parameters` | how many numbers there are to nudge |
# | `forward_passes` | values of the cost that forward differences need (count the shared one once) |
# | `central_passes` | values of the cost that central differences need |
# | `wait` | seconds for the central differences, if one forward pass takes `seconds` |

# %% nbgrader={"grade_id": "price", "solution": true}
def price(n_prev, n, seconds):
    """What one numerical gradient of a dense layer costs, for p layers at once.

    n_prev, n: units below and in the layer, (p,)    seconds: time of a forward pass, (p,)
    returns parameters, forward_passes, central_passes, wait: (p,) each
    """
    ### BEGIN SOLUTION
    parameters = n * n_prev + n
    forward_passes = parameters + 1
    central_passes = 2 * parameters
    wait = central_passes * seconds
    ### END SOLUTION
    return parameters, forward_passes, central_passes, wait

# %% nbgrader={"grade_id": "test_price", "grade": true}
check("06.price", price)

# %% [markdown]
# See it happen. The next cell takes the gradient of a network by backpropagation, with a clock
# beside it, and works out what central differences would take for the same network: twice the number
# of parameters, times the forward pass that it has just timed.

# %% tags=["varies"]
from time import perf_counter

cost, gradients = function("network_cost"), function("network_gradients")
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(50, 100)), np.eye(10)[rng.integers(10, size=50)]
for hidden in (10, 100, 1000):
    params = [(rng.normal(size=(j, k)) / 10, np.zeros(j)) for k, j in [(100, hidden), (hidden, 10)]]
    started = [perf_counter()]
    for work in (cost, gradients):
        for _ in range(10):
            work(X, Y, params)
        started.append(perf_counter())
    forward, backprop = np.diff(started) / 10
    number = sum(W.size + b.size for W, b in params)
    print(f"{number:7,} parameters: backpropagation {backprop:.4f} s, "
          f"central differences {2 * number * forward:8.2f} s")

# %% [markdown]
# ## 6.9 Code: how far apart are two gradients?
#
# "They differ by $0.001$" says nothing. Against gradients of $1000$ it is superb, against gradients
# of $0.001$ it is a disaster. So measure the difference in units of the gradients themselves:
#
# $$\mathrm{error} = \frac{\lVert a - b \rVert}{\max(\lVert a \rVert, \lVert b \rVert)}, \qquad
# \lVert a \rVert = \sqrt{\textstyle\sum_k a_k^2},$$
#
# and let the error of two gradients that are both zero be 0: they agree.

# %% nbgrader={"grade_id": "relative_error", "solution": true}
def relative_error(a, b):
    """The relative error between two gradients; 0 if both are zero.

    a, b: (n,)
    returns error: a number
    """
    ### BEGIN SOLUTION
    longer = max(np.linalg.norm(a), np.linalg.norm(b))
    if longer == 0:
        return 0.0
    return np.linalg.norm(a - b) / longer
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_relative_error", "grade": true}
check("06.relative_error", relative_error)

# %% [markdown]
# ## 6.10 Code: the gradient check
#
# Now build the instrument. Somebody claims that `grad` is the gradient of `f` at `x`. Your checker
# looks at every entry and returns three things:
#
# - `wrong`: for each entry, whether the claim is refuted: the numerical slope and the claimed one
#   differ by more than $10^{-5}$ **of the largest entry** (in absolute value) of both gradients;
# - `kinks`: for each entry, whether $f$ has a kink there: the slope to the left and the slope to the
#   right differ by more than $1\,\%$ of that same largest entry. At a kink there is no gradient to
#   compare with, so such an entry is **reported, and never wrong**;
# - `ok`: whether no entry is wrong.
#
# Why the kinks? $\mathrm{ReLU}(z) = \max(0, z)$ has the slope 0 on the left of $z = 0$ and 1 on the
# right. The central difference across the kink takes one probe from each side:

# %%
def relu(z):
    return max(0.0, z)


h = 1e-5
for z in (-0.5, 0.0, 0.5):
    left, right = (relu(z) - relu(z - h)) / h, (relu(z + h) - relu(z)) / h
    central = (relu(z + h) - relu(z - h)) / (2 * h)
    print(f"at {z:4}: left {left:.1f}, right {right:.1f}, central {central:.1f}")

# %% [markdown]
# One half: a slope that the function has on neither side. A checker that believes it would accuse
# right code of being wrong.
#
# You choose the step; what 6.7 says about it holds, and anything from $10^{-6}$ to $10^{-4}$ will
# do. True and False count as 1 and 0, and a list or an array will do for `wrong` and `kinks`. Leave
# `x` as you found it. You may call the functions that you wrote above.
#
# **How it is graded.** Your checker meets right gradients, and gradients with planted mistakes: a
# factor 2, a wrong sign, a forgotten entry, an error of a few thousandths, one entry far too large. It
# meets functions with tiny slopes and with huge ones, planes, constants, and points that lie on kinks. It earns points
# for what it refutes, for what it spares, and for what it reports.

# %% nbgrader={"grade_id": "gradient_check", "solution": true}
def gradient_check(f, grad, x):
    """Whether grad is the gradient of f at x, which entries are wrong, and where f has a kink.

    f: takes an array like x and returns a number    grad: the claim, (n,)    x: (n,)
    returns ok: True or False, wrong: (n,), kinks: (n,)
    """
    ### BEGIN SOLUTION
    h = 1e-5
    right = forward_difference(f, x, h)
    left = forward_difference(f, x, -h)  # a step backward: the slope on the other side
    slopes = (left + right) / 2  # this is the central difference
    largest = max(np.abs(slopes).max(), np.abs(grad).max())
    kinks = np.abs(right - left) > 0.01 * largest
    wrong = (np.abs(slopes - grad) > 1e-5 * largest) & ~kinks
    ok = not wrong.any()
    return ok, wrong, kinks
    ### END SOLUTION

# %% nbgrader={"grade_id": "test_gradient_check", "grade": true}
check("06.gradient_check", gradient_check)

# %% [markdown]
# Try it on something of your own in the next cell. `hinges` at a point with an exact zero is a good
# start; then plant a mistake of your own and see whether it is found, and whether `x` is still what
# it was.

# %%
x = np.array([1.0, 0.0, -2.0])
claim = np.array([0.0, 1.0, -1.0])  # of f = 1·relu(x_1) + 2·relu(x_2) + 3·relu(x_3) + (Σ x)²/2
try:
    print(gradient_check(function("hinges"), claim, x), "  x:", x)
except NotImplementedError:
    print("not written yet")

# %% [markdown]
# ## 6.11 Explain: a false alarm
#
# A friend checks the gradient of a ReLU network with 20 hidden units on 500 examples, with
# $h = 10^{-3}$, and finds that 40 of 2,000 entries disagree by a few percent. The rest agree to nine
# digits. With $h = 10^{-6}$ no entry disagrees. Is the backpropagation wrong? What has happened, and
# why does the size of the step matter for it? Two or three sentences.
#
# *What earns the points:* one point for what happens between the two probes, and where; one for the
# reason why a smaller step helps, and for the verdict on the code.

# %% [markdown] nbgrader={"grade_id": "explain_false_alarm", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# The code is most likely right. For some weights, the nudge by $\pm h$ switches a unit on or off for
# one of the 500 examples: its weighted input lies so near to zero that the two probes stand on
# different sides of the kink, and the difference mixes the slopes of both sides. With $h = 10^{-6}$
# the probes lie a thousand times closer together, so hardly any weighted input of an example falls
# between them. An error in the code would not vanish with the step.
# ### END SOLUTION

# %% [markdown]
# ## 6.12 Explain: why not train with it?
#
# If the numerical gradient is so hard to get wrong, why does nobody train with it? And why is it
# good enough for a check? Name the price of both ways for a network with a million weights, and say
# how a check can be made affordable for such a network. Three sentences or so.
#
# *What earns the points:* one point for the two prices; one for why a check may be so expensive, or
# how to make it cheap.

# %% [markdown] nbgrader={"grade_id": "explain_price", "solution": true, "grade": true, "points": 2}
# ### BEGIN SOLUTION
# One numerical gradient of a million weights takes one or two million forward passes;
# backpropagation takes about the work of three. Training needs a gradient in each of thousands of
# steps, a check needs it once, after the code was changed. And it need not be the large network: the
# same code is checked on a tiny one with a few dozen weights and a few examples; or one checks a
# random sample of the weights, or the slope along a random direction, which takes two passes only.
# ### END SOLUTION

# %% [markdown]
# ## What you can now do
#
# - say what a finite difference misses, and why the central one misses so much less;
# - find the best step from two errors that pull in opposite directions, and read a V curve;
# - count what a gradient costs by nudging, and by backpropagation;
# - get a slope to the last digit by a step into the complex numbers;
# - check a gradient on its own scale, and tell a mistake from a kink.
#
# ## Check yourself
#
# 1. For which functions is the central difference exact for *every* $h$ (apart from rounding)?
# 2. Halve the step. What happens to the truncation error of both differences, and what to the error
#    from rounding?
# 3. A checker compares absolute errors with $10^{-5}$, and all the gradients of your network are
#    about $10^{-7}$. What will it say of a gradient that is twice too large?
# 4. The cost is $C = \frac12 x^2$ with $x = 10^{6}$, and $h = 10^{-12}$. What does the central
#    difference return, and why?
# 5. You forget to put $x_k$ back after its nudge. For which functions will you never notice?
#
# *Answers:* 1. for all polynomials of degree two or less: the first term it misses is
# $\frac16 d_3 h^2$. 2. the forward one's halves, the central one's becomes a quarter; the error from
# rounding doubles. 3. that it is right: the difference is $10^{-7}$. It would say the same of a
# gradient of zeros. 4. zero: near a million the next float64 is about $10^{-10}$ away, so $x + h$
# and $x - h$ are both rounded to $x$. 5. for those in which no entry changes the slope of another,
# such as $\sum_k x_k^2$: only where entries interact does a displaced one spoil the slopes of the
# others. (And $x$ itself is displaced in any case.)
