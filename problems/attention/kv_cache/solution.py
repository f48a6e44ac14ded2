"""Causal multi-head attention with a cache of keys and values: A. Vaswani and others, "Attention Is All You Need", 2017, section
3.2, computed token by token or chunk by chunk as in N. Shazeer, "Fast Transformer Decoding", 2019, section 2.4.
"""

import math

import torch
from torch import nn


class KVCacheAttention(nn.Module):
    """Causal multi-head self-attention that goes on from the keys and values of earlier tokens."""

    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, x, cache=None):
        batch, new, d_model = x.shape
        d_k = d_model // self.num_heads

        def split(features):  # (B, S_new, d_model) -> (B, heads, S_new, d_k)
            return features.view(batch, new, self.num_heads, d_k).transpose(1, 2)

        q, k, v = split(self.W_q(x)), split(self.W_k(x)), split(self.W_v(x))
        past = 0
        if cache is not None:
            past = cache[0].shape[2]
            k = torch.cat([cache[0], k], dim=2)
            v = torch.cat([cache[1], v], dim=2)

        scores = q @ k.transpose(-2, -1) / math.sqrt(d_k)  # (B, heads, S_new, past + S_new)
        # New token n stands at position past + n, and sees all up to there.
        visible = torch.ones(new, past + new, dtype=torch.bool, device=x.device).tril(past)
        weights = torch.softmax(scores.masked_fill(~visible, float("-inf")), dim=-1)
        joined = (weights @ v).transpose(1, 2).reshape(batch, new, d_model)
        return self.W_o(joined), (k, v)
