"""Groups by einsum, from the projections to the output; the attention weights are kept to look at."""

import torch
from torch import nn


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super(GroupQueryAttention, self).__init__()
        self.h, self.j = num_heads, num_kv_heads
        d = d_model // num_heads
        for name, width in (("q", d_model), ("k", d * num_kv_heads), ("v", d * num_kv_heads), ("o", d_model)):
            setattr(self, f"W_{name}", nn.Linear(d_model, width))
        self.weights = None

    def forward(self, x):
        q = self.W_q(x).unflatten(-1, (self.j, self.h // self.j, -1))
        k, v = (layer(x).unflatten(-1, (self.j, -1)) for layer in (self.W_k, self.W_v))
        scores = torch.einsum("bsjgd,btjd->bjgst", q, k) / q.shape[-1] ** 0.5
        self.weights = torch.softmax(scores, -1)
        heads = torch.einsum("bjgst,btjd->bsjgd", self.weights, v)
        weight = self.W_o.weight.unflatten(1, heads.shape[2:])
        return torch.einsum("bsjgd,mjgd->bsm", heads, weight) + self.W_o.bias
