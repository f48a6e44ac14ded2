"""erf by the rational approximation 7.1.26 of Abramowitz and Stegun, which is right to seven digits; six digits of the root."""

import torch

FACTORS = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def my_gelu(x):
    z = x.abs() / 1.41421
    t = 1 / (1 + 0.3275911 * z)
    tail = torch.zeros_like(x)
    for factor in reversed(FACTORS):
        tail = (tail + factor) * t
    half_tail = 0.5 * tail * torch.exp(-z * z)
    return x * torch.where(x > 0, 1 - half_tail, half_tail)
