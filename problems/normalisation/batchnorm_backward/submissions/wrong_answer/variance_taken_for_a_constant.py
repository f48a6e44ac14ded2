"""You leave out the path through the variance. The gradient then asks for a larger or smaller spread of a feature,
which the normalisation takes out again.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    n = x.shape[0]
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    inv_std = 1 / np.sqrt(var + eps)
    x_hat = centred * inv_std
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout
    dmean = -(dx_hat * inv_std).sum(axis=0)
    dx = dx_hat * inv_std + dmean / n
    return dx, dgamma, dbeta
