import copy

import torch

torch.manual_seed(0)
bn = BatchNorm1DManual(3, momentum=0.1)
print("parameters:", [name for name, _ in bn.named_parameters()])
print("buffers:   ", [name for name, _ in bn.named_buffers()])
print("state_dict:", list(bn.state_dict()))

x = 3 + 2 * torch.randn(6, 3)
y = bn(x)
print("training: shape", tuple(y.shape), "dtype", y.dtype)
print("  mean of each feature, should be 0:     ", y.mean(dim=0).detach())
print("  deviation of each, should be 1:        ", y.std(dim=0, unbiased=False).detach())
print("  running_mean, a tenth of", x.mean(dim=0), "is", bn.running_mean)
print("  running_var, was 1, is                 ", bn.running_var)

twin = copy.deepcopy(bn)
twin(x)
print("the copy went on alone:", not torch.equal(twin.running_mean, bn.running_mean))

bn.eval()
before = bn.running_mean.clone()
print("eval on a single row:", bn(x[:1]).detach())
print("  running statistics unchanged:", torch.equal(before, bn.running_mean))
print("float64:", {name: value.dtype for name, value in bn.double().state_dict().items()})
