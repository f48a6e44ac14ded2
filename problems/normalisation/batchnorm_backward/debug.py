import numpy as np

rng = np.random.default_rng(0)
x, dout = 3 + 2 * rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
gamma, beta, eps, h = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.0, 1.0]), 1e-5, 1e-6


def loss(x, gamma, beta):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return (dout * (gamma * x_hat + beta)).sum()


def differences(position, array):
    """Return the gradient with respect to one array, by moving one number of it at a time."""
    found = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        ends = []
        for step in (h, -h):
            arrays = [x.copy(), gamma.copy(), beta.copy()]
            arrays[position][index] += step
            ends.append(loss(*arrays))
        found[index] = (ends[0] - ends[1]) / (2 * h)
    return found


for position, (name, found) in enumerate(zip(("dx", "dgamma", "dbeta"), batchnorm_backward(dout, x, gamma, eps=eps))):
    expected = differences(position, (x, gamma, beta)[position])
    print(f"{name}: shape {found.shape}, dtype {found.dtype}")
    print("  yours:             ", found.round(4).tolist())
    print("  finite differences:", expected.round(4).tolist())
    if found.shape == expected.shape:
        print(f"  largest difference: {abs(found - expected).max():.1e}")
