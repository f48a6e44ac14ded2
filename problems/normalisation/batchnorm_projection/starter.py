from torch import nn


class BatchNorm(nn.Module):
    """Batch normalisation of (N, in_dim), followed by a linear projection to (N, out_dim).

    self.linear: an nn.Linear. Buffers: running_mean, running_var, of shape (in_dim,).
    """

    def __init__(self, in_dim, out_dim):
        super().__init__()
        raise NotImplementedError

    def forward(self, x, inference=False):
        """Normalise x with its own statistics, or with the running ones at inference, and project it."""
        raise NotImplementedError
