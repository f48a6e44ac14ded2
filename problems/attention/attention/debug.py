import math

import torch

torch.manual_seed(0)
Q, K, V = torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 6)

output = scaled_dot_product_attention(Q, K, V)
print("shape", tuple(output.shape), "should be (2, 3, 6); dtype", output.dtype)
weights = scaled_dot_product_attention(Q, K, torch.eye(5).expand(2, 5, 5))
print("with an identity matrix as V the output is the weights; their sums, should be 1:\n", weights.sum(dim=-1))
print("one key returns its value:", torch.allclose(scaled_dot_product_attention(Q, K[:, :1], V[:, :1]), V[:, :1].expand(2, 3, 6)))
q = torch.tensor([[[math.log(3), 0, 0, 0], [0, 0, 0, 0]]])
k = torch.tensor([[[2.0, 0, 0, 0], [0, 0, 0, 0]]])
print("the example:", scaled_dot_product_attention(q, k, torch.tensor([[[4.0], [8.0]]])).flatten(), "should be 5, 6")
