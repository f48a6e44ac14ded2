"""The output first, then the update; the buffers are detached in place at the end."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return torch.addcdiv(beta, gamma * (x - running_mean), (running_var + eps).sqrt())
    mean = x.mean(dim=0)
    centred = x - mean
    var = torch.linalg.vector_norm(centred, dim=0) ** 2 / x.shape[0]
    output = torch.addcdiv(beta, gamma * centred, torch.sqrt(var + eps))
    for running, batch in ((running_mean, mean), (running_var, var)):
        running.mul_(1 - momentum).add_(batch, alpha=momentum).detach_()
    return output
