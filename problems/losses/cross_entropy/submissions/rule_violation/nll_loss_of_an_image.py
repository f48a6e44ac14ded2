"""You make an image of one pixel of each row, so that nll_loss takes its form for images. It is still nll_loss."""

import torch.nn.functional as F


def cross_entropy_loss(logits, targets):
    return F.nll_loss(F.log_softmax(logits, dim=1)[:, :, None, None], targets[:, None, None])
