import torch

torch.manual_seed(0)
bn = BatchNorm(2, 1)
print("state_dict:", {name: tuple(value.shape) for name, value in bn.state_dict().items()})
with torch.no_grad():
    bn.linear.weight.copy_(torch.tensor([[1.0, 2.0]]))
    bn.linear.bias.copy_(torch.tensor([3.0]))

x = torch.tensor([[1.0, 10.0], [3.0, 30.0]])
print("inference before any training:", bn(x, inference=True).flatten().detach(), "should be x / sqrt(0.001), projected: 667.08, 1995.23")
print("training: ", bn(x).flatten().detach(), "should be 0.879, 5.121")
print("  running_mean", bn.running_mean, "should be 0.1, 1.0")
print("  running_var ", bn.running_var, "should be 0.1, 10.0")
print("inference:", bn(x[:1], inference=True).flatten().detach(), "should be 11.52")

before = bn.running_mean.clone()
bn.eval()(x)
print("a module in eval mode trains without the argument:", not torch.equal(before, bn.running_mean))
