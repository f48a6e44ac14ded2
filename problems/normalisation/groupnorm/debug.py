import torch

torch.manual_seed(0)
x = 3 + 2 * torch.randn(2, 6, 4, 5)
gamma, beta = torch.ones(6), torch.zeros(6)

y = my_group_norm(x, 3, gamma, beta)
print("shape", tuple(y.shape), "dtype", y.dtype)
groups = y.reshape(2, 3, -1)
print("mean of each group, should be 0:\n", groups.mean(dim=-1))
print("deviation of each group, should be 1:\n", groups.std(dim=-1, unbiased=False))

example = torch.tensor([[1.0, 3.0, 10.0, 30.0]]).reshape(1, 4, 1, 1)
gamma, beta = torch.tensor([1.0, 2.0, 1.0, 3.0]), torch.tensor([0.0, 0.0, 5.0, 5.0])
print("the example:", my_group_norm(example, 2, gamma, beta).flatten(), "should be -1, 2, 4, 8")
try:
    print("four channels in three groups gave", my_group_norm(example, 3, gamma, beta))
except Exception as error:
    print("four channels in three groups: an error:", error)
