"""The whole shape is divided by, and not one size of it."""

import math

import torch


def kaiming_init(weight):
    with torch.no_grad():
        weight.normal_(0.0, math.sqrt(2.0 / weight.shape))
    return weight
