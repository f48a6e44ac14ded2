"""Uses fused operators that normalise on the way: a transformer's encoder layer.

Expected: rule violation, run-time error
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    layer = torch.nn.TransformerEncoderLayer(
        d_model=max(2, x.shape[0] // 2 * 2), nhead=1, batch_first=True, norm_first=True
    ).eval()
    with torch.no_grad():
        return layer(torch.zeros(1, 4, layer.linear1.in_features))[0]
