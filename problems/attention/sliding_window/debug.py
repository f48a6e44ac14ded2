import torch

torch.manual_seed(0)
Q, K, V = torch.randn(2, 6, 4), torch.randn(2, 6, 4), torch.randn(2, 6, 3)

output = sliding_window_attention(Q, K, V, 2)
print("shape", tuple(output.shape), "should be (2, 6, 3); dtype", output.dtype)
print("window 0 returns V:", torch.allclose(sliding_window_attention(Q, K, V, 0), V))

full = torch.softmax(Q @ K.transpose(1, 2) / 4**0.5, dim=-1) @ V
print("window 5 is full attention:", torch.allclose(sliding_window_attention(Q, K, V, 5), full, atol=1e-6))

# With the identity as V the output is the table of weights: row i shows what position i sees.
print("weights of window 1:\n", sliding_window_attention(Q[:1], K[:1], torch.eye(6)[None], 1))

V = torch.tensor([3.0, 9.0, 6.0, 0.0]).reshape(1, 4, 1)
zeros = torch.zeros(1, 4, 2)
print("the example:", sliding_window_attention(zeros, zeros, V, 1).flatten().tolist(), "should be 6, 6, 5, 3")
