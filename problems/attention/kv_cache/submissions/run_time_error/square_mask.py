"""You make a square mask of the new tokens. With a cache there are more keys than new tokens, and the mask does not fit the scores."""

import torch
import torch.nn.functional as F
from torch import nn


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)

    def forward(self, x, cache=None):
        B, n, d = x.shape
        q, k, v = (w(x).view(B, n, self.num_heads, -1).transpose(1, 2) for w in (self.W_q, self.W_k, self.W_v))
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        scores = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        weights = F.softmax(scores.masked_fill(torch.ones(n, n).triu(1).bool(), -torch.inf), dim=-1)
        return self.W_o((weights @ v).transpose(1, 2).reshape(B, n, d)), (k, v)
