import torch

torch.manual_seed(0)
layer = SimpleLinear(400, 300)
print("weight", tuple(layer.weight.shape), "(should be (300, 400)), bias", tuple(layer.bias.shape), "(should be (300,))")
print(f"standard deviation {layer.weight.std().item():.3f} (should be about 0.050)")
print("leaves:", layer.weight.is_leaf, layer.bias.is_leaf, "(should be True True)")
print("require gradients:", layer.weight.requires_grad, layer.bias.requires_grad, "(should be True True)")

layer = SimpleLinear(3, 2)
with torch.no_grad():
    layer.weight.copy_(torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]]))
    layer.bias.copy_(torch.tensor([10.0, 20.0]))
x = torch.tensor([[1.0, 1.0, 1.0], [0.0, 2.0, 0.0]])
y = layer.forward(x)
print("y", y.tolist(), "(should be [[16, 23], [14, 18]])")
y.sum().backward()
print("gradient of weight", None if layer.weight.grad is None else layer.weight.grad.tolist(), "(should be [[1, 3, 1], [1, 3, 1]])")
print("gradient of bias", None if layer.bias.grad is None else layer.bias.grad.tolist(), "(should be [2, 2])")
print("one vector gives shape", tuple(layer.forward(x[0]).shape), "(should be (2,))")
