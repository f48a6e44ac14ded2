"""You divide by the root of the mean square and use no eps at all. A vector of zeros, such as padding, gives 0
/ 0, and one nan spoils the whole network.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    wide = x if x.dtype == torch.float64 else x.float()
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square) * weight).to(x.dtype)
