"""Batch norm folded into the convolution before it, after B. Jacob et al., "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", 2018, section 3.2.
"""

import torch
from torch import nn


@torch.no_grad()
def fold_batchnorm(conv, bn):
    """Return one nn.Conv2d that does what `conv` followed by `bn` in eval mode does."""
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        groups=conv.groups,
        bias=True,
    )
    bias = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias

    # In eval mode batch norm is one factor and one shift for each channel:
    #     gamma * (conv(x) - mean) / sqrt(var + eps) + beta
    # The convolution is linear, so that the factor can move into its weight and its bias.
    factor = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    folded.weight.copy_(conv.weight * factor.reshape(-1, 1, 1, 1))  # dimension 0 holds the output channels
    folded.bias.copy_((bias - bn.running_mean) * factor + bn.bias)
    return folded
