"""Works on a copy of the transpose, one feature in each row; the output is a transposed view."""

import numpy as np


def batchnorm_forward(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5, is_training=True):
    rows = x.T.copy()
    if is_training:
        mean = rows.mean(axis=-1)
        rows -= mean[:, None]
        var = np.linalg.norm(rows, axis=-1) ** 2 / rows.shape[-1]
        running_mean = running_mean * (1 - momentum) + mean * momentum
        running_var = running_var * (1 - momentum) + var * momentum
    else:
        rows -= running_mean[:, None]
        var = running_var
    rows *= (gamma / np.sqrt(var + eps))[:, None]
    rows += beta[:, None]
    return rows.T, running_mean, running_var
