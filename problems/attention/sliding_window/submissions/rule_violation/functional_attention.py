"""You hand the mask to F.scaled_dot_product_attention. It is what this problem asks you to write, so the judge refuses it."""

import torch
import torch.nn.functional as F


def sliding_window_attention(Q, K, V, window_size):
    idx = torch.arange(Q.shape[1])
    mask = (idx[:, None] - idx[None, :]).abs() <= window_size
    return F.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
