from torch import nn


class GroupQueryAttention:
    """Self-attention in num_heads query heads, of which each group shares one of num_kv_heads heads of keys and values.

    W_q, W_o: nn.Linear(d_model, d_model). W_k, W_v: nn.Linear(d_model, num_kv_heads * d_k). forward takes x (B, S, d_model)
    and returns a tensor of the same shape.
    """

    def __init__(self, d_model, num_heads, num_kv_heads):
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
