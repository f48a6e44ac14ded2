from torch import nn


class GroupQueryAttention:
    """Self-attention of num_heads query heads that share num_kv_heads heads of keys and values.

    W_q, W_o: nn.Linear(d_model, d_model). W_k, W_v: nn.Linear(d_model, num_kv_heads * d_k), with d_k = d_model / num_heads.
    forward takes x (B, S, d_model) and returns (B, S, d_model).
    """

    def __init__(self, d_model, num_heads, num_kv_heads):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
