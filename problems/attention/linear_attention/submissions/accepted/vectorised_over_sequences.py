"""One sequence at a time, mapped over the batch with vmap; sums of cumsum, of which the last is all of them."""

import torch


def phi(x):
    return torch.nn.functional.elu(x) + 1


def attend(Q, K, V):
    features = phi(K)
    state = torch.cumsum(features[:, :, None] * V[:, None, :], dim=0)[-1]
    norm = torch.cumsum(features, dim=0)[-1]
    asked = phi(Q)
    return torch.matmul(asked, state) / torch.matmul(asked, norm)[:, None]


def linear_attention(Q, K, V):
    return torch.vmap(attend)(Q, K, V)
