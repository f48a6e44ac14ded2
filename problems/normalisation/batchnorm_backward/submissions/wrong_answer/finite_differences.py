"""You move each number a little and divide the change of the loss by the step. That is the right way to check a
gradient, but half of the digits are lost, and it costs a forward pass for each row.
"""

import numpy as np


def normalised(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    h = 1e-6
    moved, dx = np.array(x, dtype=np.float64), np.empty_like(x)
    here = normalised(moved, eps)
    for i in range(len(x)):
        moved[i] += h  # no feature looks at another, so one row may move at a time
        dx[i] = gamma * (dout * (normalised(moved, eps) - here)).sum(axis=0) / h
        moved[i] = x[i]
    return dx, (dout * here).sum(axis=0).astype(gamma.dtype), dout.sum(axis=0)
