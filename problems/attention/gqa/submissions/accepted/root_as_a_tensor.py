"""The root of d_k is a tensor of float32, whatever the dtype of x is; the heads are repeated by cat and stack."""

import torch
from torch import nn


class GroupQueryAttention(nn.Module):
    def __init__(self, d_model, num_heads, num_kv_heads):
        super(GroupQueryAttention, self).__init__()
        self.num_heads, self.num_kv_heads, self.d_k = num_heads, num_kv_heads, d_model // num_heads
        self.kv_dim = self.d_k * num_kv_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, self.kv_dim)
        self.W_v = nn.Linear(d_model, self.kv_dim)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, x):
        B, S, D = x.size()
        n_rep = self.num_heads // self.num_kv_heads
        q = self.W_q(x).view(B, S, self.num_heads, self.d_k).permute(0, 2, 1, 3)
        k = self.W_k(x).view(B, S, self.num_kv_heads, self.d_k).permute(0, 2, 1, 3)
        v = self.W_v(x).view(B, S, self.num_kv_heads, self.d_k).permute(0, 2, 1, 3)
        k = torch.cat([head for head in k.split(1, dim=1) for _ in range(n_rep)], dim=1)
        v = torch.stack([v] * n_rep, dim=2).flatten(1, 2)
        energy = torch.matmul(q, k.permute(0, 1, 3, 2)) / torch.sqrt(torch.tensor(self.d_k, dtype=torch.float32))
        attention = torch.log_softmax(energy, dim=-1).exp()
        x = torch.matmul(attention, v).permute(0, 2, 1, 3).contiguous()
        return self.W_o(x.view(B, S, D))
