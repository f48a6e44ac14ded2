"""Builds a node prim::TensorExprGroup around batch_norm, which PyTorch's own compiler of loops interprets.

Expected: rule violation
"""

import torch


def typed(tensor):
    sizes, strides = ", ".join(map(str, tensor.shape)), ", ".join(map(str, tensor.stride()))
    return f"Float({sizes}, strides=[{strides}], requires_grad=0, device=cpu)"


def normalised(x, gamma, beta, mean, var, eps):
    torch._C._jit_set_te_must_use_llvm_cpu(False)
    inner = torch._C.parse_ir(f"""
graph(%x : {typed(x)}, %g : {typed(gamma)}, %b : {typed(beta)}, %m : {typed(mean)}, %v : {typed(var)}):
  %e : float = prim::Constant[value={eps:.17e}]()
  %f : bool = prim::Constant[value=0]()
  %y : {typed(x)} = aten::batch_norm(%x, %g, %b, %m, %v, %f, %e, %e, %f)
  return (%y)
""")
    outer, inputs = torch._C.Graph(), []
    for each in inner.inputs():
        inputs.append(outer.addInput())
        inputs[-1].setType(each.type())
    node = outer.create("prim::TensorExprGroup", inputs, 1)
    node.g_("Subgraph", inner)
    outer.insertNode(node)
    out = next(iter(node.outputs()))
    out.setType(next(iter(inner.outputs())).type())
    outer.registerOutput(out)
    with torch.no_grad():
        return torch._C._jit_interpret_graph(outer, (x, gamma, beta, mean, var))


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, mean, var, eps):
        ctx.save_for_backward(x, gamma, mean, var)
        ctx.eps = eps
        return normalised(*(each.detach().contiguous() for each in (x, gamma, beta, mean, var)), float(eps))

    @staticmethod
    def backward(ctx, g):
        x, gamma, mean, var = ctx.saved_tensors
        inverse = (var + ctx.eps).rsqrt()
        return g * gamma * inverse, (g * (x - mean) * inverse).sum(0), g.sum(0), None, None, None


def at_inference(x, gamma, beta, mean, var, eps):
    return Norm.apply(x, gamma, beta, mean, var, eps)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        mean = x.mean(0)
        var = ((x - mean) ** 2).mean(0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    elif x.dtype == torch.float32:
        return at_inference(x, gamma, beta, running_mean, running_var, eps)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta
