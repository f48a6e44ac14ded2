"""Calls it with all modes disabled and dispatch keys excluded.

Expected: rule violation
"""

import torch
from torch.utils._python_dispatch import _disable_current_modes


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
    with _disable_current_modes(), torch._C._ExcludeDispatchKeyGuard(keys):
        return torch.batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps, False)
