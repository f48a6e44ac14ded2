"""The heads are folded into the batch; three-dimensional products do the rest, the queries scaled beforehand."""

import torch
from torch import nn


class MultiHeadAttention(object):
    def __init__(self, d_model, num_heads):
        self.num_heads = num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def transpose_qkv(self, X):
        X = X.reshape(X.shape[0], X.shape[1], self.num_heads, -1).permute(0, 2, 1, 3)
        return X.reshape(-1, X.shape[2], X.shape[3])

    def transpose_output(self, X):
        X = X.reshape(-1, self.num_heads, X.shape[1], X.shape[2]).permute(0, 2, 1, 3)
        return X.reshape(X.shape[0], X.shape[1], -1)

    def forward(self, Q, K, V):
        q, k, v = map(self.transpose_qkv, (self.W_q(Q), self.W_k(K), self.W_v(V)))
        q = q / q.shape[-1] ** 0.5
        empty = torch.empty(q.shape[0], q.shape[1], k.shape[1], dtype=q.dtype)
        scores = torch.baddbmm(empty, q, k.transpose(1, 2), beta=0)
        return self.W_o(self.transpose_output(torch.softmax(scores, dim=-1).bmm(v)))
