import torch

torch.manual_seed(0)
layer = GroupQueryAttention(12, 6, 2)
print("W_k", tuple(layer.W_k.weight.shape), "(should be (4, 12))")
x = torch.randn(2, 5, 12)
print("shape", tuple(layer.forward(x).shape), "(should be (2, 5, 12))")

layer = GroupQueryAttention(4, 4, 2)
with torch.no_grad():
    for each in (layer.W_q, layer.W_k, layer.W_v, layer.W_o):
        each.weight.copy_(torch.eye(4)[: each.weight.shape[0]])
        each.bias.zero_()
x = torch.tensor([[[0.0, 10.0, 0.0, 100.0], [20.0, 40.0, 0.0, -100.0]]])
print("the example:", layer.forward(x).detach().round(decimals=3).tolist(), "(should be 10, 20, 25, 40 and 20, 20, 25, 10)")
