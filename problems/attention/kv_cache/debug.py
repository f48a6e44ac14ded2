import torch

torch.manual_seed(0)
attention = KVCacheAttention(6, 3)
x = torch.randn(2, 8, 6)

whole, (K, V) = attention(x)
print("output", tuple(whole.shape), "(should be (2, 8, 6))")
print("K", tuple(K.shape), "V", tuple(V.shape), "(should be (2, 3, 8, 2))")

cache, parts = None, []
for start, stop in ((0, 2), (2, 5), (5, 6), (6, 7), (7, 8)):
    output, cache = attention(x[:, start:stop], cache)
    parts.append(output)
    print(f"tokens {start} to {stop - 1}: the cache holds {cache[0].shape[2]} tokens (should be {stop})")
difference = (torch.cat(parts, dim=1) - whole).abs().amax(dim=(0, 2))
print("in pieces and as a whole differ, token by token, by", [f"{each:.1e}" for each in difference.tolist()])
