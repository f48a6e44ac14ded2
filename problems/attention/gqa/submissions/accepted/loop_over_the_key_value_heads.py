"""A loop over the key-value heads; the query heads of a group are stacked, and share the product with the keys."""

import torch
import torch.nn as nn


class GroupQueryAttention(object):
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.group = num_heads // num_kv_heads
        self.num_kv_heads = num_kv_heads
        d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, num_heads * d_k)
        self.W_k = nn.Linear(d_model, num_kv_heads * d_k)
        self.W_v = nn.Linear(d_model, num_kv_heads * d_k)
        self.W_o = nn.Linear(num_heads * d_k, d_model)

    def forward(self, x):
        queries = self.W_q(x).chunk(self.num_kv_heads, dim=-1)
        keys = self.W_k(x).chunk(self.num_kv_heads, dim=-1)
        values = self.W_v(x).chunk(self.num_kv_heads, dim=-1)
        outputs = []
        for q, k, v in zip(queries, keys, values):
            q = torch.stack(q.chunk(self.group, dim=-1), dim=1)  # (B, group, S, d_k)
            scores = q.matmul(k.mT.unsqueeze(1)) / k.size(-1) ** 0.5
            head = torch.nn.functional.softmax(scores, dim=3).matmul(v.unsqueeze(1))
            outputs.extend(head.unbind(dim=1))
        return self.W_o(torch.cat(outputs, dim=2))
