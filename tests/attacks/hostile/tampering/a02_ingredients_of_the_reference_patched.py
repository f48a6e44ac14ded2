"""Patches the arithmetic that a reference in the same process would use, so that it computes zeros too.

Expected: wrong answer, run-time error
"""

import torch

for name in ("mean", "var", "__add__", "__sub__", "__mul__", "__truediv__", "__pow__", "sqrt"):
    setattr(torch.Tensor, name, lambda self, *_arguments, **_options: torch.zeros_like(self))
torch.sqrt = lambda value: torch.zeros_like(value)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return torch.zeros_like(x)
