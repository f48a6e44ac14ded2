"""You take torch.no_grad() for evaluation. Whoever measures the training loss without gradients, or calibrates the running
statistics on a few batches, needs a block that is in training and records them: only the mode says which it is.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ConvBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.conv(x)
        if not torch.is_grad_enabled():
            n = self.norm
            return self.relu(F.batch_norm(x, n.running_mean, n.running_var, n.weight, n.bias, eps=n.eps))
        return self.relu(self.norm(x))
