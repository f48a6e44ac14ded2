"""Calls it on nested, MKL-DNN, quantised and channels-last tensors.

Expected: rule violation, run-time error
"""

import torch
import torch.nn.functional as F


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    plain = x.detach().float()
    for call in (
        lambda: F.batch_norm(
            plain.t()[None, :, :, None].contiguous().to_mkldnn(), None, None, training=True
        ).to_dense(),
        lambda: torch.native_batch_norm(
            plain[:, :, None, None].to_mkldnn(), gamma, beta, running_mean, running_var, True, 0.1, eps
        )[0].to_dense(),
        lambda: torch.quantized_batch_norm(
            torch.quantize_per_tensor(plain[:, :, None, None], 0.01, 0, torch.quint8),
            gamma,
            beta,
            running_mean,
            running_var,
            eps,
            0.01,
            0,
        ),
        lambda: torch.ops.quantized.batch_norm1d(
            torch.quantize_per_tensor(plain, 0.01, 0, torch.quint8),
            gamma,
            beta,
            running_mean,
            running_var,
            eps,
            0.01,
            0,
        ),
        lambda: F.layer_norm(torch.nested.nested_tensor([plain.t()]), (x.shape[0],), eps=eps),
    ):
        try:
            return call()
        except Exception as error:
            print(type(error).__name__)
    raise RuntimeError("none")
