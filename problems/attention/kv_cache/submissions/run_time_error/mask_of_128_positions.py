"""The mask is made in the constructor, for 128 positions. A longer text has no place in it: make the mask as the call needs it."""

import math

import torch
from torch import nn


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads, max_len=128):
        super().__init__()
        self.num_heads = num_heads
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.register_buffer("mask", torch.tril(torch.ones(max_len, max_len)), persistent=False)

    def forward(self, x, cache=None):
        B, n, d = x.shape
        q, k, v = (w(x).view(B, n, self.num_heads, -1).transpose(1, 2) for w in (self.W_q, self.W_k, self.W_v))
        past = 0
        if cache is not None:
            past = cache[0].shape[2]
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])
        scores = scores.masked_fill(self.mask[past : past + n, : past + n] == 0, float("-inf"))
        y = torch.softmax(scores, dim=-1) @ v
        return self.W_o(y.transpose(1, 2).reshape(B, n, d)), (k, v)
