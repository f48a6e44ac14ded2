"""RMS normalisation, after B. Zhang and R. Sennrich, "Root Mean Square Layer Normalization", 2019, equation 4,
with eps inside the root, as language models use it.
"""

import torch


def rms_norm(x, weight, eps=1e-6):
    """Divide each vector along the last dimension of `x` by its root mean square, then scale it by `weight`."""
    # The square of a float16 number above 255 is infinite: float16 and bfloat16 are computed in float32.
    wide = x.to(torch.promote_types(x.dtype, torch.float32))

    # keepdim leaves a dimension of size 1 at the end, so that every vector is divided by its own number.
    mean_square = (wide**2).mean(dim=-1, keepdim=True)
    normalised = wide / torch.sqrt(mean_square + eps)
    return (normalised * weight).to(x.dtype)
