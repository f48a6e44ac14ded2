"""Compiles a TorchScript source string that calls it.

Expected: rule violation
"""

import torch

unit = torch.jit.CompilationUnit("""
def norm(x: Tensor, g: Tensor, b: Tensor, m: Tensor, v: Tensor, training: bool, momentum: float, eps: float) -> Tensor:
    return torch.batch_norm(x, g, b, m, v, training, momentum, eps, False)
""")


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return unit.norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
