import torch

torch.manual_seed(0)
model = MLPWithBatchNorm(5)
x = 3 + 2 * torch.randn(8, 5)

print(model)
print("parameters:", sum(each.numel() for each in model.parameters()), "(should be 2689)")
print("training, eight rows: shape", tuple(model(x).shape), "(should be (8, 1))")
try:
    print("training, one row: shape", tuple(model(x[:1]).shape), "(should be an error)")
except Exception as error:
    print("training, one row: an error:", error)

model.eval()
y = model(x)
print("evaluation, one row: shape", tuple(model(x[:1]).shape), "(should be (1, 1))")
print("evaluation, a row by itself and among others:", torch.allclose(model(x[:1]), y[:1]))
