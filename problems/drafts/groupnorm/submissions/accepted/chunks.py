"""torch.chunk for the groups, after the check that it makes equal ones."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    if x.shape[1] % num_groups != 0:
        raise ValueError(f"{num_groups} groups, {x.shape[1]} channels")
    done = []
    for chunk in x.chunk(num_groups, dim=1):
        dims = tuple(range(1, x.dim()))
        centred = chunk - chunk.mean(dims, keepdim=True)
        done.append(centred / torch.sqrt((centred * centred).mean(dims, keepdim=True) + eps))
    along = [slice(None)] + [None] * (x.dim() - 2)
    return torch.cat(done, 1) * gamma[tuple(along)] + beta[tuple(along)]
