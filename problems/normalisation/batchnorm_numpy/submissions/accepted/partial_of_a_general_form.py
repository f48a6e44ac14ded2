"""functools.partial of a function that normalises over any axis; a loop over features would do as well."""

from functools import partial

import numpy as np


def normalise(axis, x, *learned_and_running, eps, momentum, is_training):
    gamma, beta, *running = learned_and_running
    batch = [np.mean(x, axis), np.var(x, axis)]
    if is_training:
        running = [np.average(np.stack(pair), axis=0, weights=[1 - momentum, momentum]).astype(x.dtype) for pair in zip(running, batch)]
    mean, var = batch if is_training else running
    shape = [-1 if d != axis else 1 for d in range(x.ndim)]
    x_hat = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return x_hat * gamma.reshape(shape) + beta.reshape(shape), *running


batchnorm_forward = partial(normalise, 0, eps=1e-5, momentum=0.1, is_training=True)
