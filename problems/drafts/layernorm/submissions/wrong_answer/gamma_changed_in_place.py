"""You fold the deviation of the last vector into gamma in place. The parameter is changed by every forward pass,
and training drifts away without an error.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    output = gamma * x_hat + beta
    gamma.data.div_(torch.sqrt(var.detach() + eps).flatten()[-1])
    return output
