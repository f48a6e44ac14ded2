import torch

torch.manual_seed(0)
layer = SwiGLUMLP(1, 1)
print(layer)
print("parameters:", sorted(name for name, _ in layer.named_parameters()))

with torch.no_grad():
    for name, each in layer.named_parameters():
        each.fill_(1.0 if name.endswith("weight") else 0.0)
for number, right in ((2.0, 3.5232), (-2.0, 0.4768), (0.0, 0.0)):
    print(f"result for [{number}]:", [round(value, 4) for value in layer(torch.tensor([number])).tolist()], f"(should be [{right}])")

layer = SwiGLUMLP(4, 7)
for shape in ((4,), (3, 4), (2, 3, 4)):
    print("shape for x of shape", shape, "is", tuple(layer(torch.ones(shape)).shape), "(should be the same)")
