"""You call torch.mm, which multiplies two matrices. With a batch it is torch.bmm, or matmul."""

import math

import torch


def scaled_dot_product_attention(Q, K, V):
    scores = torch.mm(Q, K.transpose(1, 2)) / math.sqrt(K.shape[-1])
    return torch.mm(torch.softmax(scores, dim=-1), V)
