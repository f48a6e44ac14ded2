"""When eps is not given you take the machine's epsilon of the dtype, as nn.RMSNorm does. Here the default is
one fixed number, the same for all dtypes.
"""

import torch


def rms_norm(x, weight, eps=None):
    wide = x if x.dtype == torch.float64 else x.float()
    eps = torch.finfo(wide.dtype).eps if eps is None else eps
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    return (wide / torch.sqrt(mean_square + eps) * weight).to(x.dtype)
