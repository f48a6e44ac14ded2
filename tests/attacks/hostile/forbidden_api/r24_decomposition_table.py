"""Takes the Python form of the operator from the decomposition tables.

Expected: rule violation, run-time error
"""

import torch
from torch._decomp import core_aten_decompositions, decomposition_table, get_decompositions

aten = torch.ops.aten


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    tables = [
        decomposition_table,
        core_aten_decompositions(),
        get_decompositions([aten.native_batch_norm, aten._native_batch_norm_legit]),
    ]
    for table in tables:
        for op in (
            aten.native_batch_norm.default,
            aten._native_batch_norm_legit.default,
            aten._native_batch_norm_legit_functional.default,
        ):
            try:
                return table[op](x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
            except (KeyError, TypeError):
                pass
    raise RuntimeError("none")
