import torch

torch.manual_seed(0)
block = TransformerBlock(4, 7)
x = 3 + 2 * torch.randn(2, 5, 4)

print(block)
print("parameters:", sum(each.numel() for each in block.parameters()), "(should be 75)")
y = block(x)
print("shape", tuple(y.shape), "(should be (2, 5, 4))")
print("a position by itself gives the same:", torch.allclose(block(x[1, 3]), y[1, 3], atol=1e-6))

for each in block.modules():
    if isinstance(each, torch.nn.Linear) and each.out_features == 4:
        torch.nn.init.zeros_(each.weight)
        torch.nn.init.zeros_(each.bias)
print("with the last layer at zero the block returns x:", torch.equal(block(x), x))

block = TransformerBlock()
print("parameters by default:", sum(each.numel() for each in block.parameters()), "(should be 2100736)")
