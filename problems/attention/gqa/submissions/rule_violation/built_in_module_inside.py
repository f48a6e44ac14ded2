"""You repeat the weights of the key-value heads and hand them to the functional form of nn.MultiheadAttention."""

import torch
import torch.nn.functional as F
from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.d_model, self.num_heads, self.num_kv_heads = d_model, num_heads, num_kv_heads
        narrow = num_kv_heads * (d_model // num_heads)
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, narrow)
        self.W_v = nn.Linear(d_model, narrow)
        self.W_o = nn.Linear(d_model, d_model)

    def widen(self, values):
        heads = values.unflatten(0, (self.num_kv_heads, -1))
        return heads.repeat_interleave(self.num_heads // self.num_kv_heads, dim=0).flatten(0, 1)

    def forward(self, x):
        weights = [self.W_q.weight, self.widen(self.W_k.weight), self.widen(self.W_v.weight)]
        bias = torch.cat([self.W_q.bias, self.widen(self.W_k.bias), self.widen(self.W_v.bias)])
        x = x.transpose(0, 1)
        output, _ = F.multi_head_attention_forward(
            *(x, x, x), self.d_model, self.num_heads, torch.cat(weights), bias, None, None, False, 0.0,
            self.W_o.weight, self.W_o.bias,
        )
        return output.transpose(0, 1)
