"""Ways to write 05.backprop that the size gate tells apart: two plain loops, six that nudge."""

PLAIN_LOOPS = """
def backprop(X, Y, params, phi, cost):
    m = len(X)
    As, Zs = [X], []
    for W, b in params:
        n, n_prev = W.shape
        Z = np.zeros((m, n))
        for i in range(m):
            for j in range(n):
                Z[i, j] = b[j]
                for k in range(n_prev):
                    Z[i, j] += W[j, k] * As[-1][i, k]
        Zs.append(Z)
        As.append(phi(Z))
    delta = cost.gradient(As[-1], Y) * phi.derivative(Zs[-1])
    grads = [None] * len(params)
    for l in range(len(params) - 1, -1, -1):
        n, n_prev = params[l][0].shape
        dW, db = np.zeros((n, n_prev)), np.zeros(n)
        for i in range(m):
            for j in range(n):
                db[j] += delta[i, j]
                for k in range(n_prev):
                    dW[j, k] += delta[i, j] * As[l][i, k]
        grads[l] = (dW, db)
        if l > 0:
            slope = phi.derivative(Zs[l - 1])
            below = np.zeros((m, n_prev))
            for i in range(m):
                for k in range(n_prev):
                    for j in range(n):
                        below[i, k] += delta[i, j] * params[l][0][j, k] * slope[i, k]
            delta = below
    return grads
"""

# The same with a call of phi for every single number, each of which is a message to the judge.
UNIT_BY_UNIT = PLAIN_LOOPS.replace(
    "As.append(phi(Z))", "As.append(np.array([[phi(z) for z in row] for row in Z]))"
).replace(
    "slope = phi.derivative(Zs[l - 1])",
    "slope = np.array([[phi.derivative(z) for z in row] for row in Zs[l - 1]])",
)

CENTRAL = """
def backprop(X, Y, params, phi, cost):
    def C():
        A = X
        for W, b in params:
            A = phi(A @ W.T + b)
        return cost(A, Y)

    grads = []
    for pair in params:
        slopes = []
        for part in pair:
            slope = np.zeros(part.shape)
            for index in np.ndindex(part.shape):
                kept, values = part[index], []
                for steps in (-2, -1, 1, 2):
                    part[index] = kept + 1e-3 * steps
                    values.append(C())
                part[index] = kept
                slope[index] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / 12e-3
            slopes.append(slope)
        grads.append(tuple(slopes))
    return grads
"""

COMPLEX = """
def backprop(X, Y, params, phi, cost):
    params = [(W.astype(complex), b.astype(complex)) for W, b in params]

    def C():
        A = X
        for W, b in params:
            A = phi(A @ W.T + b)
        return cost(A, Y)

    grads = []
    for pair in params:
        slopes = []
        for part in pair:
            slope = np.zeros(part.shape)
            for index in np.ndindex(part.shape):
                part[index] += 1e-30j
                slope[index] = C().imag / 1e-30
                part[index] = part[index].real
            slopes.append(slope)
        grads.append(tuple(slopes))
    return grads
"""

# A number and its slope with respect to one parameter go forward together, parameter by parameter.
DUAL = """
class Dual:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __matmul__(self, other):
        return Dual(self.value @ other.value, self.value @ other.slope + self.slope @ other.value)

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)


def backprop(X, Y, params, phi, cost):
    still = [(np.zeros(W.shape), np.zeros(b.shape)) for W, b in params]

    def slope():
        A = Dual(X, np.zeros(X.shape))
        for (W, b), (dW, db) in zip(params, still):
            Z = A @ Dual(W.T, dW.T) + Dual(b, db)
            A = Dual(phi(Z.value), phi.derivative(Z.value) * Z.slope)
        return np.sum(cost.gradient(A.value, Y) * A.slope)

    grads = []
    for moved in still:
        slopes = []
        for part in moved:
            found = np.zeros(part.shape)
            for index in np.ndindex(part.shape):
                part[index] = 1.0
                found[index] = slope()
                part[index] = 0.0
            slopes.append(found)
        grads.append(tuple(slopes))
    return grads
"""

# The same with all that the passes have in common computed once, and no call of phi.
LEAN_DUAL = """
def backprop(X, Y, params, phi, cost):
    Zs, As = [], [X]
    for W, b in params:
        Zs.append(As[-1] @ W.T + b)
        As.append(phi(Zs[-1]))
    slopes = [phi.derivative(Z) for Z in Zs]
    G = cost.gradient(As[-1], Y)

    def through(dZ, l):
        dA = dZ * slopes[l]
        for i in range(l + 1, len(params)):
            dA = (dA @ params[i][0].T) * slopes[i]
        return np.sum(G * dA)

    grads = []
    for l, (W, b) in enumerate(params):
        dW, db = np.zeros(W.shape), np.zeros(b.shape)
        for j in range(len(b)):
            for k in range(W.shape[1]):
                dZ = np.zeros(Zs[l].shape)
                dZ[:, j] = As[l][:, k]
                dW[j, k] = through(dZ, l)
            dZ = np.zeros(Zs[l].shape)
            dZ[:, j] = 1.0
            db[j] = through(dZ, l)
        grads.append((dW, db))
    return grads
"""

# All complex steps of a unit's weights, or of a layer's, in one matrix product.
BATCHED = """
def backprop(X, Y, params, phi, cost):
    m, As = len(X), [X]
    for W, b in params:
        As.append(phi(As[-1] @ W.T + b))

    def costs(Z, l):
        A = phi(Z)
        for W, b in params[l + 1:]:
            A = phi(A @ W.T + b)
        return [cost(a, Y).imag / 1e-30 for a in A.reshape(-1, m, A.shape[-1])]

    grads = []
    for l, (W, b) in enumerate(params):
        n, n_prev = W.shape
        dW, db = np.zeros(W.shape), np.zeros(n)
        for j in range(n):
            Z = np.repeat((As[l] @ W.T + b).astype(complex)[np.newaxis], n_prev + 1, axis=0)
            Z[:-1, :, j] += 1e-30j * As[l].T
            Z[-1, :, j] += 1e-30j
            *dW[j], db[j] = costs(Z.reshape(-1, n), l)
        grads.append((dW, db))
    return grads
"""

BATCHED_LAYERS = """
def backprop(X, Y, params, phi, cost):
    m, As = len(X), [X]
    for W, b in params:
        As.append(phi(As[-1] @ W.T + b))
    grads = []
    for l, (W, b) in enumerate(params):
        n, n_prev = W.shape
        Z = np.zeros((n, n_prev + 1, m, n), complex) + (As[l] @ W.T + b)
        for j in range(n):
            Z[j, :-1, :, j] += 1e-30j * As[l].T
            Z[j, -1, :, j] += 1e-30j
        A = phi(Z.reshape(-1, n))
        for W, b in params[l + 1:]:
            A = phi(A @ W.T + b)
        A = A.reshape(-1, m, A.shape[-1])
        # Given Y alone one may guess which cost it is; here it is the quadratic one.
        C = (((A - Y) ** 2).sum(axis=(1, 2)).imag / 1e-30 / (2 * m)).reshape(n, n_prev + 1)
        grads.append((C[:, :-1], C[:, -1]))
    return grads
"""
