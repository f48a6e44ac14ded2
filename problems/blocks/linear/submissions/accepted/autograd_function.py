"""Forward and backward written down, as an autograd function."""

import math

import torch


class Affine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        rows, sent = x.reshape(-1, x.shape[-1]), grad.reshape(-1, grad.shape[-1])
        return grad @ weight, sent.T @ rows, sent.sum(0)


class SimpleLinear:
    def __init__(self, in_features, out_features):
        with torch.no_grad():
            self.weight = torch.randn(out_features, in_features).div_(math.sqrt(in_features))
        self.bias = torch.zeros(out_features)
        for each in (self.weight, self.bias):
            each.requires_grad_()

    def forward(self, x):
        return Affine.apply(x, self.weight, self.bias)
