"""The backward pass of batch normalisation: the chain rule, as S. Ioffe and C. Szegedy write it out in
section 3 of "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
Shift", 2015. Each gradient has the name of its quantity with a d in front.
"""

import numpy as np


def batchnorm_backward(dout, x, gamma, eps=1e-5):
    """Return the gradients of the loss with respect to `x`, `gamma` and `beta`."""
    n = x.shape[0]

    # The forward pass again: we need what it computed on the way.
    centred = x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)  # biased: divided by N
    inverse_std = 1 / np.sqrt(var + eps)
    x_hat = centred * inverse_std

    # y = gamma * x_hat + beta: each parameter serves all rows, so its gradient sums over them.
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = gamma * dout

    # x_hat = centred * (var + eps)^(-1/2), and the derivative of a power brings its exponent down.
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * inverse_std**3
    # Moving the mean moves every x_hat. It moves var too, but by the sum of centred, which is 0.
    dmean = -(dx_hat * inverse_std).sum(axis=0)

    # Every x takes part three times: in its own x_hat, in var (as its square, over N) and in mean (over N).
    dx = dx_hat * inverse_std + dvar * 2 * centred / n + dmean / n
    return dx, dgamma, dbeta
