"""At inference you fold gamma and the variance into one factor without a graph. That is fine for a model that
is only served, but fine-tuning with frozen statistics still trains gamma.
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
    if not training:
        return gamma.detach() / torch.sqrt(var + eps) * (x - mean) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
