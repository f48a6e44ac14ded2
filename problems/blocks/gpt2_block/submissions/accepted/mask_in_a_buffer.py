"""A mask of 1024 positions in a buffer, as in GPT-2's own code."""

import torch
from torch import nn
from torch.nn import functional as F


class Attend:
    """The arithmetic of the heads, without any weights."""

    def __init__(self, heads):
        self.heads = heads

    def __call__(self, q, k, v, hidden):
        b, s, d = q.shape
        q, k, v = (t.view(b, s, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / (k.size(-1) ** 0.5))
        att = F.softmax(att.masked_fill(hidden, torch.finfo(att.dtype).min), dim=-1)
        return (att @ v).transpose(1, 2).reshape(b, s, d)


class GPT2Block(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.ln1 = nn.LayerNorm(d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.ln2 = nn.LayerNorm(d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.Sequential(nn.GELU(), nn.Linear(4 * d_model, d_model)))
        self.attend = Attend(num_heads)
        self.register_buffer("bias", torch.ones(1024, 1024, dtype=torch.bool).triu(1))

    def forward(self, x):
        s = x.size(1)
        hidden = self.bias
        n = self.ln1(x)
        x = x + self.W_o(self.attend(self.W_q(n), self.W_k(n), self.W_v(n), hidden[:s, :s]))
        y = self.mlp(self.ln2(x))
        y += x
        return y
