"""You hand the projected tensors to nn.MultiheadAttention, whose own projections are the identity."""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.inner = nn.MultiheadAttention(d_model, num_heads, bias=False, batch_first=True)
        with torch.no_grad():
            self.inner.in_proj_weight.copy_(torch.eye(d_model).repeat(3, 1))
            self.inner.out_proj.weight.copy_(torch.eye(d_model))

    def forward(self, Q, K, V):
        return self.W_o(self.inner(self.W_q(Q), self.W_k(K), self.W_v(V))[0])
