"""Calls it with torch functions disabled.

Expected: rule violation
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    with torch._C.DisableTorchFunction(), torch._C.DisableTorchFunctionSubclass():
        return torch.nn.functional.batch_norm(
            x, running_mean, running_var, gamma, beta, training, momentum, eps
        )
