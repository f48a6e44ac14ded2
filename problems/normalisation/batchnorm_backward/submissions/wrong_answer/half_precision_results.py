"""You return float16 for float32 arguments, to save memory. Gradients are often smaller than 6e-8, the smallest number
that float16 has, and then nothing is learned at all.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx = gamma * inv_std / n * (n * dout - dbeta - x_hat * dgamma)
    if x.dtype == np.float32:
        return dx.astype(np.float16), dgamma.astype(np.float16), dbeta.astype(np.float16)
    return dx, dgamma, dbeta
