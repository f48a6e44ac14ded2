"""You hand your weights, repeated for each query head, to the functional form of nn.MultiheadAttention."""

import torch
import torch.nn.functional as F
from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.d_model, self.num_heads, self.num_kv_heads = d_model, num_heads, num_kv_heads
        narrow = num_kv_heads * (d_model // num_heads)
        self.W_q, self.W_o = nn.Linear(d_model, d_model), nn.Linear(d_model, d_model)
        self.W_k, self.W_v = nn.Linear(d_model, narrow), nn.Linear(d_model, narrow)

    def repeat(self, t):
        group = self.num_heads // self.num_kv_heads
        return t.unflatten(0, (self.num_kv_heads, -1)).repeat_interleave(group, dim=0).flatten(0, 1)

    def forward(self, x):
        rows = x.transpose(0, 1)
        bias = torch.cat([self.W_q.bias, self.repeat(self.W_k.bias), self.repeat(self.W_v.bias)])
        output, _ = F.multi_head_attention_forward(
            *(rows, rows, rows, self.d_model, self.num_heads, None, bias, None, None, False, 0.0),
            *(self.W_o.weight, self.W_o.bias),
            use_separate_proj_weight=True,
            q_proj_weight=self.W_q.weight,
            k_proj_weight=self.repeat(self.W_k.weight),
            v_proj_weight=self.repeat(self.W_v.weight),
        )
        return output.transpose(0, 1)
