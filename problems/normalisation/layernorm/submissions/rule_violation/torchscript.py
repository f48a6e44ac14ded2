"""You compile a call of the built-in layer norm with TorchScript. It runs the same operator."""

import torch
import torch.nn.functional as F
from torch import Tensor


@torch.jit.script
def scripted(x: Tensor, gamma: Tensor, beta: Tensor, eps: float):
    return F.layer_norm(x, [x.shape[-1]], gamma, beta, eps)


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return scripted(x, gamma, beta, eps)
