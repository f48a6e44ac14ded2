"""The features are cut with chunk, a loop runs over the heads, cat puts them together."""

import torch
import torch.nn as nn


class MultiHeadAttention:
    def __init__(self, d_model, num_heads):
        self.num_heads = num_heads
        self.W_q, self.W_k, self.W_v, self.W_o = [nn.Linear(d_model, d_model) for _ in range(4)]

    def one_head(self, q, k, v):
        scores = torch.bmm(q, k.mT).div(q.size(2) ** 0.5)
        return torch.bmm(torch.nn.functional.softmax(scores, 2), v)

    def forward(self, Q, K, V):
        cut = [x.chunk(self.num_heads, dim=-1) for x in (self.W_q(Q), self.W_k(K), self.W_v(V))]
        heads = [self.one_head(q, k, v) for q, k, v in zip(*cut)]
        return self.W_o(torch.cat(heads, dim=-1))
