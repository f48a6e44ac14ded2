import torch

torch.manual_seed(0)
layer = MyDropout(0.25)
x = torch.arange(1.0, 9.0)
print("p = 0.25, two calls in training (numbers are 0 or x / 0.75):\n", layer(x), "\n", layer(x))
print("in eval mode, should be x:\n", layer.eval()(x))

layer.train()
many = torch.ones(200, 200)
y = layer(many)
print(f"share that was dropped: {(y == 0).float().mean():.3f} (should be about 0.25), mean of all: {y.mean():.3f} (about 1)")
rows = (y == 0).float().mean(dim=1)
print(f"share in the rows: from {rows.min():.2f} to {rows.max():.2f} (should be near 0.25, and differ)")

x = torch.ones(6, requires_grad=True)
y = layer(x)
y.sum().backward()
print("result and gradient, should be the same here:\n", y.data, "\n", x.grad)
print("p = 0:", MyDropout(0.0)(torch.ones(3)), " p = 1:", MyDropout(1.0)(torch.ones(3)))
