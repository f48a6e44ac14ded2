import math

import torch
import torch.nn.functional as F


def sliding_window_attention(Q, K, V, window_size):
    B, S, d_k = Q.shape
    scores = torch.bmm(Q, K.transpose(1, 2)) / math.sqrt(d_k)
    idx = torch.arange(S, device=Q.device)
    mask = (idx.unsqueeze(0) - idx.unsqueeze(1)).abs() <= window_size
    scores = scores.masked_fill(~mask, float("-inf"))
    weights = F.softmax(scores, dim=-1)
    return torch.bmm(weights, V)
