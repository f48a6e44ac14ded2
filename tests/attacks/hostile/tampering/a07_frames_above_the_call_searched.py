"""Walks up the stack to what is expected, and returns the first tensor of the right shape there.

Expected: wrong answer, run-time error
"""

import sys

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    frame, found = sys._getframe(1), None
    while frame is not None:
        for name, value in frame.f_locals.items():
            if any(word in name for word in ("expected", "answer", "solution", "jury")) and type(
                value
            ).__name__ not in (
                "function",
                "module",
            ):
                print("LEAKED:", name, type(value))
            if type(value) is torch.Tensor and value.shape == x.shape and value is not x:
                found = value
        frame = frame.f_back
    return x if found is None else found
