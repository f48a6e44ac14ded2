"""The Gaussian error linear unit, after D. Hendrycks and K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016,
section 2: the exact form, and the approximation by tanh, which is right as well.
"""

import math

import torch


def my_gelu(x):
    """Multiply each number by the chance that a normally distributed one is smaller."""
    # erf is the distribution function of another normal distribution, stretched to run from -1 to 1: its variance is
    # 1/2, therefore the root of 2; and half of 1 + erf runs from 0 to 1.
    chance = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    return x * chance


def gelu_by_tanh(x):
    """Do the same with the distribution function approximated by tanh."""
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))
