"""You compute the inference result under no_grad. Inference mode only says which statistics are used:
fine-tuning with frozen statistics, saliency maps and adversarial examples all need the gradient.
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
        with torch.no_grad():
            return gamma * (x - mean) / torch.sqrt(var + eps) + beta
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
