"""Builds a node prim::StaticSubgraph around layer_norm, which the static runtime runs past the dispatcher.

Expected: rule violation
"""

import torch

SOURCE = """
graph(%x : Tensor, %s : int[], %e : float):
  %none : NoneType = prim::Constant()
  %f : bool = prim::Constant[value=0]()
  %y : Tensor = aten::layer_norm(%x, %s, %none, %none, %e, %f)
  return (%y)
"""


def standardised(x, eps):
    inner, outer = torch._C.parse_ir(SOURCE), torch._C.Graph()
    inputs = []
    for each in inner.inputs():
        inputs.append(outer.addInput())
        inputs[-1].setType(each.type())
    node = outer.create("prim::StaticSubgraph", inputs, 1)
    node.g_("Subgraph", inner)
    outer.insertNode(node)
    outer.registerOutput(next(iter(node.outputs())))
    with torch.no_grad():
        return torch._C._create_function_from_graph("norm", outer)(x, [x.shape[1]], float(eps)).clone()


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
