import torch

torch.manual_seed(0)
bn = BatchNorm2d(3)
print("state_dict:", {name: (tuple(value.shape), value.dtype) for name, value in bn.state_dict().items()})

x = 3 + 2 * torch.randn(4, 3, 5, 6)
y = bn(x)
print("training: shape", tuple(y.shape), "dtype", y.dtype)
print("  mean of each channel, should be 0:", y.mean(dim=(0, 2, 3)).detach())
print("  deviation of each, should be 1:   ", y.std(dim=(0, 2, 3), unbiased=False).detach())
print("  running_mean, a tenth of", x.mean(dim=(0, 2, 3)), "is", bn.running_mean)
print("  running_var, 0.9 and a tenth of", x.var(dim=(0, 2, 3)), "is", bn.running_var)
print("  batches counted:", bn.num_batches_tracked)

built_in = torch.nn.BatchNorm2d(3)
print("loads into PyTorch's:", built_in.load_state_dict(bn.state_dict()))
built_in.train()(x)
bn.train()(x)
print("  both go on alike:", all(torch.allclose(built_in.state_dict()[name], value) for name, value in bn.state_dict().items()))

plain = BatchNorm2d(3, affine=False, track_running_stats=False)
print("nothing switched on:", dict(plain.state_dict()), plain.weight, plain.running_mean)
for wrong in (x[0], x[:1, :, :1, :1]):
    try:
        bn(wrong)
    except ValueError as error:
        print("refused", tuple(wrong.shape), "-", error)
    else:
        print("not refused:", tuple(wrong.shape))
