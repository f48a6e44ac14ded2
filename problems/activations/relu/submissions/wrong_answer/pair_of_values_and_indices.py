"""You pass 0 to torch.max as if it were a number to compare with. It is a dimension there, and what comes back is a pair of
values and indices.
"""

import torch


def relu(x):
    return torch.max(x, 0)
