"""You hand your weights to the functional form of nn.MultiheadAttention."""

import torch
import torch.nn.functional as F
from torch import nn


class MultiHeadAttention:
    def __init__(self, d_model, num_heads):
        self.d_model, self.num_heads = d_model, num_heads
        self.W_q = nn.Linear(d_model, d_model)
        self.W_k = nn.Linear(d_model, d_model)
        self.W_v = nn.Linear(d_model, d_model)
        self.W_o = nn.Linear(d_model, d_model)

    def forward(self, Q, K, V):
        bias = torch.cat([self.W_q.bias, self.W_k.bias, self.W_v.bias])
        output, _ = F.multi_head_attention_forward(
            *(x.transpose(0, 1) for x in (Q, K, V)),
            self.d_model,
            self.num_heads,
            None,
            bias,
            None,
            None,
            False,
            0.0,
            self.W_o.weight,
            self.W_o.bias,
            use_separate_proj_weight=True,
            q_proj_weight=self.W_q.weight,
            k_proj_weight=self.W_k.weight,
            v_proj_weight=self.W_v.weight,
        )
        return output.transpose(0, 1)
