"""NumPy for the tanh form, forward and backward, inside a custom autograd.Function; six digits of the constant."""

import numpy as np
import torch

ROOT = 0.797885
CUBIC = 0.044715


class NumpyGELU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        values = x.detach().double().numpy()
        bent = np.tanh(ROOT * (values + CUBIC * values**3))
        slope = ROOT * (1 + 3 * CUBIC * values**2)
        ctx.slope = np.asarray(0.5 * (1 + bent) + 0.5 * values * (1 - bent**2) * slope)
        return torch.from_numpy(np.asarray(0.5 * values * (1 + bent))).to(x.dtype)

    @staticmethod
    def backward(ctx, above):
        return above * torch.from_numpy(ctx.slope).to(above.dtype)


def my_gelu(x):
    return NumpyGELU.apply(x)
