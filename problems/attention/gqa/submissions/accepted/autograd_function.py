"""An autograd function whose backward adds up the gradients of a group; keys and values are picked by an index."""

import torch
from torch import nn


class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, index, scale):
        p = torch.softmax(scale * (q @ k[:, index].mT), -1)
        ctx.save_for_backward(q, k, v, index, p)
        ctx.scale = scale
        return p @ v[:, index]

    @staticmethod
    def backward(ctx, above):
        q, k, v, index, p = ctx.saved_tensors
        to_p = above @ v[:, index].mT
        to_scores = ctx.scale * p * (to_p - (to_p * p).sum(-1, keepdim=True))
        to_k = torch.zeros_like(k).index_add(1, index, to_scores.mT @ q)
        to_v = torch.zeros_like(v).index_add(1, index, p.mT @ above)
        return to_scores @ k[:, index], to_k, to_v, None, None


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super().__init__()
        self.d_k = d_model // num_heads
        self.register_buffer("index", torch.arange(num_heads) // (num_heads // num_kv_heads), persistent=False)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_v = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_o = nn.Linear(d_model, d_model)
        for layer in (self.W_q, self.W_k, self.W_v, self.W_o):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        q, k, v = (layer(x).unflatten(-1, (-1, self.d_k)).movedim(-2, 1) for layer in (self.W_q, self.W_k, self.W_v))
        return self.W_o(Attend.apply(q, k, v, self.index, self.d_k**-0.5).movedim(1, -2).flatten(-2))
