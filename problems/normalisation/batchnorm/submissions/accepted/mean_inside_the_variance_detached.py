"""The mean inside the variance is cut off: rightly, because there its gradient adds up to zero."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(dim=0)
        var = (x - mean.detach()).pow(2).mean(dim=0)
        with torch.no_grad():
            torch.lerp(running_mean, mean, momentum, out=running_mean)
            torch.lerp(running_var, var, momentum, out=running_var)
    else:
        mean, var = running_mean, running_var
    return (x - mean).mul(gamma).div(torch.sqrt(eps + var)).add(beta)
