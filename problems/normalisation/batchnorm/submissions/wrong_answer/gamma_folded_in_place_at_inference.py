"""At inference you fold the running variance into gamma in place, as tools do when they export a model. Each
further call folds once more.
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
        gamma.data.div_(torch.sqrt(var + eps))
        return gamma * (x - mean) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
