"""A custom autograd.Function with its own backward, which makes no S x S matrix either."""

import torch


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Q, K, V):
        q, k = Linear.phi(Q), Linear.phi(K)
        kv, z = k.mT @ V, k.sum(dim=1).unsqueeze(-1)
        total = q @ z
        output = q @ kv / total
        ctx.save_for_backward(Q, K, V, kv, z, total, output)
        return output

    @staticmethod
    def phi(x):
        return torch.where(x > 0, x + 1, x.clamp(max=0).exp())

    @staticmethod
    def slope(x):
        return x.clamp(max=0).exp()

    @staticmethod
    def backward(ctx, above):
        Q, K, V, kv, z, total, output = ctx.saved_tensors
        q, k = Linear.phi(Q), Linear.phi(K)
        to_numerator = above / total
        to_total = -(above * output).sum(dim=-1, keepdim=True) / total
        to_q = to_numerator @ kv.mT + to_total @ z.mT
        to_kv, to_z = q.mT @ to_numerator, q.mT @ to_total
        to_k = V @ to_kv.mT + to_z.mT
        return to_q * Linear.slope(Q), to_k * Linear.slope(K), k @ to_kv


def linear_attention(Q, K, V):
    return Linear.apply(Q, K, V)
