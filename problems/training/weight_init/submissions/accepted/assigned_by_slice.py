"""A slice of everything is assigned to."""

import math

import torch


def kaiming_init(weight):
    def normal_numbers(*size):
        return torch.normal(torch.zeros(size, dtype=weight.dtype), 1.0)

    with torch.inference_mode(False), torch.no_grad():
        weight[...] = normal_numbers(*weight.size()) / math.sqrt(weight.size(1) / 2)
    return weight
