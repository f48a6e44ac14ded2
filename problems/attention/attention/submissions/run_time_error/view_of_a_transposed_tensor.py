"""You flatten with view. A view needs memory in the order of the indices, which a transposed tensor does not have;
reshape copies where it must.
"""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    scaled = (Q.view(-1, Q.shape[-1]) / math.sqrt(K.shape[-1])).view(Q.shape)
    return torch.softmax(scaled @ K.transpose(1, 2), dim=-1) @ V
