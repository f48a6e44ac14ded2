"""Works on the transpose, one feature in each row; the result is a transposed view."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    rows = x.T
    if training:
        mean = rows.mean(-1)
        rows = rows - mean[:, None]
        var = torch.linalg.vecdot(rows, rows) / rows.shape[-1]
        running_mean.set_((running_mean + momentum * (mean - running_mean)).detach())
        running_var.set_((running_var + momentum * (var - running_var)).detach())
    else:
        rows, var = rows - running_mean[:, None], running_var
    return (rows * (gamma / torch.sqrt(var + eps))[:, None] + beta[:, None]).T
