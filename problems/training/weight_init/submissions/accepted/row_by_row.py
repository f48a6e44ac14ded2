"""Row by row: one neuron after the other."""

import torch


def kaiming_init(weight):
    out_features, in_features = weight.shape
    scale = torch.tensor(2.0 / in_features).sqrt()
    with torch.no_grad():
        for neuron in range(out_features):
            weight[neuron] = scale * torch.randn(in_features)
    return weight
