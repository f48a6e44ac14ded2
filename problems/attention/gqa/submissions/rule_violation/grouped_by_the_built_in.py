"""You call scaled_dot_product_attention with enable_gqa, which groups by itself."""

from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        self.num_heads, self.num_kv_heads = num_heads, num_kv_heads
        self.d_k = d_model // num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_v = nn.Linear(d_model, num_kv_heads * self.d_k)
        self.W_o = nn.Linear(d_model, d_model)

    def split(self, x, heads):
        return x.view(x.size(0), x.size(1), heads, self.d_k).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.split(self.W_q(x), self.num_heads), self.split(self.W_k(x), self.num_kv_heads), self.split(self.W_v(x), self.num_kv_heads)
        heads = nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
        return self.W_o(heads.transpose(1, 2).flatten(2))
