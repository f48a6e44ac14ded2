"""You compile a call of the built-in attention with TorchScript. It runs the same operator."""

import torch
import torch.nn.functional as F


@torch.jit.script
def scripted(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, mask: torch.Tensor):
    return F.scaled_dot_product_attention(Q, K, V, mask)


def sliding_window_attention(Q, K, V, window_size):
    idx = torch.arange(Q.shape[1])
    return scripted(Q, K, V, (idx[:, None] - idx[None, :]).abs() <= window_size)
