"""You return a copy of x. The shape is right, and nothing is normalised."""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return x.clone()
