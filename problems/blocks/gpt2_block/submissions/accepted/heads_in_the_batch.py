"""Heads folded into the batch, with baddbmm onto the mask, in functional forms of the layers."""

import torch
import torch.nn.functional as F
from torch import nn


def fold(t, heads):
    b, s, d = t.shape
    return t.reshape(b, s, heads, d // heads).movedim(2, 1).reshape(b * heads, s, d // heads)


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.W_q = nn.Linear(in_features=d_model, out_features=d_model, bias=True)
        self.W_k = nn.Linear(in_features=d_model, out_features=d_model, bias=True)
        self.W_v = nn.Linear(in_features=d_model, out_features=d_model, bias=True)
        self.W_o = nn.Linear(in_features=d_model, out_features=d_model, bias=True)
        hidden = d_model * 4
        self.mlp = nn.ModuleDict({"up": nn.Linear(d_model, hidden), "act": nn.GELU(), "down": nn.Linear(hidden, d_model)})
        self.ln1, self.ln2 = nn.LayerNorm([d_model]), nn.LayerNorm([d_model])

    def forward(self, x):
        b, s, d = x.shape
        n = F.layer_norm(x, (d,), self.ln1.weight, self.ln1.bias, self.ln1.eps)
        weight = torch.cat([self.W_q.weight, self.W_k.weight, self.W_v.weight])
        bias = torch.cat([self.W_q.bias, self.W_k.bias, self.W_v.bias])
        q, k, v = (fold(part, self.num_heads) for part in F.linear(n, weight, bias).split(d, dim=-1))
        mask = x.new_full((s, s), -1e9).triu(1).expand(b * self.num_heads, s, s)
        weights = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=(d // self.num_heads) ** -0.5).softmax(dim=2)
        joined = torch.bmm(weights, v).view(b, self.num_heads, s, -1).movedim(1, 2).flatten(2)
        h = torch.add(x, self.W_o(joined))
        up, act, down = self.mlp.values()
        return torch.add(h, down(act(up(self.ln2(h)))))
