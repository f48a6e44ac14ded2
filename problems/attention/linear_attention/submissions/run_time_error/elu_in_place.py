"""elu_ overwrites Q and K. A leaf of the graph that requires gradients refuses that, and so does whoever needs them later."""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    phi_Q, phi_K = F.elu_(Q) + 1, F.elu_(K) + 1
    KV = torch.bmm(phi_K.transpose(1, 2), V)
    return torch.bmm(phi_Q, KV) / torch.bmm(phi_Q, phi_K.sum(1).unsqueeze(-1))
