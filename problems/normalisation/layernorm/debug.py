import torch

torch.manual_seed(0)
gamma, beta = torch.tensor([1.0, 2.0, -1.0, 0.5]), torch.tensor([0.0, 5.0, 0.0, -1.0])

for shape in ((4,), (3, 4), (2, 3, 4), (2, 2, 3, 4)):
    x = 3 + 2 * torch.randn(shape)
    y = my_layer_norm(x, gamma, beta)
    print("x", tuple(x.shape), "gives y", tuple(y.shape), "of dtype", y.dtype)
    if y.shape == x.shape:
        x_hat = (y - beta) / gamma
        print("  without gamma and beta, mean of each vector, should be 0: ", x_hat.mean(dim=-1).flatten().tolist()[:3])
        print("  and deviation of each vector, should be just below 1:     ", x_hat.std(dim=-1, unbiased=False).flatten().tolist()[:3])

x = torch.tensor([[1.0, 2.0, 3.0, 4.0], [7.0, 7.0, 7.0, 7.0]], requires_grad=True)
y = my_layer_norm(x, gamma, beta)
y[:, 0].sum().backward()
print("a vector of equal numbers becomes beta:", y[1].tolist())
print("gradient of x, finite everywhere and adding up to 0 in each row:\n", x.grad)
