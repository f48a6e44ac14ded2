"""Moves the channels to the end, works on (N * H * W, C) as for rows, and moves them back."""

import torch


class BatchNorm2d(torch.nn.Module):
    def __init__(self, channels, *, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.options = eps, momentum
        make = torch.nn.Parameter
        self.register_parameter("weight", make(torch.full((channels,), 1.0)) if affine else None)
        self.register_parameter("bias", make(torch.full((channels,), 0.0)) if affine else None)
        start = {"running_mean": torch.zeros(channels), "running_var": torch.ones(channels), "num_batches_tracked": torch.tensor(0)}
        for name, value in start.items():
            self.register_buffer(name, value if track_running_stats else None)

    @property
    def tracking(self):
        return self.num_batches_tracked is not None

    def forward(self, images):
        if images.ndim != 4:
            raise ValueError("expected a batch of images")
        eps, _ = self.options
        rows = images.permute(0, 2, 3, 1).flatten(0, 2)
        mean, var = self.statistics(rows)
        rows = (rows - mean) * torch.rsqrt(var + eps)
        if self.weight is not None:
            rows = torch.addcmul(self.bias, self.weight, rows)
        n, _, height, width = images.shape
        return rows.unflatten(0, (n, height, width)).permute(0, 3, 1, 2)

    def statistics(self, rows):
        if self.tracking and not self.training:
            return self.running_mean, self.running_var
        if len(rows) < 2:
            raise ValueError("a single row has no variance")
        var, mean = torch.var_mean(rows, dim=0, correction=0)
        if self.tracking:
            self.record(mean.detach(), rows.detach().var(dim=0))
        return mean, var

    def record(self, mean, var):
        self.num_batches_tracked.add_(1)
        share = self.options[1]
        share = 1.0 / self.num_batches_tracked.item() if share is None else share
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(var, share)
