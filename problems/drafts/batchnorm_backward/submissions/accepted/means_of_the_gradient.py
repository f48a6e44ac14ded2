"""Three lines: take the mean and the part along x_hat out of the gradient. Other names for the parameters."""

import numpy as np


def batchnorm_backward(above, batch, scale, *, eps=1e-5):
    std = np.sqrt(np.var(batch, axis=0) + eps)
    z = (batch - np.mean(batch, axis=0)) / std
    to_batch = scale / std * (above - np.mean(above, axis=0) - z * np.mean(above * z, axis=0))
    return to_batch, np.sum(above * z, axis=0), np.sum(above, axis=0)
