"""Ways to write 05.backprop that the size gate tells apart: two plain loops, two that nudge."""

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
