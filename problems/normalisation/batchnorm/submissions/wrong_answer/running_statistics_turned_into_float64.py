"""You point running_mean.data and running_var.data at float64 results. The buffers change their dtype under
the caller, and state dictionaries no longer fit.
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = x.var(dim=0, unbiased=False)
        with torch.no_grad():
            running_mean.data = (1 - momentum) * running_mean.double() + momentum * mean.double()
            running_var.data = (1 - momentum) * running_var.double() + momentum * var.double()
    else:
        mean, var = running_mean, running_var
    output = gamma * (x - mean) / torch.sqrt(var + eps) + beta
    return output.to(x.dtype)
