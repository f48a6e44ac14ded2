import torch

torch.manual_seed(0)
block = ConvBlock(3, 16)
x = 5 + 2 * torch.randn(8, 3, 32, 20)

print(block)
print("parameters:", sum(each.numel() for each in block.parameters()), "(should be 464)")
y = block(x)
print("training: shape", tuple(y.shape), "(should be (8, 16, 32, 20)), smallest number", y.min().item(), "(should be 0)")

for name, each in block.named_buffers():
    print(" ", name, each.flatten()[:4])

block.eval()
before = [each.clone() for each in block.buffers()]
y = block(x[:2])
print("evaluation: shape", tuple(y.shape))
print("  running statistics unchanged:", all(torch.equal(old, new) for old, new in zip(before, block.buffers())))
