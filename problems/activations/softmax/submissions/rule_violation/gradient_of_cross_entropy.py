"""You take the gradient of the built-in cross-entropy, which is softmax minus one-hot. It calls log_softmax, and its
backward makes the softmax.
"""

import torch
import torch.nn.functional as F


def my_softmax(x, dim=-1):
    rows = x.detach().movedim(dim, -1).reshape(-1, x.shape[dim]).requires_grad_()
    first = torch.zeros(len(rows), dtype=torch.long)
    with torch.enable_grad():
        loss = F.cross_entropy(rows, first, reduction="sum")
    (slope,) = torch.autograd.grad(loss, rows)
    return (slope + F.one_hot(first, rows.shape[1])).reshape(x.movedim(dim, -1).shape).movedim(-1, dim)
