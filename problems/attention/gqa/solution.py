"""Grouped-query attention: J. Ainslie and others, "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head
Checkpoints", 2023, section 2.2.
"""

import math

import torch
from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.num_heads = num_heads
        self.num_kv_heads = num_kv_heads
        self.d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_v = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_o = nn.Linear(d_model, d_model)

    def split(self, x, heads):
        """(B, S, heads * d_k) to (B, heads, S, d_k): a head is a run of d_k features."""
        B, S, _ = x.shape
        return x.view(B, S, heads, self.d_k).transpose(1, 2)

    def forward(self, x):
        q = self.split(self.W_q(x), self.num_heads)
        k = self.split(self.W_k(x), self.num_kv_heads)
        v = self.split(self.W_v(x), self.num_kv_heads)
        # Each key-value head stands `group` times in a row, once for each query head of its group.
        group = self.num_heads // self.num_kv_heads
        k = k.repeat_interleave(group, dim=1)  # (B, num_heads, S, d_k)
        v = v.repeat_interleave(group, dim=1)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d_k)
        weights = torch.softmax(scores, dim=-1)
        joined = (weights @ v).transpose(1, 2).flatten(2)
        return self.W_o(joined)
