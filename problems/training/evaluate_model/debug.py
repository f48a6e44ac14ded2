import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))
model[1].eval()  # a frozen batch norm inside a model in training
batches = [(torch.randn(n, 3), torch.randn(n, 1) + n) for n in (4, 4, 2)]

modes = [module.training for module in model.modules()]
mean_before = model[1].running_mean.clone()
print("evaluated:      ", evaluate(model, batches, nn.functional.mse_loss))
print("once more:      ", evaluate(model, batches, nn.functional.mse_loss), "(should be the same)")
print("from a generator", evaluate(model, (batch for batch in batches), nn.functional.mse_loss), "(should be the same)")
print("modes as before:", modes == [module.training for module in model.modules()])
print("running mean as before:", torch.equal(mean_before, model[1].running_mean))
