"""A block of GPT-2, after A. Radford and others, "Language Models are Unsupervised Multitask Learners", 2019, section 2.3:
the transformer decoder with layer norm moved to the input of each branch.
"""

import math

import torch
from torch import nn


class GPT2Block(nn.Module):
    """A pre-norm transformer block: x + attention(ln1(x)), then plus mlp(ln2(.))."""

    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.ln1 = nn.LayerNorm(d_model)
        self.ln2 = nn.LayerNorm(d_model)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))

    def forward(self, x):
        # Only the branches are normalised: the sum takes x as it came in.
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))

    def attention(self, h):
        batch, length, d_model = h.shape
        d_k = d_model // self.num_heads

        def split(features):  # (B, S, d_model) -> (B, heads, S, d_k)
            return features.view(batch, length, self.num_heads, d_k).transpose(1, 2)

        q, k, v = split(self.W_q(h)), split(self.W_k(h)), split(self.W_v(h))
        scores = q @ k.transpose(-2, -1) / math.sqrt(d_k)
        later = torch.ones(length, length, dtype=torch.bool, device=h.device).triu(1)
        weights = torch.softmax(scores.masked_fill(later, float("-inf")), dim=-1)
        joined = (weights @ v).transpose(1, 2).reshape(batch, length, d_model)
        return self.W_o(joined)


class GPT2BlockByTanh(GPT2Block):
    """The same with GELU by tanh, as GPT-2 has it; as right as the exact one."""

    def __init__(self, d_model, num_heads):
        super().__init__(d_model, num_heads)
        self.mlp[1] = nn.GELU(approximate="tanh")
