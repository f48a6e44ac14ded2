"""The rectified linear unit, after V. Nair and G. Hinton, "Rectified Linear Units Improve Restricted Boltzmann
Machines", 2010.
"""

import torch


def relu(x):
    """Keep what is above 0, and make everything else 0."""
    # zeros_like has the shape, the dtype and the device of x; where takes each number from the one or the other,
    # and sends its gradient back to where it was taken from.
    return torch.where(x > 0, x, torch.zeros_like(x))
