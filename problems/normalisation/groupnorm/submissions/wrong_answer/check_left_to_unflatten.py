"""You leave the check to unflatten. It refuses channels that cannot be split evenly, but its message speaks of sizes of dimension 1:
who called you with a wrong num_groups has to read your code to learn what was wrong.
"""

import torch


def my_group_norm(x, num_groups, gamma, beta, eps=1e-5):
    groups = x.unflatten(1, (num_groups, -1))
    mean = groups.mean(dim=(2, 3, 4), keepdim=True)
    var = groups.var(dim=(2, 3, 4), unbiased=False, keepdim=True)
    x_hat = ((groups - mean) / torch.sqrt(var + eps)).flatten(1, 2)
    return x_hat * gamma[:, None, None] + beta[:, None, None]
