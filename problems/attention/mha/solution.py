"""Multi-head attention: A. Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2."""

import math

import torch
from torch import nn


class MultiHeadAttention:
    def __init__(self, d_model, num_heads):
        self.num_heads = num_heads
        self.d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def split(self, x):
        """(B, S, d_model) to (B, num_heads, S, d_k): a head is a run of d_k features."""
        B, S, _ = x.shape
        return x.view(B, S, self.num_heads, self.d_k).transpose(1, 2)

    def forward(self, Q, K, V):
        q = self.split(self.W_q(Q))
        k = self.split(self.W_k(K))
        v = self.split(self.W_v(V))
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.d_k)
        weights = torch.softmax(scores, dim=-1)
        heads = weights @ v  # (B, num_heads, S_q, d_k)
        joined = heads.transpose(1, 2).flatten(2)
        return self.W_o(joined)
