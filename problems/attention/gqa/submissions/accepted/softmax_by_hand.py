"""Softmax written out with the largest score of each row taken away, and divided behind the product with the values."""

import torch
from torch import Tensor, nn


class GroupQueryAttention:
    def __init__(self, d_model: int, num_heads: int, num_kv_heads: int) -> None:
        self.heads, self.kv_heads, self.width = num_heads, num_kv_heads, d_model // num_heads
        self.W_q: nn.Linear = nn.Linear(d_model, num_heads * self.width, bias=True)
        self.W_k: nn.Linear = nn.Linear(d_model, num_kv_heads * self.width, bias=True)
        self.W_v: nn.Linear = nn.Linear(d_model, num_kv_heads * self.width, bias=True)
        self.W_o: nn.Linear = nn.Linear(num_heads * self.width, d_model, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        B, S, D = x.shape
        q = self.W_q(x).reshape(B, S, self.heads, self.width).permute(0, 2, 1, 3)
        k = self.W_k(x).reshape(B, S, self.kv_heads, self.width).permute(0, 2, 3, 1)
        v = self.W_v(x).reshape(B, S, self.kv_heads, self.width).permute(0, 2, 1, 3)
        k_t = torch.stack([k[:, h * self.kv_heads // self.heads] for h in range(self.heads)], dim=1)
        v = torch.stack([v[:, h * self.kv_heads // self.heads] for h in range(self.heads)], dim=1)
        scores = torch.matmul(q, k_t) / (self.width**0.5)
        e = torch.exp(scores - scores.amax(dim=-1, keepdim=True).detach())
        out = torch.matmul(e, v) / e.sum(dim=-1, keepdim=True)
        return self.W_o(out.permute(0, 2, 1, 3).reshape(B, S, D))
