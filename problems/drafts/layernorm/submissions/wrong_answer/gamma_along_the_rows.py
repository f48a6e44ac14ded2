"""You give gamma and beta a second dimension when their length is the number of rows. In a square input each row
then gets its own scale, where each feature should have one.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    if x.dim() == 2 and x.shape[0] == gamma.shape[0] > 1:
        gamma, beta = gamma[:, None], beta[:, None]
    return gamma * x_hat + beta
