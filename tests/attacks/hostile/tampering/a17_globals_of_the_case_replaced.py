"""Reaches the globals of the calling case and replaces draw, gradients and running by empty ones.

Expected: wrong answer, run-time error
"""

import sys


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    scope = sys._getframe(1).f_globals
    scope["draw"] = lambda *_a, **_k: {}
    scope["gradients"] = scope["named_gradients"] = lambda *_a, **_k: {}
    scope["running"] = lambda *_a, **_k: {}
    return x
