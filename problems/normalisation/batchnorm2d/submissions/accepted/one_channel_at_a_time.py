"""A Python loop over the channels; the statistics are written number by number."""

import torch
from torch import nn


class TooFew(ValueError):
    pass


class BatchNorm2d(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.tracked = affine, track_running_stats
        self.register_buffer("num_batches_tracked", torch.LongTensor([0]).squeeze() if track_running_stats else None)
        self.register_buffer("running_var", torch.tensor([1.0] * num_features) if track_running_stats else None)
        self.register_buffer("running_mean", torch.tensor([0.0] * num_features) if track_running_stats else None)
        self.bias = nn.Parameter(torch.tensor([0.0] * num_features)) if affine else None
        self.weight = nn.Parameter(torch.tensor([1.0] * num_features)) if affine else None

    def forward(self, x):
        try:
            n, _, height, width = x.shape
        except ValueError:
            raise ValueError("expected four dimensions") from None
        recording = self.training and self.tracked
        if recording:
            self.num_batches_tracked += 1
        channels = [self.normalised(x[:, c], c, n * height * width, recording) for c in range(self.num_features)]
        return torch.stack(channels, dim=1)

    def normalised(self, values, c, count, recording):
        if self.training or not self.tracked:
            if count == 1:
                raise TooFew("one value has no variance")
            mean = values.sum() / count
            squares = (values - mean).pow(2).sum()
            var = squares / count
            if recording:
                share = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
                with torch.no_grad():
                    self.running_mean[c] = (1 - share) * self.running_mean[c] + share * mean
                    self.running_var[c] = (1 - share) * self.running_var[c] + share * squares / (count - 1)
        else:
            mean, var = self.running_mean[c], self.running_var[c]
        y = (values - mean) / (var + self.eps) ** 0.5
        return self.weight[c] * y + self.bias[c] if self.affine else y
