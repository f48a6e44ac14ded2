"""An outer product for every position, added up; the weights are normalised before they meet the values."""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    q, k = F.elu(Q) + 1, F.elu(K) + 1
    q = q / (q * k.sum(1, keepdim=True)).sum(2, keepdim=True)
    state = (k.unsqueeze(3) * V.unsqueeze(2)).sum(dim=1)
    return torch.stack([torch.mm(q[b], state[b]) for b in range(Q.shape[0])])
