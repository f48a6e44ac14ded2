"""A loop over the key-value heads: the queries of a group lie one behind another, as if they were more positions."""

import torch
import torch.nn as nn


class GroupQueryAttention(object):
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.group = num_heads // num_kv_heads
        self.d_k = d_model // num_heads
        self.num_kv_heads = num_kv_heads
        self.W_q, self.W_o = [nn.Linear(d_model, d_model) for _ in range(2)]
        self.W_k, self.W_v = [nn.Linear(d_model, num_kv_heads * self.d_k) for _ in range(2)]

    def attend(self, q, k, v):
        q = torch.cat(q.split(self.d_k, dim=2), dim=1)
        scores = torch.bmm(q, k.transpose(1, 2)).div(self.d_k**0.5)
        y = torch.bmm(torch.nn.functional.softmax(scores, 2), v)
        return torch.cat(y.chunk(self.group, dim=1), dim=2)

    def forward(self, hidden_states):
        q, k, v = (w(hidden_states).chunk(self.num_kv_heads, dim=-1) for w in (self.W_q, self.W_k, self.W_v))
        return self.W_o(torch.cat([self.attend(*each) for each in zip(q, k, v)], dim=-1))
