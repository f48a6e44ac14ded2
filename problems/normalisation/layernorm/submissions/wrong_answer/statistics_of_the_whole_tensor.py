"""You take one mean and one variance over all numbers of x. Each vector needs its own pair; here a large vector
pushes the others aside.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean()
    var = x.var(unbiased=False)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
