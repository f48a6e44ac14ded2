"""Families of operators and of packages that problems forbid as a whole.

A hole that is found is closed for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "normalisations": (
            "batch_norm",
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_native_batch_norm_legit_functional",
            "_native_batch_norm_legit_no_training",
            "_batch_norm_impl_index",
            "_batch_norm_with_update",
            "_batch_norm_with_update_functional",
            "_batch_norm_no_update",
            "batch_norm_stats",
            "batch_norm_elemt",
            "batch_norm_update_stats",
            "batch_norm_gather_stats",
            "batch_norm_gather_stats_with_counts",
            "cudnn_batch_norm",
            "miopen_batch_norm",
            "native_batch_norm_backward",
            "batch_norm_backward",
            "_batch_norm_impl_index_backward",
            "batch_norm_backward_reduce",
            "batch_norm_backward_elemt",
            "cudnn_batch_norm_backward",
            "miopen_batch_norm_backward",
            "quantized_batch_norm",
            "batch_norm_relu",
            "batch_norm1d",
            "batch_norm1d_relu",
            "batch_norm2d",
            "batch_norm2d_relu",
            "batch_norm3d",
            "batch_norm3d_relu",
            "qbatch_norm2d",
            "instance_norm",
            "layer_norm",
            "native_layer_norm",
            "native_layer_norm_backward",
            "group_norm",
            "native_group_norm",
            "native_group_norm_backward",
            "rms_norm",
            "_fused_rms_norm",
            "_fused_rms_norm_backward",
            "local_response_norm",
            "_transformer_encoder_layer_fwd",
            "_normalize",
            "to_mkldnn",
            "fuse_conv_bn_weights",
            "fuse_linear_bn_weights",
            "_weight_norm",
            "_weight_norm_interface",
        ),
        "tensor_libraries": ("jax", "scipy", "sklearn", "tensorflow", "torch"),
    }
)
"""By name: operators for problems in PyTorch, import names for problems in NumPy."""
