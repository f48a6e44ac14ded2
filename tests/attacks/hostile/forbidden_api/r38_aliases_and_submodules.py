"""Reaches the function through aliases that other modules keep.

Expected: rule violation
"""

import torch
import torch.ao.nn.intrinsic
import torch.nn.modules.batchnorm as batchnorm
import torch.nn.utils.fusion


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return batchnorm.F.batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
