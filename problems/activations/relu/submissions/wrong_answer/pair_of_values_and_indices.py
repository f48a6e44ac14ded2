"""What comes back is a pair of values and indices. Usually 0 is passed to torch.max as if it were a number to compare with; it is a
dimension there.
"""

import torch


def relu(x):
    return torch.max(x, 0)
