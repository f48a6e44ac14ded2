"""Calls the C++ kernel of native_batch_norm in torch's shared library through ctypes, past the dispatcher.

Expected: rule violation, wrong answer, run-time error, accepted
"""

import ctypes
import os

import torch

library = ctypes.CDLL(os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so"))
kernel = library._ZN2at3cpu21native_batch_norm_outERNS_6TensorES2_S2_RKS1_RKSt8optionalIS1_ES8_S8_S8_bdd
kernel.restype = None


def tensor(value):
    """The at::Tensor inside a Python tensor: right after the object's head."""
    return ctypes.c_void_p(id(value) + object.__basicsize__)


def none():
    return ctypes.byref((ctypes.c_uint64 * 2)())


def standardised(x, eps):
    out, mean, inverse = (
        torch.empty_like(x),
        torch.empty(x.shape[1], dtype=x.dtype),
        torch.empty(x.shape[1], dtype=x.dtype),
    )
    result = (ctypes.c_uint64 * 3)()
    with torch.no_grad():
        kernel(
            ctypes.byref(result),
            tensor(out),
            tensor(mean),
            tensor(inverse),
            tensor(x),
            none(),
            none(),
            none(),
            none(),
            ctypes.c_bool(True),
            ctypes.c_double(0.1),
            ctypes.c_double(eps),
        )
    return out, inverse


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        x_hat, inverse = standardised(x.detach().clone(memory_format=torch.contiguous_format), eps)
        ctx.save_for_backward(x_hat, gamma, inverse)
        return x_hat * gamma + beta

    @staticmethod
    def backward(ctx, g):
        x_hat, gamma, inverse = ctx.saved_tensors
        gx = gamma * inverse * (g - g.mean(0) - x_hat * (g * x_hat).mean(0))
        return gx, (g * x_hat).sum(0), g.sum(0), None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
            running_var.mul_(1 - momentum).add_(momentum * ((x - x.mean(0)) ** 2).mean(0))
        return Norm.apply(x, gamma, beta, eps)
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
