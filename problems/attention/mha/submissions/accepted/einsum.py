"""Everything by einsum; the output projection takes the heads as they are."""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.h = num_heads
        for name in "qkvo":
            setattr(self, f"W_{name}", nn.Linear(d_model, d_model))

    def project(self, layer, x):
        weight = layer.weight.unflatten(0, (self.h, -1))
        return torch.einsum("bsm,hdm->bhsd", x, weight) + layer.bias.unflatten(0, (self.h, 1, -1))

    def forward(self, Q, K, V):
        q, k, v = self.project(self.W_q, Q), self.project(self.W_k, K), self.project(self.W_v, V)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * q.shape[-1] ** -0.5
        heads = torch.einsum("bhqk,bhkd->bhqd", scores.softmax(-1), v)
        return torch.einsum("bhqd,mhd->bqm", heads, self.W_o.weight.unflatten(1, (self.h, -1))) + self.W_o.bias
