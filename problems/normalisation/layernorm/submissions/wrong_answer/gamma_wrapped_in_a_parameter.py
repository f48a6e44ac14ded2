"""You wrap gamma and beta in new nn.Parameters, as a module would hold them. A new Parameter is a leaf of its own:
the gradient ends in it and never reaches the caller's tensors.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    weight, bias = torch.nn.Parameter(gamma), torch.nn.Parameter(beta)
    return weight * x_hat + bias
