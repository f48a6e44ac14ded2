"""The queries of a group are more rows of the same matrix: three-dimensional products over batch and key-value heads."""

import torch
from torch import nn


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super().__init__()
        self.sizes = num_kv_heads, num_heads // num_kv_heads, d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, self.sizes[0] * self.sizes[2])
        self.W_v = nn.Linear(d_model, self.sizes[0] * self.sizes[2])
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, x):
        (B, S, _), (n, g, d) = x.shape, self.sizes
        q = self.W_q(x).view(B, S, n, g, d).permute(0, 2, 3, 1, 4).reshape(B * n, g * S, d)
        k = self.W_k(x).view(B, S, n, d).transpose(1, 2).reshape(B * n, S, d)
        v = self.W_v(x).view(B, S, n, d).transpose(1, 2).reshape(B * n, S, d)
        scores = torch.baddbmm(torch.zeros((), dtype=x.dtype), q, k.transpose(1, 2), beta=0, alpha=d**-0.5)
        out = torch.bmm(torch.softmax(scores, dim=2), v)
        return self.W_o(out.view(B, n, g, S, d).permute(0, 3, 1, 2, 4).reshape(B, S, n * g * d))
