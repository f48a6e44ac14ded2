"""The feed-forward block of a pre-norm transformer: the position-wise network of A. Vaswani et al., "Attention Is All You
Need", 2017, section 3.3, with the norm in front, as in R. Xiong et al., "On Layer Normalization in the Transformer
Architecture", 2020, and with the GELU of D. Hendrycks and K. Gimpel, 2016, in the place of the ReLU.
"""

from torch import nn


class TransformerBlock(nn.Module):
    """A pre-norm feed-forward block: x + ff(norm1(x))."""

    def __init__(self, d_model=512, d_ff=2048):
        super().__init__()
        self.norm1 = nn.LayerNorm(d_model)
        self.ff = nn.Sequential(nn.Linear(d_model, d_ff), nn.GELU(), nn.Linear(d_ff, d_model))

    def forward(self, x):
        # The sum takes x as it came in: only the branch is normalised.
        return x + self.ff(self.norm1(x))
