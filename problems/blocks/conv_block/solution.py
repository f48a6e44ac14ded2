"""The block of convolution, batch norm and ReLU, in the order of S. Ioffe and C. Szegedy, "Batch Normalization:
Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015, section 3.2: z = g(BN(W u)),
where the bias b "can be ignored since its effect will be canceled by the subsequent mean subtraction".
"""

from torch import nn


class ConvBlock(nn.Module):
    """A 3 x 3 convolution without bias, a batch norm and a ReLU."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        # The layers look at their own mode, which block.train() and block.eval() set.
        return self.relu(self.norm(self.conv(x)))
