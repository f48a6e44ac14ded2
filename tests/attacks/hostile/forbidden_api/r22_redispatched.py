"""Dispatches straight to the CPU kernel.

Expected: rule violation
"""

import torch

op = torch.ops.aten.native_batch_norm.default


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    try:
        return op._op_dk(
            torch._C.DispatchKey.CPU, x, gamma, beta, running_mean, running_var, training, momentum, eps
        )[0]
    except Exception:
        keys = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
        return op.redispatch(keys, x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
