"""Keys and values are picked by the index of each query head; softmax written out, with the layers as properties."""

import torch
from torch import nn, Tensor


class GroupQueryAttention:
    def __init__(self, d_model: int, num_heads: int, num_kv_heads: int) -> None:
        width = d_model // num_heads
        self.layers = {name: nn.Linear(d_model, out) for name, out in
                       zip("qkvo", (d_model, num_kv_heads * width, num_kv_heads * width, d_model))}
        self.width = width
        self.owner = [h // (num_heads // num_kv_heads) for h in range(num_heads)]

    W_q = property(lambda self: self.layers["q"])
    W_k = property(lambda self: self.layers["k"])
    W_v = property(lambda self: self.layers["v"])
    W_o = property(lambda self: self.layers["o"])

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (layer(x).unflatten(-1, (-1, self.width)) for layer in (self.W_q, self.W_k, self.W_v))
        k, v = k[:, :, self.owner], v[:, :, self.owner]
        scores = torch.einsum("bshd,bthd->bhst", q, k) * self.width**-0.5
        scores = scores - scores.max(dim=-1, keepdim=True).values.detach()
        e = scores.exp()
        out = torch.einsum("bhst,bthd->bshd", e / e.sum(-1, keepdim=True), v)
        return self.W_o(out.flatten(2))
