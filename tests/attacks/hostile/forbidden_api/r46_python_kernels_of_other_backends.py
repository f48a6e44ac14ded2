"""Looks for Python forms of the operator in every module of torch that is loaded or can be imported.

Expected: rule violation, run-time error
"""

import importlib
import sys
import types

import torch

WORDS = ("batch_norm", "layer_norm", "group_norm", "instance_norm", "native_norm")
for name in (
    "torch._inductor.decomposition",
    "torch._decomp.decompositions_for_jvp",
    "torch._prims_common",
    "torch._meta_registrations",
    "torch.ao.nn.quantized.reference",
):
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(name, type(error).__name__)


def tries(x, eps):
    for module in [
        each
        for name, each in sys.modules.items()
        if name.startswith("torch") and isinstance(each, types.ModuleType)
    ]:
        for name, value in list(vars(module).items()):
            if (
                any(word in name for word in WORDS)
                and isinstance(value, types.FunctionType)
                and "meta" not in name
            ):
                for arguments in (
                    (x.t(), [x.shape[0]], None, None, eps),
                    (x.t(), (x.shape[0],), None, None, eps),
                    (x, None, None, None, None, True, 0.1, eps),
                    (x, None, None, None, None, True, 0.1, eps, True),
                ):
                    try:
                        yield f"{module.__name__}.{name}", value(*arguments)
                    except BaseException:
                        pass


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    reference = (x - x.mean(0)) / torch.sqrt(((x - x.mean(0)) ** 2).mean(0) + eps)
    for name, found in tries(x.detach(), eps) if x.shape == (7, 5) else ():
        found = found[0] if type(found) is tuple else found
        if type(found) is torch.Tensor and found.numel() == x.numel() and found.device.type == "cpu":
            for each in (found, found.t()):
                if each.shape == x.shape and torch.allclose(each, reference, atol=1e-4):
                    print("LEAKED:", name, "normalises")
    raise RuntimeError("nothing is returned")
