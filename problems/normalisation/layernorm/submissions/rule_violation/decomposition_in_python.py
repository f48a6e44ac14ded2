"""You call the Python form of the operator that PyTorch ships for its compiler. It is still the built-in layer
norm.
"""

from torch._refs import native_layer_norm


def my_layer_norm(x, gamma, beta, eps=1e-5):
    return native_layer_norm(x, gamma.shape, gamma, beta, eps)[0]
