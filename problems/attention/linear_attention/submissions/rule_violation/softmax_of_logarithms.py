"""You normalise the weights with a softmax of their logarithms. The values are right, but a softmax is not allowed, and the S x S
weights are what this problem is there to avoid.
"""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    weights = (F.elu(Q) + 1) @ (F.elu(K) + 1).transpose(1, 2)
    return F.softmax(weights.log(), dim=-1) @ V
