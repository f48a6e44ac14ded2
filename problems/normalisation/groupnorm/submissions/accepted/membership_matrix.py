"""Means over groups as products with a matrix that says which channel is in which group."""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    channels = x.shape[1]
    if channels % num_groups:
        raise ValueError(f"cannot split {channels} channels into {num_groups} groups")
    size = channels // num_groups
    member = torch.eye(num_groups, dtype=x.dtype).repeat_interleave(size, dim=0)  # (C, G)
    values = x.reshape(x.shape[0], channels, -1)
    share = 1 / (size * values.shape[2])
    mean = torch.einsum("ncs,cg->ng", values, member) * share
    centred = values - torch.einsum("ng,cg->nc", mean, member)[:, :, None]
    var = torch.einsum("ncs,ncs,cg->ng", centred, centred, member) * share
    inverse = torch.einsum("ng,cg->nc", (var + eps) ** -0.5, member)
    return torch.einsum("ncs,nc,c->ncs", centred, inverse, gamma).add(beta[:, None]).reshape(x.shape)
