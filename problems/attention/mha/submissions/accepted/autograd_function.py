"""The attention of all heads is an autograd function with a backward of its own."""

import torch
from torch import nn


class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, scale):
        p = torch.softmax(scale * (q @ k.mT), -1)
        ctx.save_for_backward(q, k, v, p)
        ctx.scale = scale
        return p @ v

    @staticmethod
    def backward(ctx, above):
        q, k, v, p = ctx.saved_tensors
        to_p = above @ v.mT
        to_scores = ctx.scale * p * (to_p - (to_p * p).sum(-1, keepdim=True))
        return to_scores @ k, to_scores.mT @ q, p.mT @ above, None


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        for layer in (self.W_q, self.W_k, self.W_v, self.W_o):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, Q, K, V):
        def heads(x):
            return x.unflatten(-1, (self.num_heads, -1)).movedim(-2, 1)

        q, k, v = heads(self.W_q(Q)), heads(self.W_k(K)), heads(self.W_v(V))
        out = Attend.apply(q, k, v, q.size(-1) ** -0.5)
        return self.W_o(out.movedim(1, -2).flatten(-2))
