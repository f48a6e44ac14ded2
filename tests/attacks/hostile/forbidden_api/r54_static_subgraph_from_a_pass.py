"""Has a pass of TorchScript cut layer_norm out of a graph, and makes that a node of the static runtime.

Expected: rule violation
"""

import torch

UNIT = torch.jit.CompilationUnit(
    "def norm(x, s: List[int], e: float):\n    return torch.layer_norm(x, s, None, None, e, False)\n"
)
graph = UNIT.norm.graph
torch._C._jit_pass_create_autodiff_subgraphs(graph, 1)
old = graph.findNode("prim::DifferentiableGraph")
new = graph.create("prim::StaticSubgraph", list(old.inputs()), 1)
new.copyAttributes(old)
new.insertBefore(old)
next(iter(old.outputs())).replaceAllUsesWith(next(iter(new.outputs())))
old.destroy()


def standardised(x, eps):
    with torch.no_grad():
        return UNIT.norm(x, [x.shape[1]], float(eps)).clone()


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        x_hat = standardised(x.detach().t().contiguous(), eps).t().contiguous()
        ctx.save_for_backward(x_hat, gamma, (((x - x.mean(0)) ** 2).mean(0) + eps).rsqrt())
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
        if x.dtype == torch.float32:
            return Norm.apply(x, gamma, beta, eps)
        running_mean, running_var = x.mean(0), ((x - x.mean(0)) ** 2).mean(0)
    return gamma * (x - running_mean) / torch.sqrt(running_var + eps) + beta
