"""You call the operator that the built-in attention falls back on. The rule holds for every route."""

import torch


def causal_attention(Q, K, V):
    return torch.ops.aten._scaled_dot_product_attention_math(Q, K, V, is_causal=True)[0]
