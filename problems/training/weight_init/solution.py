"""Kaiming initialisation, after K. He et al., "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
Classification", 2015, section 2.2.
"""

import math

import torch


def kaiming_init(weight):
    """Fill `weight` from N(0, 2 / in_features), and return it."""
    in_features = weight.shape[1]
    # A leaf that requires a gradient may only be changed where nothing is recorded.
    with torch.no_grad():
        weight.normal_(0.0, math.sqrt(2.0 / in_features))
    return weight
