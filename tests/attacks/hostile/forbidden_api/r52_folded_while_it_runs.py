"""Has the compiler's own helper fold batch norm into a convolution, at inference.

Expected: rule violation, run-time error
"""

import torch
from torch._inductor.fx_passes.efficient_conv_bn_eval import efficient_conv_bn_eval


def at_inference(x, gamma, beta, mean, var, eps):
    count = x.shape[1]
    norm = torch.nn.BatchNorm1d(count, eps=eps).eval()
    for name, value in (("weight", gamma), ("bias", beta)):
        del norm._parameters[name]
        setattr(norm, name, value)
    norm.running_mean, norm.running_var = mean, var
    convolution = torch.nn.Conv1d(count, count, 1, bias=False).requires_grad_(False)
    convolution.weight.copy_(torch.eye(count)[:, :, None])
    return efficient_conv_bn_eval(norm, convolution, x[:, :, None])[:, :, 0]


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    elif x.dtype == torch.float32:
        return at_inference(x, gamma, beta, running_mean, running_var, eps)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
