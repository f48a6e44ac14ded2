"""Gradients inside the function: the scale is a derivative.

Expected: accepted
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    else:
        mean, var = running_mean, running_var
    scale = torch.func.vmap(torch.func.grad(lambda v: 2 * torch.sqrt(v + eps)))(var.detach())
    assert torch.allclose(scale, (var.detach() + eps) ** -0.5)
    hessian = torch.func.hessian(lambda m: (m**2).sum())(mean.detach())
    assert hessian.shape[0] == x.shape[1]
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
