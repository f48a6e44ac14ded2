"""You convert x to float32 and the result back. Half of the digits of a float64 tensor are lost on the way,
although its dtype looks right.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dtype, x = x.dtype, x.float()
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return (gamma.float() * x_hat + beta.float()).to(dtype)
