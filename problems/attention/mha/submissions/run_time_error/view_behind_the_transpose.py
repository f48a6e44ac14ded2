"""You join the heads with view behind the transpose. The numbers do not lie one after another there, and view refuses; reshape, or
contiguous() before it, copies them.
"""

import math

import torch
from torch import nn


class MultiHeadAttention:
    def __init__(self, d_model, num_heads):
        self.d_model = d_model
        self.num_heads = num_heads
        self.d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, Q, K, V):
        B = Q.size(0)
        q = self.W_q(Q).view(B, -1, self.num_heads, self.d_k).transpose(1, 2)
        k = self.W_k(K).view(B, -1, self.num_heads, self.d_k).transpose(1, 2)
        v = self.W_v(V).view(B, -1, self.num_heads, self.d_k).transpose(1, 2)
        weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(self.d_k), dim=-1)
        return self.W_o((weights @ v).transpose(1, 2).view(B, -1, self.d_model))
