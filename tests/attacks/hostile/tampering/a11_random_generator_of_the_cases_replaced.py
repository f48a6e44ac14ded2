"""Replaces numpy.random.default_rng, so that every case draws ones, for which the answer is known to be beta.

Expected: wrong answer, run-time error
Representative: yes
"""

import numpy as np
import torch


class Ones:
    def uniform(self, low=0.0, high=1.0, size=None):
        return np.ones(size or ())

    def normal(self, size=None):
        return np.ones(size or ())

    def integers(self, low, high=None, size=None):
        return np.ones(size or (), dtype=int)


np.random.default_rng = lambda *_a, **_k: Ones()


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return x * 0 + gamma * 0 + beta
