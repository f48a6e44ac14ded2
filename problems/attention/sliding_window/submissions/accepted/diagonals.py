"""One diagonal of the band after the other: all pairs that are the same distance apart."""

import torch
from torch import nn


class Band(nn.Module):
    def __init__(self, reach):
        super().__init__()
        self.reach = reach

    def forward(self, Q, K, V):
        length = Q.shape[1]
        reach = min(self.reach, length - 1)
        columns = []
        for offset in range(-reach, reach + 1):
            first, last = max(0, -offset), length - max(0, offset)
            products = (Q[:, first:last] * K[:, first + offset : last + offset]).sum(dim=-1)
            columns.append(nn.functional.pad(products / Q.shape[2] ** 0.5, (first, length - last), value=-1e30))
        weights = torch.stack(columns, dim=-1).softmax(dim=-1)
        output = Q.new_zeros(V.shape)
        for n, offset in enumerate(range(-reach, reach + 1)):
            first, last = max(0, -offset), length - max(0, offset)
            part = weights[:, first:last, n, None] * V[:, first + offset : last + offset]
            output = output + nn.functional.pad(part, (0, 0, first, length - last))
        return output


def sliding_window_attention(Q, K, V, window_size):
    return Band(window_size)(Q, K, V)
