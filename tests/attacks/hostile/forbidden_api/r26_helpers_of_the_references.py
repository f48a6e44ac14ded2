"""Takes the inner helpers of the decompositions and references.

Expected: rule violation, run-time error
"""

import torch
import torch._decomp.decompositions as decompositions


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for call in (
        lambda: decompositions.native_batch_norm_helper(
            x, gamma, beta, running_mean, running_var, training, momentum, eps, True
        )[0],
        lambda: torch._refs._normalize(x, [0], eps)[0] * gamma + beta,
        lambda: decompositions._get_batch_norm_reserve_tensor(
            x, gamma, beta, running_mean, running_var, eps, training
        ),
        lambda: torch._refs.nn.functional.layer_norm(x.t(), (x.shape[0],), eps=eps).t() * gamma + beta,
    ):
        try:
            return call()
        except Exception as error:
            print(type(error).__name__)
    raise RuntimeError("none")
