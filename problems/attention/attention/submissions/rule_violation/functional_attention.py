"""You call F.scaled_dot_product_attention. It is what this problem asks you to write, so the judge refuses it."""

import torch.nn.functional as F


def scaled_dot_product_attention(Q, K, V):
    return F.scaled_dot_product_attention(Q, K, V)
