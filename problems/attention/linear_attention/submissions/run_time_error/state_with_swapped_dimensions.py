"""The state is V transposed times the features, of shape (d_v, d_k), and the features of the queries cannot be multiplied with it.
Where d_k and d_v are equal it goes through, with wrong numbers.
"""

import torch
import torch.nn.functional as F


def linear_attention(Q, K, V):
    phi_Q, phi_K = F.elu(Q) + 1, F.elu(K) + 1
    KV = torch.bmm(V.transpose(1, 2), phi_K)
    denominator = torch.bmm(phi_Q, phi_K.sum(dim=1).unsqueeze(-1))
    return torch.bmm(phi_Q, KV) / denominator
