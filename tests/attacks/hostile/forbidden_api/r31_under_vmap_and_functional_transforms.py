"""Calls it under vmap, vjp, functionalize and make_fx.

Expected: rule violation, run-time error
"""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    def norm(value):
        return F.batch_norm(value, None, None, gamma, beta, True, momentum, eps)

    for call in (
        lambda: torch.func.vmap(norm)(x[None])[0],
        lambda: torch.func.vjp(norm, x)[0],
        lambda: torch.func.functionalize(norm)(x),
    ):
        try:
            return call()
        except Exception as error:
            print(type(error).__name__)
    raise RuntimeError("none")
