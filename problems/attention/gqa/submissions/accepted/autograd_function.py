"""The attention of all heads is an autograd function with a backward of its own, which sums over the groups."""

import torch
from torch import nn


class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v):
        """q: (B, n, g, S, d); k, v: (B, n, S, d)."""
        scale = q.shape[-1] ** -0.5
        p = torch.softmax(scale * (q @ k.unsqueeze(2).mT), dim=-1)
        ctx.save_for_backward(q, k, v, p)
        ctx.scale = scale
        return p @ v.unsqueeze(2)

    @staticmethod
    def backward(ctx, above):
        q, k, v, p = ctx.saved_tensors
        to_p = above @ v.unsqueeze(2).mT
        to_scores = ctx.scale * p * (to_p - (to_p * p).sum(dim=-1, keepdim=True))
        return to_scores @ k.unsqueeze(2), (to_scores.mT @ q).sum(dim=2), (p.mT @ above).sum(dim=2)


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super().__init__()
        self.h, self.n = num_heads, num_kv_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model * num_kv_heads // num_heads)
        self.W_v = nn.Linear(d_model, d_model * num_kv_heads // num_heads)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, x):
        q = self.W_q(x).unflatten(-1, (self.n, self.h // self.n, -1)).movedim(1, 3)
        k = self.W_k(x).unflatten(-1, (self.n, -1)).movedim(1, 2)
        v = self.W_v(x).unflatten(-1, (self.n, -1)).movedim(1, 2)
        return self.W_o(Attend.apply(q, k, v).movedim(3, 1).flatten(2))
