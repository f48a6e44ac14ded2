"""You clamp the normalised values to plus or minus 10, so that nothing explodes. Values that far out are rare in
training and lose their gradient there; at inference, where they do occur, the output is wrong.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean, var = x.mean(dim=0), x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    normalised = (x - mean) / torch.sqrt(var + eps)
    return gamma * normalised.clamp(-10, 10) + beta
