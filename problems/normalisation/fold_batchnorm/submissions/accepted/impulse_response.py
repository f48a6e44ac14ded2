"""Measures what the two layers do: the answer to zeros is the bias, the answers to single taps are the weight."""

import torch
from torch import nn


def normalised(rows, bn):
    mean, var = bn.running_mean.double(), bn.running_var.double()
    y = (rows - mean) / (var + bn.eps).sqrt()
    return y if bn.weight is None else y * bn.weight.detach().double() + bn.bias.detach().double()


def fold_batchnorm(conv, bn):
    weight, bias = conv.weight.detach().double(), conv.bias
    zero = torch.zeros(weight.shape[0], dtype=torch.float64)
    bias = zero if bias is None else bias.detach().double()
    columns = weight.flatten(1).T + bias  # the convolution's answer to a one at each tap, with nothing else
    answers = normalised(torch.cat([bias[None], columns]), bn)
    folded = type(conv)(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        True,
    )
    folded.to(conv.weight.dtype)
    with torch.no_grad():
        folded.bias.copy_(answers[0])
        folded.weight.copy_((answers[1:] - answers[0]).T.reshape(weight.shape))
    return folded
