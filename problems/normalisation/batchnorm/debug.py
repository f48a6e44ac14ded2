import torch

torch.manual_seed(0)
x = 3 + 2 * torch.randn(6, 4)
gamma, beta = torch.tensor([1.0, 2.0, -1.0, 0.5]), torch.tensor([0.0, 5.0, 0.0, -1.0])
running_mean, running_var = torch.zeros(4), torch.ones(4)

y = my_batch_norm(x, gamma, beta, running_mean, running_var, momentum=0.1, training=True)
print("training: shape", tuple(y.shape), "dtype", y.dtype)
print("  mean of each feature, should be beta: ", y.mean(dim=0))
print("  deviation of each, should be |gamma|: ", y.std(dim=0, unbiased=False))
print("  running_mean, was 0, a tenth of", x.mean(dim=0), "is", running_mean)
print("  running_var, was 1, is                ", running_var)

before = running_mean.clone(), running_var.clone()
y = my_batch_norm(x[:2], gamma, beta, running_mean, running_var, training=False)
print("inference on two rows:\n", y)
print("  running statistics unchanged:", torch.equal(before[0], running_mean) and torch.equal(before[1], running_var))
