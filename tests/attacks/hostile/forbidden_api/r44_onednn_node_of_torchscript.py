"""Writes a graph with prim::MKLDNNLayerNorm, TorchScript's layer norm of oneDNN that no dispatcher sees.

Expected: rule violation
"""

import torch

graph = torch._C.parse_ir("""
graph(%x : Tensor, %w : Tensor, %b : Tensor, %s : int[], %e : float):
  %t : bool = prim::Constant[value=1]()
  %y : Tensor = prim::MKLDNNLayerNorm(%x, %s, %w, %b, %e, %t)
  return (%y)
""")
layer_norm = torch._C._create_function_from_graph("norm", graph)


def standardised(x, eps):
    with torch.no_grad():
        count = x.shape[1]
        weight, bias = torch.ones(count).to_mkldnn(), torch.zeros(count).to_mkldnn()
        return layer_norm(x.to_mkldnn(), weight, bias, [count], float(eps)).to_dense()


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
