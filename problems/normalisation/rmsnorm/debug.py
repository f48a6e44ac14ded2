import torch

torch.manual_seed(0)
x = torch.randn(2, 3, 8) * torch.tensor([1.0, 10.0, 100.0])[:, None] + 1
weight = torch.ones(8)

y = rms_norm(x, weight)
print("shape", tuple(y.shape), "dtype", y.dtype)
print("root mean square of each vector, should be 1:\n", y.pow(2).mean(dim=-1).sqrt())
print("mean of each vector, should not be 0:\n", y.mean(dim=-1))
print("a vector of zeros becomes", rms_norm(torch.zeros(4), torch.ones(4)))
print("the example:", rms_norm(torch.tensor([1.0, 7.0]), torch.tensor([1.0, 10.0]), eps=0.0), "should be 0.2, 14")
