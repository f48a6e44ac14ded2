"""Each batch item by itself, with matrices; both sides are scaled by the fourth root of d_k."""

import torch


def attend(queries, keys, values):
    root = keys.shape[1] ** 0.25
    scores = (queries / root).mm((keys / root).t())
    return torch.softmax(scores, 1).mm(values)


def scaled_dot_product_attention(Q, K, V):
    results = []
    for item in range(Q.shape[0]):
        results.append(attend(Q[item], K[item], V[item]))
    return torch.stack(results)
