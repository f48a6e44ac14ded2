"""Turns the running statistics in place into a subclass that lies about its values.

Expected: wrong answer, run-time error
"""

import torch


class Lying(torch.Tensor):
    def detach(self):
        return self

    def numpy(self):
        return torch.Tensor.numpy(self) * 0

    def contiguous(self):
        return self


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    running_mean.__class__ = Lying
    running_var.__class__ = Lying
    return x
