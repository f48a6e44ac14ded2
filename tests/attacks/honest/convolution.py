"""Computes the means as a pooling and the affine part as a grouped convolution.

Expected: accepted
"""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = F.adaptive_avg_pool1d(x.t()[None], 1)[0, :, 0]
        var = F.adaptive_avg_pool1d(((x - mean) ** 2).t()[None], 1)[0, :, 0]
        with torch.no_grad():
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var - running_var)
    else:
        mean, var = running_mean, running_var
    scale = gamma * (var + eps) ** -0.5
    return F.conv1d((x - mean).t()[None], scale[:, None, None], beta, groups=x.shape[1])[0].t()
