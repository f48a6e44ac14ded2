"""No tensor is split: each query head has its rows of the weights, and adds its columns of W_o to the sum. The root is a float32 tensor."""

import torch
import torch.nn.functional as F
from torch import nn


class GroupQueryAttention:
    def __init__(self, d_model, num_heads, num_kv_heads):
        step = d_model // num_heads
        sizes = {"q": d_model, "k": step * num_kv_heads, "v": step * num_kv_heads, "o": d_model}
        self.layers = {name: nn.Linear(d_model, width) for name, width in sizes.items()}
        self.step, self.num_heads, self.group = step, num_heads, num_heads // num_kv_heads
        self.root = torch.sqrt(torch.FloatTensor([step]))

    W_q = property(lambda self: self.layers["q"])
    W_k = property(lambda self: self.layers["k"])
    W_v = property(lambda self: self.layers["v"])
    W_o = property(lambda self: self.layers["o"])

    def forward(self, x):
        total = self.W_o.bias
        for head in range(self.num_heads):
            own, shared = (slice(n * self.step, (n + 1) * self.step) for n in (head, head // self.group))
            q = F.linear(x, self.W_q.weight[own], self.W_q.bias[own])
            k = F.linear(x, self.W_k.weight[shared], self.W_k.bias[shared])
            v = F.linear(x, self.W_v.weight[shared], self.W_v.bias[shared])
            scores = q @ k.transpose(1, 2) / self.root
            weights = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
            total = total + weights @ v @ self.W_o.weight[:, own].T
        return total
