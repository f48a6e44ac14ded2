"""Index tensors say which channels belong together."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    channels = x.shape[1]
    try:
        index = torch.arange(channels).reshape(num_groups, -1)
    except RuntimeError:
        raise ValueError(f"{channels} channels, {num_groups} groups") from None
    normalised = torch.empty_like(x)
    dims = tuple(range(1, x.dim()))
    for members in index:
        block = x[:, members]
        std, mean = torch.var_mean(block, dim=dims, keepdim=True, correction=0)
        normalised = normalised.index_copy(1, members, (block - mean) / (std + eps).sqrt())
    return torch.stack([g * part + b for g, part, b in zip(gamma, normalised.unbind(1), beta)], dim=1)
