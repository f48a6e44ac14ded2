"""You cut Q, K and V into heads with the length of Q. There may be another number of keys."""

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

    def forward(self, Q, K, V):
        B, S, D = Q.shape
        q = self.W_q(Q).view(B, S, self.num_heads, self.d_k).transpose(1, 2)
        k = self.W_k(K).view(B, S, self.num_heads, self.d_k).transpose(1, 2)
        v = self.W_v(V).view(B, S, self.num_heads, self.d_k).transpose(1, 2)
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(self.d_k), dim=-1)
        return self.W_o((weights @ v).transpose(1, 2).reshape(B, S, D))
