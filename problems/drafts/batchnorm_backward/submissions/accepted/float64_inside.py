"""Computes in float64 and casts all three results back to the dtype of x; works on copies, in place."""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    g = np.array(dout, dtype=np.float64)
    z = np.array(x, dtype=np.float64)
    z -= z.mean(axis=0)
    std = np.sqrt((z * z).mean(axis=0) + eps)
    z /= std
    dbeta = g.sum(axis=0)
    dgamma = (g * z).sum(axis=0)
    z *= dgamma / len(x)
    g -= z
    g -= dbeta / len(x)
    g *= gamma / std
    return g.astype(x.dtype), dgamma.astype(x.dtype), dbeta.astype(x.dtype)
