"""Builds a node prim::oneDNNFusionGroup around layer_norm by hand, which oneDNN compiles and runs.

Expected: rule violation, run-time error
"""

import torch


def standardised(x, eps):
    rows, count = x.shape
    kind = f"Float({rows}, {count}, strides=[{count}, 1], requires_grad=0, device=cpu)"
    inner = torch._C.parse_ir(f"""
graph(%x : {kind}):
  %s : int[] = prim::Constant[value=[{count}]]()
  %none : NoneType = prim::Constant()
  %e : float = prim::Constant[value={float(eps):.17e}]()
  %f : bool = prim::Constant[value=0]()
  %y : {kind} = aten::layer_norm(%x, %s, %none, %none, %e, %f)
  return (%y)
""")
    outer = torch._C.Graph()
    given = outer.addInput()
    given.setType(next(iter(inner.inputs())).type())
    node = outer.create("prim::oneDNNFusionGroup", [given], 1)
    node.g_("Subgraph", inner)
    node.is_("output_layouts", [0] * 8)
    outer.insertNode(node)
    out = next(iter(node.outputs()))
    out.setType(next(iter(inner.outputs())).type())
    outer.registerOutput(out)
    with torch.no_grad():
        return torch._C._jit_interpret_graph(outer, (x,)).clone()


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
