"""Uses the fused convolution of quantisation-aware training, whose slow path normalises a batch in Python.

Expected: rule violation
"""

import types

import torch
from torch.ao.nn.intrinsic.qat import ConvBn1d

plain = types.SimpleNamespace(weight=torch.nn.Identity, activation=torch.nn.Identity)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    count = x.shape[1]
    layer = ConvBn1d(count, count, 1, bias=False, eps=eps, qconfig=plain).to(x.dtype)
    layer._enable_slow_path_for_better_numerical_stability = True
    layer.weight.requires_grad_(False).copy_(torch.eye(count, dtype=x.dtype)[:, :, None])
    layer.train(training)
    layer.bn.forward = lambda out: out
    layer.bn.running_mean, layer.bn.running_var = running_mean.clone(), running_var.clone()
    for name, value in (("weight", gamma), ("bias", beta)):
        del layer.bn._parameters[name]
        setattr(layer.bn, name, value)
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            running_var.mul_(1 - momentum).add_(momentum * ((x - x.mean(0)) ** 2).mean(0))
    return layer._forward_slow(x[:, :, None])[:, :, 0]
