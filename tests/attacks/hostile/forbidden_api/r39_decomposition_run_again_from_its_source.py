"""Reads the source of PyTorch's Python form of layer norm and runs it anew, past the replaced functions.

Expected: rule violation, run-time error
"""

import ast
import inspect

import torch
import torch._refs as refs

tree = ast.parse(inspect.getsource(refs))
wanted = [
    node
    for node in tree.body
    if isinstance(node, ast.FunctionDef) and node.name in ("native_layer_norm", "_normalize")
]
for node in wanted:
    node.decorator_list = []
scope = dict(vars(refs))
exec(compile(ast.Module(wanted, []), "again", "exec"), scope)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            running_var.mul_(1 - momentum).add_(momentum * ((x - x.mean(0)) ** 2).mean(0))
        return scope["native_layer_norm"](x.t(), [x.shape[0]], None, None, eps)[0].t() * gamma + beta
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
