"""Inside a network the mode stays where it was. Usually a flag of your own is set in your eval() and train(). A
network's eval() calls train(False) on its parts, never their eval(), so that your flag is not reached.
"""

import torch
from torch import nn


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.in_eval = False
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

    def eval(self):
        self.in_eval = True
        return super().eval()

    def train(self, mode=True):
        if mode:
            self.in_eval = False
        return super().train(mode)

    def forward(self, x):
        if x.dim() != 4:
            raise ValueError(f"expected 4 dimensions, found {x.dim()}")
        if not self.in_eval or not self.track_running_stats:
            n = x.shape[0] * x.shape[2] * x.shape[3]
            if n == 1 and self.training:
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
            mean, var = self.running_mean, self.running_var
        y = (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + self.eps)
        if self.affine:
            y = self.weight[:, None, None] * y + self.bias[:, None, None]
        return y
