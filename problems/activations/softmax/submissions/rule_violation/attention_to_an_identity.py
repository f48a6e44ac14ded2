"""You let attention make its weights and multiply them with an identity matrix. The softmax is in the attention."""

import torch
import torch.nn.functional as F


def my_softmax(x, dim=-1):
    rows = x.movedim(dim, -1)
    eye = torch.eye(rows.shape[-1], dtype=x.dtype)
    flat = rows.reshape(1, -1, rows.shape[-1])
    return F.scaled_dot_product_attention(flat, eye[None], eye[None], scale=1.0).reshape(rows.shape).movedim(-1, dim)
