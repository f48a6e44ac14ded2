"""Runs the other normalising nodes of the static runtime: group norm, batch norm, and fused ones.

Expected: rule violation, run-time error, wrong answer
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    for source, shape in (
        ("torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, False)", x.detach()),
        ("torch.group_norm(x, 1)", x.detach().t().contiguous()),
        ("torch.native_layer_norm(x, [x.size(1)], None, None, 1e-5)[0]", x.detach().t().contiguous()),
    ):
        try:
            unit = torch.jit.CompilationUnit(f"def norm(x):\n    return {source}\n")
            with torch.no_grad():
                print("ran", source, torch._C._jit_to_static_module(unit.norm.graph)(shape).shape)
        except Exception as error:
            print(type(error).__name__, str(error)[:80])
    raise RuntimeError("none")
