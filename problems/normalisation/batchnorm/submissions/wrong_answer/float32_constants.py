"""You collect the statistics in new tensors that torch.zeros creates in float32. For float64 inputs they are
rounded on the way, although the result is float64 again.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = torch.zeros(x.shape[1])
        mean = mean + x.mean(dim=0).float()
        var = torch.zeros(x.shape[1])
        var = var + x.var(dim=0, unbiased=False).float()
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
