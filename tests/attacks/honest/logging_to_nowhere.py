"""Logs every step, and would like to log into a file and to draw a progress bar.

Expected: accepted
"""

import logging
import os
import tempfile

import torch

log = logging.getLogger("batchnorm")
log.setLevel(logging.DEBUG)
log.addHandler(logging.StreamHandler())
try:
    log.addHandler(logging.FileHandler(os.path.join(tempfile.gettempdir(), "batchnorm.log"), delay=False))
except OSError as error:
    log.warning("no log file: %s", error)


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    log.debug("batch of %s, training=%s", tuple(x.shape), training)
    try:
        return right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
    finally:
        log.info("done")
