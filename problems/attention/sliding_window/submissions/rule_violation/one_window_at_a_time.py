"""You call the built-in attention once for each position, with the keys that it sees. It is still the built-in attention."""

import torch
import torch.nn.functional as F


def sliding_window_attention(Q, K, V, window_size):
    rows = []
    for i in range(Q.shape[1]):
        seen = slice(max(0, i - window_size), i + window_size + 1)
        rows.append(F.scaled_dot_product_attention(Q[:, i : i + 1], K[:, seen], V[:, seen]))
    return torch.cat(rows, dim=1)
