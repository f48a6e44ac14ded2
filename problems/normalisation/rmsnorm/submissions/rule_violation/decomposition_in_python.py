"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in RMS
norm.
"""

from torch._decomp import decompositions


def rms_norm(x, weight, eps=1e-6):
    return decompositions._fused_rms_norm(x, list(weight.shape), weight, eps)[0]
