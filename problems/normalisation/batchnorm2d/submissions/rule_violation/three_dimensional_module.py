"""You give the images one more dimension and call nn.BatchNorm3d. It ends at the same operator."""

from torch import nn


class BatchNorm2d(nn.BatchNorm3d):
    def forward(self, x):
        if x.dim() != 4:
            raise ValueError("expected 4 dimensions")
        return super().forward(x.unsqueeze(2)).squeeze(2)
