"""At inference you take the running variance but still subtract the batch's mean. It is a line moved out of
the if; with test batches whose mean differs from the training data's, the shift that the model should see
is removed.
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
        mean, var = x.mean(dim=0), running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
