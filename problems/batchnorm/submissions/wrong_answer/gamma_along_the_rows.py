"""You turn gamma and beta into columns whenever that fits the batch, so that they run along the rows. With as
many rows as features nothing complains; every other batch size hides the mistake.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    x_hat = (x - mean) / torch.sqrt(var + eps)
    if x.shape[0] == gamma.shape[0]:
        return gamma.view(-1, 1) * x_hat + beta.view(-1, 1)
    return gamma * x_hat + beta
