import math

import torch

torch.manual_seed(0)
Q, K, V = torch.randn(2, 5, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 6)

output = causal_attention(Q, K, V)
print("shape", tuple(output.shape), "should be (2, 5, 6); dtype", output.dtype)
weights = causal_attention(Q, K, torch.eye(5).expand(2, 5, 5))[0]
print("with an identity matrix as V the output is the weights; they should be 0 above the diagonal:\n", weights)
print("their sums, should be 1:", weights.sum(dim=-1))
print("the first position returns its value:", torch.allclose(output[:, 0], V[:, 0]))
q = torch.tensor([[[7.0] * 4, [math.log(3), 0, 0, 0], [0.0] * 4]])
k = torch.tensor([[[2.0, 0, 0, 0], [0.0] * 4, [9.0] * 4]])
print("the example:", causal_attention(q, k, torch.tensor([[[4.0], [8.0], [6.0]]])).flatten(), "should be 4, 5, 6")
