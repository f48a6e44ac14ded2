"""Spreads the work over helper classes, dataclasses, caches, decorators and a context manager.

Expected: accepted
"""

import functools
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import torch

calls = defaultdict(int)


class Statistics(NamedTuple):
    mean: torch.Tensor
    var: torch.Tensor


@dataclass
class Averager:
    momentum: float

    def __call__(self, running, new):
        running.copy_(torch.lerp(running, new.detach(), self.momentum))


@functools.lru_cache(maxsize=None)
def averager(momentum):
    return Averager(momentum)


def counted(function):
    @functools.wraps(function)
    def wrapper(*arguments, **options):
        calls[function.__name__] += 1
        return function(*arguments, **options)

    return wrapper


@contextmanager
def no_tracking():
    with torch.no_grad():
        yield


@counted
def statistics(x):
    mean = torch.sum(x, 0) / len(x)
    return Statistics(mean, torch.sum((x - mean) ** 2, 0) / len(x))


@counted
def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    used = statistics(x) if training else Statistics(running_mean, running_var)
    if training:
        with no_tracking():
            averager(momentum)(running_mean, used.mean)
            averager(momentum)(running_var, used.var)
    return gamma * ((x - used.mean) * (used.var + eps) ** -0.5) + beta
