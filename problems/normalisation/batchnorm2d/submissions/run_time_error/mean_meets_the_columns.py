"""You subtract the mean as it is. A tensor of shape (C,) meets the last axis of (N, C, H, W), the columns, and not the
channels: give it the shape (C, 1, 1) first, or keep the axes when you take the mean.
"""

import torch
from torch import nn


class BatchNorm2d(nn.Module):
    """Normalise each channel of a batch of images of shape (N, C, H, W)."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps = eps
        self.momentum = momentum

        # What is switched off is None: an attribute that is there, and no entry of the state dict.
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", torch.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if track_running_stats else None)

    def forward(self, x):
        if x.dim() != 4:
            raise ValueError(f"expected (N, C, H, W), found {x.dim()} dimensions")

        tracking = self.running_mean is not None
        if self.training or not tracking:
            n, _, height, width = x.shape
            count = n * height * width  # values for each channel
            if count < 2:
                raise ValueError("expected more than one value for each channel, it has no variance")
            mean = x.mean(dim=(0, 2, 3))
            var = ((x - mean) ** 2).mean(dim=(0, 2, 3))  # biased: divided by count
            if tracking:
                self.record(mean, var * count / (count - 1))  # unbiased: divided by count - 1
        else:
            mean, var = self.running_mean, self.running_var

        y = (x - mean) / torch.sqrt(per_channel(var) + self.eps)
        if self.weight is not None:
            y = per_channel(self.weight) * y + per_channel(self.bias)
        return y

    @torch.no_grad()
    def record(self, mean, var):
        """Let the running statistics take in those of one batch."""
        self.num_batches_tracked += 1
        share = self.momentum
        if share is None:  # every batch weighs the same, so the n-th one weighs 1/n
            share = 1 / self.num_batches_tracked.item()
        self.running_mean.mul_(1 - share).add_(share * mean)
        self.running_var.mul_(1 - share).add_(share * var)


def per_channel(values):
    """Shape (C,) values so that they meet the channels of (N, C, H, W), which are not the last axis."""
    return values.view(-1, 1, 1)
