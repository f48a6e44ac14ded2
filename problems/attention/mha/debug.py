import torch

torch.manual_seed(0)
layer = MultiHeadAttention(12, 3)
Q, K, V = torch.randn(2, 5, 12), torch.randn(2, 7, 12), torch.randn(2, 7, 12)
print("shape", tuple(layer.forward(Q, K, V).shape), "(should be (2, 5, 12))")

order = torch.tensor([3, 0, 6, 2, 5, 1, 4])
same = torch.allclose(layer.forward(Q, K, V), layer.forward(Q, K[:, order], V[:, order]), atol=1e-6)
print("keys and values in another order, each with its own, give the same:", same)

layer = MultiHeadAttention(2, 2)
with torch.no_grad():
    for each in (layer.W_q, layer.W_k, layer.W_v, layer.W_o):
        each.weight.copy_(torch.eye(2))
        each.bias.zero_()
Q = torch.tensor([[[0.0, 1000.0]]])
K = torch.tensor([[[5.0, 0.0], [7.0, 1.0]]])
V = torch.tensor([[[10.0, 30.0], [20.0, 40.0]]])
print("the example:", layer.forward(Q, K, V).detach(), "should be 15, 40")
