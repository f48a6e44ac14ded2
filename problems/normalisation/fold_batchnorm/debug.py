import torch
from torch import nn

torch.manual_seed(0)
conv = nn.Conv2d(4, 6, (3, 5), stride=(2, 1), padding=(1, 2), groups=2, bias=False)
bn = nn.BatchNorm2d(6)
for _ in range(20):  # training moves the running statistics away from 0 and 1
    bn(3 + 2 * conv(torch.randn(8, 4, 9, 11)))
nn.init.normal_(bn.weight)
nn.init.normal_(bn.bias)
conv.eval(), bn.eval()

folded = fold_batchnorm(conv, bn)
x = torch.randn(2, 4, 9, 11)
print("original:", conv)
print("folded:  ", folded)
print("largest difference, should be about 1e-6:", (folded(x) - bn(conv(x))).abs().max().item())
print("parameters:", {name: (tuple(p.shape), p.requires_grad, p.is_leaf) for name, p in folded.named_parameters()})
print("the original still has no bias:", conv.bias is None)

