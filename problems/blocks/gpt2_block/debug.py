import torch

torch.manual_seed(0)
block = GPT2Block(6, 3)
x = 3 + 2 * torch.randn(2, 5, 6)

print(block)
print("parameters:", sum(each.numel() for each in GPT2Block(4, 2).parameters()), "(should be 244)")
y = block(x)
print("shape", tuple(y.shape), "(should be (2, 5, 6))")
print("position 0 alone gives the same:", torch.allclose(block(x[:, :1]), y[:, :1], atol=1e-5))
changed = x.clone()
changed[:, 3:] += 1
print("later positions do not matter:", torch.allclose(block(changed)[:, :3], y[:, :3], atol=1e-5))

last = [each for each in block.mlp.modules() if isinstance(each, torch.nn.Linear)][-1]
for layer in (block.W_o, last):
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
print("with W_o and the last layer at zero the block returns x:", torch.equal(block(x), x))
