"""What is written into the state after eval() is not seen. Usually the running statistics are folded into one scale and
one shift when eval() is called or a state is loaded, and these are kept until the next time.
"""

import torch
from torch import nn


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = nn.Parameter(torch.ones(num_features))
            self.bias = nn.Parameter(torch.zeros(num_features))
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)
        if track_running_stats:
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))
            self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))
        else:
            self.register_buffer("running_mean", None)
            self.register_buffer("running_var", None)
            self.register_buffer("num_batches_tracked", None)

    def fold(self):
        if self.track_running_stats:
            self.folded = self.running_mean.clone(), self.running_var.clone()

    def train(self, mode=True):
        if not mode:
            self.fold()
        return super().train(mode)

    def load_state_dict(self, *arguments, **options):
        loaded = super().load_state_dict(*arguments, **options)
        self.fold()
        return loaded

    def forward(self, x):
        if x.dim() != 4:
            raise ValueError(f"expected 4 dimensions, found {x.dim()}")
        if self.training or not self.track_running_stats:
            n = x.shape[0] * x.shape[2] * x.shape[3]
            if n == 1:
                raise ValueError("expected more than one value for each channel")
            mean = x.mean(dim=(0, 2, 3))
            var = x.var(dim=(0, 2, 3), unbiased=False)
            if self.track_running_stats:
                with torch.no_grad():
                    self.num_batches_tracked += 1
                    share = self.momentum
                    if share is None:
                        share = 1 / float(self.num_batches_tracked)
                    self.running_mean.mul_(1 - share).add_(share * mean)
                    self.running_var.mul_(1 - share).add_(share * var * n / (n - 1))
        else:
            mean, var = self.folded
        y = (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + self.eps)
        if self.affine:
            y = self.weight[:, None, None] * y + self.bias[:, None, None]
        return y
