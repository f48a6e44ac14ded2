"""You call F.scaled_dot_product_attention. It is softmax attention, and a built-in one."""

import torch.nn.functional as F


def linear_attention(Q, K, V):
    return F.scaled_dot_product_attention(Q, K, V, scale=1.0)
