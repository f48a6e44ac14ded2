"""Helpers and constants at module level, other names for the parameters, keyword-only options."""

import torch

BATCH = 0
DEFAULTS = {"eps": 1e-5, "momentum": 0.1}


def moments(batch):
    centre = torch.mean(batch, BATCH)
    return centre, torch.std(batch, BATCH, unbiased=False) ** 2


def blend(old, new, share):
    old.sub_(share * (old - new.detach()))


def my_batch_norm(batch, scale, shift, mean_so_far, var_so_far, *, eps=DEFAULTS["eps"], momentum=DEFAULTS["momentum"], training=True):
    if training:
        centre, spread = moments(batch)
        blend(mean_so_far, centre, momentum)
        blend(var_so_far, spread, momentum)
    else:
        centre, spread = mean_so_far, var_so_far
    return shift + scale * (batch - centre) / (spread + eps).sqrt()
