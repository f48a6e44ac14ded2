"""Lists and the math module; NumPy only makes the arrays at the end."""

import math

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    columns = []
    for values, above, g in zip(x.T.tolist(), dout.T.tolist(), gamma.tolist()):
        n = len(values)
        mean = math.fsum(values) / n
        var = math.fsum((v - mean) ** 2 for v in values) / n
        std = math.sqrt(var + eps)
        z = [(v - mean) / std for v in values]
        db = math.fsum(above)
        dg = math.fsum(a * b for a, b in zip(above, z))
        columns.append(([g / std * (a - db / n - b * dg / n) for a, b in zip(above, z)], dg, db))
    dx, dgamma, dbeta = (np.array(each, dtype=x.dtype) for each in zip(*columns))
    return dx.T, dgamma, dbeta
