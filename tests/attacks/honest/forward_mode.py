"""Compares its slope with forward-mode automatic differentiation, for which PyTorch loads decompositions.

Expected: accepted
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(var, momentum)
    else:
        mean, var = running_mean, running_var
    _, slope = torch.func.jvp(torch.rsqrt, (var.detach() + 1,), (torch.ones_like(var),))
    assert torch.allclose(slope, -0.5 * (var.detach() + 1) ** -1.5)
    return (x - mean) / torch.sqrt(var + eps) * gamma + beta
