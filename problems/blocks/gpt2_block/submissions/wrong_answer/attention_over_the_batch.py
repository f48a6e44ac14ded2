"""Sequences see each other, and positions do not: attention runs over the batch. Usually x is taken as (S, B, d_model), the
order of PyTorch's own attention without batch_first.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.ln1, self.ln2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))

    def forward(self, x):
        S, B, d_model = x.shape
        n = self.ln1(x)
        q, k, v = (w(n).view(S, B * self.num_heads, -1).transpose(0, 1) for w in (self.W_q, self.W_k, self.W_v))
        scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
        scores = scores.masked_fill(torch.ones(S, S).triu(1).bool(), float("-inf"))
        joined = (scores.softmax(-1) @ v).transpose(0, 1).reshape(S, B, d_model)
        x = x + self.W_o(joined)
        return x + self.mlp(self.ln2(x))
