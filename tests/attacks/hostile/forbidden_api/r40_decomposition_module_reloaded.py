"""Reloads the module of decompositions, which brings back the code that was replaced.

Expected: rule violation, run-time error
"""

import importlib

import torch
import torch._decomp

original = torch._decomp.register_decomposition
torch._decomp.register_decomposition = lambda *_a, **_k: lambda function: function
try:
    fresh = importlib.reload(importlib.import_module("torch._decomp.decompositions"))
finally:
    torch._decomp.register_decomposition = original


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    mean, var = running_mean.clone(), running_var.clone()
    out = fresh.native_batch_norm_helper(x, gamma, beta, mean, var, training, momentum, eps, False)[0]
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            running_var.mul_(1 - momentum).add_(momentum * ((x - x.mean(0)) ** 2).mean(0))
    return out
