"""An object that can be called, with its steps as methods."""

import torch


class BatchNorm:
    def __call__(self, x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
        statistics = (running_mean, running_var)
        if training:
            statistics = self.measure(x)
            self.record(statistics, (running_mean, running_var), momentum)
        return self.standardise(x, *statistics, eps) * gamma + beta

    def measure(self, x):
        mean = x.mean(dim=0)
        return mean, torch.mean((x - mean) ** 2, dim=0)

    @torch.no_grad()
    def record(self, batch, running, momentum):
        for new, old in zip(batch, running, strict=True):
            old.mul_(1 - momentum).add_(momentum * new)

    def standardise(self, x, mean, var, eps):
        return (x - mean) / torch.sqrt(var + eps)


my_batch_norm = BatchNorm()
