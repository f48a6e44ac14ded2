"""Only the band: keys and values are padded and unfolded into windows, and the padding is masked."""

import torch
import torch.nn.functional as F


def sliding_window_attention(Q, K, V, window_size):
    length = Q.shape[1]
    w = min(window_size, length - 1)
    keys = F.pad(K, (0, 0, w, w)).unfold(1, 2 * w + 1, 1)  # (B, S, d_k, 2w + 1)
    values = F.pad(V, (0, 0, w, w)).unfold(1, 2 * w + 1, 1)  # (B, S, d_v, 2w + 1)
    scores = torch.einsum("bsd,bsdn->bsn", Q, keys) / Q.shape[2] ** 0.5
    neighbour = torch.arange(length)[:, None] + torch.arange(-w, w + 1)
    inside = (neighbour >= 0) & (neighbour < length)
    scores = torch.where(inside, scores, -torch.inf)
    return torch.einsum("bsn,bsen->bse", torch.softmax(scores, dim=-1), values)
