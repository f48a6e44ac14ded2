"""You call the built-in hard tanh with an upper end out of reach. It is a clamp."""

import torch.nn.functional as F


def relu(x):
    return F.hardtanh(x, 0.0, 3e38)
