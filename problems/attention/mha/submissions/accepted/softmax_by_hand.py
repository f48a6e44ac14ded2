"""Softmax written out with the largest score of each row taken away, and divided behind the product with the values."""

import torch
from torch import nn, Tensor


class MultiHeadAttention:
    def __init__(self, d_model: int, num_heads: int) -> None:
        self.heads, self.width = num_heads, d_model // num_heads
        self.W_q: nn.Linear = nn.Linear(d_model, d_model, bias=True)
        self.W_k: nn.Linear = nn.Linear(d_model, d_model, bias=True)
        self.W_v: nn.Linear = nn.Linear(d_model, d_model, bias=True)
        self.W_o: nn.Linear = nn.Linear(d_model, d_model, bias=True)

    def forward(self, Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
        B, Sq, D = Q.shape
        Sk = K.shape[1]
        q = self.W_q(Q).reshape(B, Sq, self.heads, self.width).permute(0, 2, 1, 3)
        k_t = self.W_k(K).reshape(B, Sk, self.heads, self.width).permute(0, 2, 3, 1)
        v = self.W_v(V).reshape(B, Sk, self.heads, self.width).permute(0, 2, 1, 3)
        scores = torch.matmul(q, k_t) / (self.width**0.5)
        e = torch.exp(scores - scores.amax(dim=-1, keepdim=True).detach())
        out = torch.matmul(e, v) / e.sum(dim=-1, keepdim=True)
        return self.W_o(out.permute(0, 2, 1, 3).reshape(B, Sq, D))
