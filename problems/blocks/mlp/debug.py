import torch

torch.manual_seed(0)
mlp = SwiGLUMLP(4, 7)
x = torch.randn(2, 5, 4)

print(mlp)
print("parameters:", sum(each.numel() for each in mlp.parameters()), "(should be 102)")
y = mlp(x)
print("shape", tuple(y.shape), "(should be (2, 5, 4))")
print("a position by itself gives the same:", torch.allclose(mlp(x[1, 3]), y[1, 3], atol=1e-6))

mlp = SwiGLUMLP(1, 1)
with torch.no_grad():
    for name, each in mlp.named_parameters():
        each.fill_(1.0 if name.endswith("weight") else 0.0)
for number, expected in ((-1.0, 0.2689), (0.0, 0.0), (2.0, 3.5232)):
    print(f"x = {number}: {mlp(torch.tensor([number])).item():.4f} (should be {expected})")

far = torch.tensor([-200.0], requires_grad=True)
mlp(far).sum().backward()
print("gradient at -200:", far.grad.item(), "(should be 0)")
