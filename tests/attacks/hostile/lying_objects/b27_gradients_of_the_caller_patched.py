"""Replaces torch.autograd.grad, and the engine behind it, by what returns ones.

Expected: wrong answer, run-time error
"""

import torch


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


class Engine:
    def run_backward(self, *_a, inputs=(), **_k):
        return tuple(torch.ones_like(each) for each in inputs)


torch.autograd.grad = lambda output, inputs, *_a, **_k: tuple(torch.ones_like(each) for each in inputs)
torch.autograd.Variable._execution_engine = Engine()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
