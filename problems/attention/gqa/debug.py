import torch

torch.manual_seed(0)
layer = GroupQueryAttention(12, 6, 2)
x = torch.randn(2, 5, 12)
print("shape", tuple(layer.forward(x).shape), "(should be (2, 5, 12))")
print("W_k", tuple(layer.W_k.weight.shape), "W_v", tuple(layer.W_v.weight.shape), "(should be (4, 12) both)")

layer = GroupQueryAttention(4, 4, 2)
with torch.no_grad():
    for each in (layer.W_q, layer.W_k, layer.W_v, layer.W_o):
        each.weight.zero_()
        each.bias.zero_()
    layer.W_v.weight.copy_(torch.eye(2, 4))
    layer.W_o.weight.copy_(torch.eye(4))
x = torch.tensor([[[1.0, 10.0, 5.0, 5.0], [3.0, 30.0, 5.0, 5.0]]])
print("the example:\n", layer.forward(x).detach(), "\nshould be 2, 2, 20, 20 twice")
