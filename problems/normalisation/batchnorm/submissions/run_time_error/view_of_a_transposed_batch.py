"""You flatten x with view. A view needs memory in the order of the indices, which a transposed batch does not
have.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    columns = x.view(-1).view(x.shape[0], x.shape[1])
    if training:
        mean = columns.mean(dim=0)
        var = columns.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (columns - mean) / torch.sqrt(var + eps) + beta
