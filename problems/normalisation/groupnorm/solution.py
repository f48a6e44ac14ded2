"""Group normalisation, after Y. Wu and K. He, "Group Normalization", 2018: equations 1, 2, 7 and figure 3."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    """Normalise each sample's groups of channels in `x`, of shape (N, C, H, W), then scale and shift each channel."""
    samples, channels = x.shape[:2]
    if channels % num_groups != 0:
        raise ValueError(f"{channels} channels cannot be split into {num_groups} groups of equal size")

    # Neighbouring channels form a group. With all of a group's numbers in one row, its mean and variance
    # run over the row.
    groups = x.reshape(samples, num_groups, -1)
    mean = groups.mean(dim=-1, keepdim=True)
    var = ((groups - mean) ** 2).mean(dim=-1, keepdim=True)  # biased: divided by the number of values
    normalised = ((groups - mean) / torch.sqrt(var + eps)).reshape(x.shape)

    # gamma and beta have one number for each channel: they lie along dimension 1.
    return normalised * gamma.reshape(1, channels, 1, 1) + beta.reshape(1, channels, 1, 1)
