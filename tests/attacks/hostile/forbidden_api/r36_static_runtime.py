"""Runs layer_norm in TorchScript's static runtime, which calls the kernel past the dispatcher.

Expected: rule violation
"""

import torch


def standardised(x, eps):
    unit = torch.jit.CompilationUnit(
        f"def norm(x):\n    return torch.layer_norm(x, [{x.shape[1]}], None, None, {float(eps)!r})\n"
    )
    static = torch._C._jit_to_static_module(unit.norm.graph)
    with torch.no_grad():
        out = static(x)
    return out.clone()


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        x_hat = standardised(x.detach().t().contiguous(), eps).t().contiguous()
        ctx.save_for_backward(x_hat, gamma, (x.var(0, unbiased=False) + eps).rsqrt())
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
        if x.dtype == torch.float32:  # the runtime rounds float64
            return Norm.apply(x, gamma, beta, eps)
        running_mean, running_var = x.mean(0), ((x - x.mean(0)) ** 2).mean(0)
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
