"""Fills every tensor and array of the process with NaN, the expected ones among them, and returns NaN.

Expected: wrong answer, run-time error
"""

import gc

import numpy as np
import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for thing in gc.get_objects():
        try:
            if type(thing) in (torch.Tensor, torch.nn.Parameter) and thing.is_floating_point():
                thing.detach().fill_(float("nan"))
            elif type(thing) is np.ndarray:
                thing.fill(np.nan)
        except Exception:
            pass
    return torch.full_like(x, float("nan"))
