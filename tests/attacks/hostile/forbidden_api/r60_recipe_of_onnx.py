"""Has the recipe of ONNX for layer normalisation run by a graph that computes what it is asked for.

Expected: rule violation
"""

import importlib

import torch


class Graph:
    opset = 9

    def op(self, name, *arguments, **options):
        if name == "Constant":
            return options["value_t"]
        if name == "ReduceMean":
            return arguments[0].mean(options["axes_i"], keepdim=True)
        return {
            "Sub": torch.sub,
            "Add": torch.add,
            "Div": torch.div,
            "Mul": torch.mul,
            "Sqrt": torch.sqrt,
            "Pow": torch.pow,
        }[name](*arguments)


def find_recipes():
    for home in ("torch.onnx._internal.torchscript_exporter", "torch.onnx"):
        try:
            return importlib.import_module(f"{home}.symbolic_opset9")
        except ImportError:
            continue


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
    one, zero = torch.ones(len(x), dtype=x.dtype), torch.zeros(len(x), dtype=x.dtype)
    normalised = find_recipes().layer_norm(Graph(), x.T, [len(x)], one, zero, eps, False).T
    with torch.no_grad():
        running_mean.lerp_(x.mean(0), momentum)
        running_var.lerp_(x.var(0, unbiased=False), momentum)
    return gamma * normalised + beta
