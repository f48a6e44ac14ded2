"""The mean square as variance plus squared mean, which is the same number."""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x.to(torch.float64)
    var, mean = torch.var_mean(wide, dim=-1, correction=0, keepdim=True)
    y = wide.div((var + mean.square() + eps).sqrt())
    return y.mul(weight).to(x.dtype)
