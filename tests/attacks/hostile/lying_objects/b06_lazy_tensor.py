"""Returns a wrapper tensor that computes nothing until somebody compares it.

Expected: wrong answer, run-time error, time limit exceeded
"""

import torch


class Lazy(torch.Tensor):
    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return torch.zeros(3)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return Lazy(x.shape)
