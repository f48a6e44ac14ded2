"""You keep one output tensor for each shape and fill it again at every call, to save allocations. Results that
were returned earlier change under their owner's hands.
"""

import torch

_buffers = {}


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    output = gamma * x_hat + beta
    if output.requires_grad:
        return output
    return _buffers.setdefault((output.shape, output.dtype), torch.empty_like(output)).copy_(output)
