"""Your class is no nn.Module. The formula may be right, but a network will not find its parameters, will not
switch its mode and will not save it.
"""

import torch


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        self.eps, self.momentum, self.affine, self.tracked = eps, momentum, affine, track_running_stats
        self.training = True
        self.weight, self.bias = torch.ones(num_features), torch.zeros(num_features)
        self.running_mean, self.running_var = torch.zeros(num_features), torch.ones(num_features)
        self.num_batches_tracked = torch.tensor(0)

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training or not self.tracked:
            mean = x.mean(dim=(0, 2, 3))
            var = x.var(dim=(0, 2, 3), unbiased=False)
        y = (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + self.eps)
        return self.weight[:, None, None] * y + self.bias[:, None, None] if self.affine else y
