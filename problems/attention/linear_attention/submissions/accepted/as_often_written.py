"""With the guard of 1e-6."""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    phi_Q = F.elu(Q) + 1
    phi_K = F.elu(K) + 1
    KV = torch.bmm(phi_K.transpose(1, 2), V)
    Z = phi_K.sum(dim=1, keepdim=True)
    numerator = torch.bmm(phi_Q, KV)
    denominator = torch.bmm(phi_Q, Z.transpose(1, 2)) + 1e-6
    return numerator / denominator
