import torch

torch.manual_seed(0)
for shape in ((1000, 50), (50, 1000)):
    weight = torch.empty(shape)
    result = kaiming_init(weight)
    print(f"shape {shape}: mean {weight.mean():.4f} (should be about 0), deviation {weight.std():.4f} (should be about {(2 / shape[1]) ** 0.5:.4f})")
    print("  the tensor itself came back:", result is weight)
    print(f"  farther than 3 deviations from 0: {(weight.abs() > 3 * (2 / shape[1]) ** 0.5).float().mean():.4f} (should be about 0.0027)")

parameter = torch.nn.Parameter(torch.zeros(3, 4))
kaiming_init(parameter)
print("a parameter still requires a gradient:", parameter.requires_grad, "and is a leaf:", parameter.is_leaf)

x = torch.randn(512, 300)
for _ in range(10):
    x = torch.relu(x @ kaiming_init(torch.empty(300, 300)).T)
print(f"mean square after 10 layers with ReLU, should be near 1: {x.square().mean():.2f}")
