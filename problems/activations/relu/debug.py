import torch

x = torch.tensor([-3.0, -0.5, 0.0, 0.25, 7.0], requires_grad=True)

y = relu(x)
print("shape", tuple(y.shape), "dtype", y.dtype)
print("the example:", y.detach(), "should be 0, 0, 0, 0.25, 7")
y.sum().backward()
print("gradient:", x.grad, "should be 0, 0, from 0 to 1, 1, 1")
print("x after the call, should be as before:", x.detach())
print("a single number keeps its shape:", tuple(relu(torch.tensor(-2.0)).shape), "should be ()")
