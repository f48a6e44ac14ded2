"""Position by position: each one looks at the keys up to itself, so that there is no mask at all."""

import torch
from torch import nn


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.shape = (num_heads, d_model // num_heads)
        self.ln1 = nn.LayerNorm(d_model, eps=1e-5)
        self.ln2 = nn.LayerNorm(d_model, eps=1e-5)
        self.W_q, self.W_k = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_v, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.mlp = nn.Sequential()
        self.mlp.add_module("c_fc", nn.Linear(d_model, 4 * d_model))
        self.mlp.add_module("gelu", nn.GELU(approximate="none"))
        self.mlp.add_module("c_proj", nn.Linear(4 * d_model, d_model))

    def forward(self, x):
        n = self.ln1(x)
        q = self.W_q(n).unflatten(2, self.shape) / self.shape[1] ** 0.5
        k, v = self.W_k(n).unflatten(2, self.shape), self.W_v(n).unflatten(2, self.shape)
        rows = []
        for i in range(x.shape[1]):
            scores = (q[:, i : i + 1] * k[:, : i + 1]).sum(-1, keepdim=True)  # (B, i + 1, heads, 1)
            rows.append((torch.softmax(scores, dim=1) * v[:, : i + 1]).sum(1))
        x = x + self.W_o(torch.stack(rows, dim=1).flatten(2))
        return x + self.mlp(self.ln2(x))
