"""A function of one vector, mapped over all of them with vmap."""

import torch


def one_vector(v, weight, eps):
    return v / torch.sqrt(torch.dot(v, v) / v.numel() + eps) * weight


def rms_norm(x, weight, eps=1e-6):
    wide = x.double() if x.dtype == torch.float64 else x.float()
    rows = wide.reshape(-1, wide.shape[-1])
    done = torch.vmap(one_vector, in_dims=(0, None, None))(rows, weight, float(eps))
    return done.reshape(x.shape).to(x.dtype)
