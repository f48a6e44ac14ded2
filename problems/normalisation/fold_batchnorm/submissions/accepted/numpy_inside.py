"""NumPy for the arithmetic, from the state dicts, and load_state_dict for the result, which requires no gradients."""

import numpy as np
import torch
from torch import nn


def fold_batchnorm(conv, bn):
    layer = {name: value.double().numpy() for name, value in conv.state_dict().items()}
    norm = {name: value.double().numpy() for name, value in bn.state_dict().items()}
    factor = norm.get("weight", 1.0) / np.sqrt(norm["running_var"] + bn.eps)
    weight = layer["weight"] * factor[:, None, None, None]
    bias = (layer.get("bias", 0.0) - norm["running_mean"]) * factor + norm.get("bias", 0.0)
    folded = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        conv.stride,
        conv.padding,
        conv.dilation,
        conv.groups,
        padding_mode=conv.padding_mode,
    )
    folded = folded.to(conv.weight.dtype)
    folded.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return folded.requires_grad_(False)
