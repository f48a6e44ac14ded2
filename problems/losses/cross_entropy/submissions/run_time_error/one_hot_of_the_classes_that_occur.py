"""You let one_hot find the number of classes. It takes the largest target that occurs, and the last classes may not occur
in a batch.
"""

import torch
import torch.nn.functional as F


def cross_entropy_loss(logits, targets):
    log_p = torch.log_softmax(logits, dim=1)
    return -(F.one_hot(targets) * log_p).sum(dim=1).mean()
