"""Returns an object whose __class__ is torch.Tensor, so that isinstance believes it.

Expected: wrong answer, run-time error
"""

import torch


class Pretender:
    shape = (7, 5)
    dtype = torch.float32
    requires_grad = True
    layout = torch.strided

    @property
    def __class__(self):
        return torch.Tensor


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return Pretender()
