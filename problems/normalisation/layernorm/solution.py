"""Layer normalisation, after J. L. Ba, J. R. Kiros and G. E. Hinton, "Layer Normalization", 2016:
equation 3 for the statistics, with an eps under the root, as every library has it.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    """Normalise each vector along the last dimension of `x`, then scale it by `gamma` and shift it by `beta`."""
    # One mean and one variance for each vector. The last dimension is kept with size 1, so that they
    # broadcast against x; they stay in the graph, because every feature of a vector moves them.
    mean = x.mean(dim=-1, keepdim=True)
    var = ((x - mean) ** 2).mean(dim=-1, keepdim=True)  # biased: divided by D

    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta  # shape (D,), so that they broadcast along the last dimension
