"""You take a softmax over the features in place of elu(x) + 1. That is another linear attention, and a softmax is not allowed
here.
"""

import torch


def linear_attention(Q, K, V):
    q, k = torch.softmax(Q, dim=-1), torch.softmax(K, dim=1)
    return q @ (k.transpose(1, 2) @ V)
