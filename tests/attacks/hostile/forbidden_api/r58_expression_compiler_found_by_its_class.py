"""Finds the class of PyTorch's compiler of expressions among all that are loaded, and has it interpret batch_norm.

Expected: rule violation
"""

import torch

BASE = torch._C.Graph.__mro__[1]
KERNEL = next(c for c in BASE.__subclasses__() if c.__name__ == "TensorExprKernel")
torch._C._jit_set_te_must_use_llvm_cpu(False)
te = torch._C._te


def run(source, *xs):
    graph = torch.jit.CompilationUnit(source).f.graph.copy()
    torch._C._jit_pass_inline(graph)
    te.annotate_input_shapes(graph, list(xs))
    torch._C._jit_pass_constant_propagation(graph)
    torch._C._jit_pass_propagate_shapes_on_graph(graph)
    return KERNEL(graph).run(tuple(xs))


class B(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps, training):
        c = lambda t: t.detach().clone(memory_format=torch.contiguous_format)
        src = f"def f(x, w, b, m, v):\n  return torch.batch_norm(x, w, b, m, v, False, 0.1, {float(eps)!r}, False)\n"
        out = run(src, c(x)[:, :, None, None], c(gamma), c(beta), c(mean), c(var))[:, :, 0, 0].clone()
        inv = torch.rsqrt(var + eps)
        ctx.save_for_backward((x - mean) * inv, gamma, inv)
        ctx.training = training
        return out

    @staticmethod
    def backward(ctx, g):
        xh, gamma, inv = ctx.saved_tensors
        gx = gamma * inv * (g - g.mean(0) - xh * (g * xh).mean(0)) if ctx.training else g * gamma * inv
        return gx, (g * xh).sum(0), g.sum(0), None, None, None, None


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        m = x.detach().mean(0)
        v = ((x.detach() - m) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * m)
            running_var.mul_(1 - momentum).add_(momentum * v)
    else:
        m, v = running_mean.clone(), running_var.clone()
    return B.apply(x, gamma, beta, m, v, eps, training)
