import torch

torch.manual_seed(0)
x = torch.randn(2, 3, 4)

for dim in (0, 1, 2, -1):
    y = my_softmax(x, dim=dim)
    print("dim", dim, "shape", tuple(y.shape), "dtype", y.dtype, "sums, should be 1:", y.sum(dim=dim).flatten()[:4])
print("without dim, the last one:", torch.equal(my_softmax(x), my_softmax(x, dim=2)))

print("the example:\n", my_softmax(torch.tensor([[0.0, 1.0986], [0.0, 0.0]])), "\nshould be 0.25, 0.75 and 0.5, 0.5")
print("shifted by 10000:", my_softmax(torch.tensor([10000.0, 10001.0])), "should be 0.2689, 0.7311")
print("with -inf:", my_softmax(torch.tensor([1.0, -torch.inf, 1.0])), "should be 0.5, 0, 0.5")
