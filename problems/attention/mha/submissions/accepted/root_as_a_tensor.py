"""The root of d_k is a tensor of float32, whatever the dtype of the inputs is."""

import torch
from torch import nn


class MultiHeadAttention(nn.Module):
    def __init__(self, d_model, num_heads):
        super(MultiHeadAttention, self).__init__()
        self.d_model, self.num_heads, self.head_dim = d_model, num_heads, d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)
        self.scale = torch.sqrt(torch.FloatTensor([self.head_dim]))

    def forward(self, Q, K, V):
        B, Lq, Lk = Q.shape[0], Q.shape[1], K.shape[1]
        q = self.W_q(Q).view(B, Lq, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        k = self.W_k(K).view(B, Lk, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        v = self.W_v(V).view(B, Lk, self.num_heads, self.head_dim).permute(0, 2, 1, 3)
        energy = torch.matmul(q, k.permute(0, 1, 3, 2)) / self.scale
        attention = torch.softmax(energy, dim=-1)
        x = torch.matmul(attention, v).permute(0, 2, 1, 3).contiguous()
        return self.W_o(x.view(B, -1, self.d_model))
