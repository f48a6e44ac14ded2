import torch

torch.manual_seed(0)
layer = MyEmbedding(4, 2)
print(layer)
print("parameters:", {name: tuple(each.shape) for name, each in layer.named_parameters()}, "(should be weight, (4, 2))")
print("weight at the start:\n", layer.weight.data)

with torch.no_grad():
    layer.weight.copy_(torch.tensor([[0.0, 1.0], [10.0, 11.0], [20.0, 21.0], [30.0, 31.0]]))
print("rows 2 and 0:", layer(torch.tensor([2, 0])).tolist(), "(should be [[20, 21], [0, 1]])")
print("shape for indices of shape (3, 1, 2):", tuple(layer(torch.zeros(3, 1, 2, dtype=torch.int64)).shape), "(should be (3, 1, 2, 2))")
print("shape for a single index:", tuple(layer(torch.tensor(1)).shape), "(should be (2,))")

layer(torch.tensor([[3], [3]])).sum().backward()
print("gradient of weight:", layer.weight.grad.tolist(), "(should be 0 but for row 3, which is [2, 2])")
