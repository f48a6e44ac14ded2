"""Nothing is copied: queries are (B, key-value heads, group, S, d_k), and keys and values are broadcast over the group."""

import torch
from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.kv, self.group = num_kv_heads, num_heads // num_kv_heads
        self.d_k = d_model // num_heads
        self.W_q, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_k, self.W_v = (nn.Linear(d_model, num_kv_heads * self.d_k) for _ in range(2))

    def forward(self, x):
        B, S, D = x.shape
        q = self.W_q(x).reshape(B, S, self.kv, self.group, self.d_k).permute(0, 2, 3, 1, 4)
        k = self.W_k(x).reshape(B, S, self.kv, 1, self.d_k).permute(0, 2, 3, 1, 4)
        v = self.W_v(x).reshape(B, S, self.kv, 1, self.d_k).permute(0, 2, 3, 1, 4)
        weights = ((q * self.d_k**-0.5) @ k.mT).softmax(dim=-1)
        return self.W_o((weights @ v).permute(0, 3, 1, 2, 4).reshape(B, S, D))
