import torch

x = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)

y = my_gelu(x)
print("shape", tuple(y.shape), "dtype", y.dtype)
print("the example:", y.detach(), "should be -0.0455, -0.1587, 0, 0.8413, 1.9545")
print("or, in the tanh form, -0.0454, -0.1588, 0, 0.8412, 1.9546")
y.sum().backward()
print("gradient:", x.grad, "should be -0.085, -0.083, 0.5, 1.083, 1.085, or -0.086 and 1.086 at the ends")
print("far out:", my_gelu(torch.tensor([-100.0, -30.0, 30.0, 100.0])), "should be 0, 0, 30, 100")
print("a single number keeps its shape:", tuple(my_gelu(torch.tensor(-2.0)).shape), "should be ()")
