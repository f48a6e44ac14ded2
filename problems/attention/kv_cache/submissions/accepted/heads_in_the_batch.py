"""Heads folded into the batch, baddbmm onto the mask, and the cache detached from its history."""

import torch
from torch import nn


class KVCacheAttention(nn.Module):
    def __init__(self, d_model, num_heads, *, max_length=None):
        super().__init__()
        self.num_heads = num_heads
        self.scale = (d_model // num_heads) ** -0.5
        self.W_q = nn.Linear(d_model, d_model, bias=True)
        self.W_k = nn.Linear(d_model, d_model, bias=True)
        self.W_v = nn.Linear(d_model, d_model, bias=True)
        self.W_o = nn.Linear(d_model, d_model, bias=True)

    def _shape(self, t):
        b, s, _ = t.shape
        return t.view(b, s, self.num_heads, -1).transpose(1, 2).contiguous()

    def forward(self, hidden_states, cache=None):
        b, s, d = hidden_states.shape
        q, k, v = map(self._shape, (self.W_q(hidden_states), self.W_k(hidden_states), self.W_v(hidden_states)))
        if cache is not None:
            k = torch.cat([cache[0].detach(), k], dim=2)
            v = torch.cat([cache[1].detach(), v], dim=2)
        total = k.shape[2]
        flat_q, flat_k, flat_v = (t.flatten(0, 1) for t in (q, k, v))
        mask = torch.full((s, total), torch.finfo(q.dtype).min, dtype=q.dtype, device=q.device).triu(total - s + 1)
        scores = torch.baddbmm(mask.expand(b * self.num_heads, s, total), flat_q, flat_k.transpose(1, 2), alpha=self.scale)
        y = (scores.softmax(-1) @ flat_v).view(b, self.num_heads, s, -1).transpose(1, 2).reshape(b, s, d)
        return self.W_o(y), (k.detach(), v.detach())
