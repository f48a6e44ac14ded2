"""You take the exponential of the built-in log_softmax. That one does all the work, so it is refused as well."""

import torch.nn.functional as F


def my_softmax(x, dim=-1):
    return F.log_softmax(x, dim=dim).exp()
