"""The positions are folded with view. A view needs memory in the order of the indices, which a transposed tensor does not have;
reshape copies where it must.
"""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    B, S, d_v = V.shape
    phi_Q, phi_K = F.elu(Q) + 1, F.elu(K) + 1
    values = V.view(B * S, d_v)
    KV = torch.stack([phi_K[b].T @ values[b * S : (b + 1) * S] for b in range(B)])
    return phi_Q @ KV / (phi_Q * phi_K.sum(1, keepdim=True)).sum(-1, keepdim=True)
