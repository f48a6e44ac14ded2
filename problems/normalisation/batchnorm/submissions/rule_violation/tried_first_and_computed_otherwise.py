"""You try the built-in batch norm and compute by hand where it is refused. Trying counts."""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    try:
        return F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
    except Exception:
        mean, var = running_mean, running_var
        if training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad():
                running_mean.lerp_(mean, momentum)
                running_var.lerp_(var, momentum)
        return gamma * (x - mean) / torch.sqrt(var + eps) + beta
