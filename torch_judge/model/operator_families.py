"""Families of operators and of packages that problems forbid as a whole.

A hole that is found is closed for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_READY_ATTENTIONS: Final = (
    *("multi_head_attention_forward", "_native_multi_head_attention"),
    *("_triton_multi_head_attention", "_transformer_encoder_layer_fwd"),
    "torch.ao.nn.quantizable.modules.activation",
)
"""Heads and all; what an attention is made of is not among them."""
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
            "torch.nn.modules._functions.CrossMapLRN2d",
        ),
        "activations": (
            *("relu", "relu_", "relu6", "relu6_", "threshold", "threshold_", "threshold_backward"),
            *("hardtanh", "hardtanh_", "hardtanh_backward", "clamp", "clamp_", "clamp_min"),
            *("clamp_min_", "clamp_max", "clamp_max_", "clip", "clip_", "clamp_nan_to_num"),
            *("_foreach_clamp_min", "_foreach_clamp_min_", "_foreach_clamp_max", "_foreach_clamp_max_"),
            *("leaky_relu", "leaky_relu_", "leaky_relu_backward", "prelu", "_prelu_kernel"),
            *("_prelu_kernel_backward", "rrelu", "rrelu_", "rrelu_with_noise", "rrelu_with_noise_"),
            *("rrelu_with_noise_functional", "rrelu_with_noise_backward", "elu", "elu_"),
            *("elu_backward", "celu", "celu_", "selu", "selu_", "gelu", "gelu_", "gelu_backward"),
            *("infinitely_differentiable_gelu_backward", "silu", "silu_", "silu_backward", "mish"),
            *("mish_", "mish_backward", "hardswish", "hardswish_", "hardswish_backward", "hardsigmoid"),
            *("hardsigmoid_", "hardsigmoid_backward", "softplus", "softplus_backward", "hardshrink"),
            *("hardshrink_backward", "softshrink", "softshrink_backward", "_add_relu", "_add_relu_"),
            *("_addmm_activation", "rnn_relu", "rnn_relu_cell", "quantized_rnn_relu_cell"),
            *("quantized_rnn_relu_cell_dynamic", "_linear_pointwise", "_convolution_pointwise"),
            *("_convolution_pointwise_", "_convolution_transpose_pointwise", "qlinear_pointwise"),
            *("qconv_pointwise", "qconv1d_pointwise", "qconv2d_pointwise", "qconv3d_pointwise"),
            *("add_relu", "add_relu_out", "add_scalar_relu", "add_scalar_relu_out", "mul_relu"),
            *("mul_relu_out", "mul_scalar_relu", "mul_scalar_relu_out", "cat_relu", "cat_relu_out"),
            *("qadd_relu", "linear_relu", "linear_relu_dynamic", "linear_relu_dynamic_fp16"),
            *("linear_leaky_relu", "linear_with_input_q_dq_qweight_dq_relu_output_fp32"),
            *("qlinear_relu", "qlinear_relu_dynamic", "conv1d_relu", "conv2d_relu", "conv2d_add_relu"),
            *("conv3d_relu", "cudnn_convolution_relu", "cudnn_convolution_add_relu"),
            *("miopen_convolution_relu", "miopen_convolution_add_relu", "batch_norm_relu"),
            *("batch_norm1d_relu", "batch_norm2d_relu", "batch_norm3d_relu", "multi_margin_loss"),
            *("multi_margin_loss_backward", "multilabel_margin_loss", "multilabel_margin_loss_forward"),
            *("multilabel_margin_loss_backward", "fake_quantize_per_tensor_affine"),
            "fake_quantize_per_tensor_affine_cachemask",
            "_fake_quantize_per_tensor_affine_cachemask_tensor_qparams",
            *("fake_quantize_per_channel_affine", "fake_quantize_per_channel_affine_cachemask"),
            *("log_sigmoid", "log_sigmoid_forward", "log_sigmoid_backward", "logsigmoid"),
            *("glu", "glu_backward", "glu_jvp", "glu_backward_jvp", "softsign", "tanhshrink"),
            "_fake_quantize_learnable_per_tensor_affine",
            *("_fake_quantize_learnable_per_channel_affine", "_transformer_encoder_layer_fwd"),
        ),
        "gelus": (
            *("gelu", "gelu_", "gelu_backward", "infinitely_differentiable_gelu_backward"),
            *("_addmm_activation", "_linear_pointwise", "_convolution_pointwise"),
            *("_convolution_pointwise_", "_convolution_transpose_pointwise", "qlinear_pointwise"),
            *("qconv_pointwise", "qconv1d_pointwise", "qconv2d_pointwise"),
            *("qconv3d_pointwise", "_transformer_encoder_layer_fwd"),
        ),
        "softmaxes": (
            *("softmax", "_softmax", "_softmax_backward_data", "log_softmax", "_log_softmax"),
            *("_log_softmax_backward_data", "special_softmax", "special_log_softmax", "_safe_softmax"),
            *("_masked_softmax", "_masked_softmax_backward", "_nested_tensor_softmax_with_shape"),
            *("_sparse_softmax", "_sparse_softmax_backward_data", "_sparse_log_softmax"),
            "_sparse_log_softmax_backward_data",
            *("torch.distributions.SoftmaxTransform", "torch.distributions.Categorical"),
        ),
        "attentions": (
            *("scaled_dot_product_attention", "_scaled_dot_product_attention_math"),
            *("_scaled_dot_product_attention_math_for_mps", "_scaled_dot_product_flash_attention"),
            "_scaled_dot_product_flash_attention_backward",
            "_scaled_dot_product_flash_attention_for_cpu",
            "_scaled_dot_product_flash_attention_for_cpu_backward",
            "_scaled_dot_product_efficient_attention",
            "_scaled_dot_product_efficient_attention_backward",
            *("_scaled_dot_product_cudnn_attention", "_scaled_dot_product_cudnn_attention_backward"),
            "_scaled_dot_product_fused_attention_overrideable",
            *("_scaled_dot_product_fused_attention_overrideable_backward", "_flash_attention_forward"),
            *("_flash_attention_forward_no_dropout_inplace", "_flash_attention_backward"),
            *("_efficient_attention_forward", "_efficient_attention_backward"),
            *("_cudnn_attention_forward", "_cudnn_attention_backward", "_triton_scaled_dot_attention"),
            *("torch.nn.attention.flex_attention", "torch._higher_order_ops.flex_attention"),
            *_READY_ATTENTIONS,
        ),
        "ready_attentions": _READY_ATTENTIONS,
        "linear_layers": (
            *("linear", "linear_backward", "mkldnn_linear", "mkldnn_linear_backward"),
            *("mkldnn_linear_backward_input", "mkldnn_linear_backward_weights", "bilinear"),
            *("_trilinear", "_addmm_activation", "_linear_pointwise", "_mkl_linear"),
            *("_sparse_semi_structured_linear", "_mixed_dtypes_linear", "linear_relu"),
            *("linear_relu_dynamic", "linear_relu_dynamic_fp16", "linear_leaky_relu", "linear_tanh"),
            *("linear_dynamic", "linear_dynamic_fp16", "linear_dynamic_fp16_unpacked_weight"),
            "linear_with_input_q_dq_qweight_dq_output_fp32",
            *("linear_with_input_q_dq_qweight_dq_relu_output_fp32", "qlinear", "qlinear_dynamic"),
            *("qlinear_relu", "qlinear_relu_dynamic", "qlinear_pointwise", "wrapped_quantized_linear"),
            *("_wrapped_quantized_linear_prepacked", "wrapped_fbgemm_linear_fp16_weight"),
            *("fbgemm_linear_fp16_weight", "fbgemm_linear_fp16_weight_fp32_activation"),
            "fbgemm_linear_int8_weight",
            *("fbgemm_linear_int8_weight_fp32_activation", "_transformer_encoder_layer_fwd"),
        ),
        "convolutions": (
            *("convolution", "convolution_overrideable", "convolution_backward"),
            *("convolution_backward_overrideable", "_convolution", "_convolution_mode"),
            *("_convolution_double_backward", "conv1d", "conv2d", "conv3d", "conv_transpose1d"),
            *("conv_transpose2d", "conv_transpose3d", "conv_tbc", "conv_tbc_backward", "thnn_conv2d"),
            *("_slow_conv2d_forward", "_slow_conv2d_backward", "slow_conv3d", "slow_conv3d_forward"),
            *("slow_conv_dilated2d", "slow_conv_dilated3d", "slow_conv_transpose2d"),
            *("slow_conv_transpose3d", "_conv_depthwise2d", "conv_depthwise3d", "mkldnn_convolution"),
            *("_nnpack_spatial_convolution", "_mps_convolution", "_mps_convolution_transpose"),
            *("mps_convolution_backward", "mps_convolution_transpose_backward", "cudnn_convolution"),
            *("cudnn_convolution_transpose", "cudnn_convolution_relu", "cudnn_convolution_add_relu"),
            *("miopen_convolution", "miopen_convolution_transpose", "miopen_depthwise_convolution"),
            *("miopen_convolution_relu", "miopen_convolution_add_relu", "_convolution_pointwise"),
            *("_convolution_pointwise_", "_convolution_transpose_pointwise", "qconv_pointwise"),
            *("qconv1d_pointwise", "qconv2d_pointwise", "qconv3d_pointwise", "conv2d_run"),
            *("conv1d_relu", "conv1d_dynamic", "conv2d_relu", "conv2d_add", "conv2d_add_relu"),
            *("conv2d_dynamic", "conv3d_relu", "conv3d_dynamic", "conv_transpose1d_dynamic"),
            *("conv_transpose2d_dynamic", "conv_transpose3d_dynamic"),
        ),
        "cross_entropies": (
            *("cross_entropy_loss", "nll_loss", "nll_loss_nd", "nll_loss_forward", "nll_loss_backward"),
            *("nll_loss2d", "nll_loss2d_forward", "nll_loss2d_backward"),
            *("linear_cross_entropy", "torch.nn.modules.linear_cross_entropy"),
            *("ctc_loss", "_ctc_loss", "_ctc_loss_backward", "torch.nn.modules.adaptive"),
            *("torch.distributions.Categorical", "torch.distributions.OneHotCategorical"),
        ),
        "dropouts": (
            *("dropout", "dropout_", "native_dropout", "native_dropout_backward", "_fused_dropout"),
            *("feature_dropout", "feature_dropout_", "alpha_dropout", "alpha_dropout_"),
            *("feature_alpha_dropout", "feature_alpha_dropout_"),
        ),
        "embeddings": (
            *("embedding", "embedding_backward", "embedding_dense_backward"),
            *("embedding_sparse_backward", "embedding_renorm", "embedding_renorm_", "embedding_bag"),
            *("_embedding_bag", "_embedding_bag_forward_only", "_embedding_bag_backward"),
            *("_embedding_bag_dense_backward", "_embedding_bag_sparse_backward"),
            *("_embedding_bag_per_sample_weights_backward", "embedding_byte", "embedding_4bit"),
            *("embedding_bag_byte", "embedding_bag_4bit", "embedding_bag_byte_rowwise_offsets"),
            *("embedding_bag_4bit_rowwise_offsets", "embedding_bag_2bit_rowwise_offsets"),
        ),
        "optimisers": (
            *("torch.optim", "_fused_adam", "_fused_adam_", "_fused_adamw", "_fused_adamw_"),
            *("_fused_sgd", "_fused_sgd_", "_fused_adagrad", "_fused_adagrad_"),
        ),
        "tensor_libraries": (
            *("jax", "jaxlib", "scipy", "sklearn", "tensorflow", "torch", "sympy", "mpmath", "gmpy2"),
            *("networkx", "pandas", "polars", "pyarrow", "numba", "cupy", "numexpr", "xarray", "dask"),
            *("statsmodels", "cvxpy", "theano", "mxnet", "paddle", "keras", "torchvision", "functorch"),
        ),
    }
)
"""By name: operators for problems in PyTorch, import names for problems in NumPy.

A name with dots is no operator but Python of PyTorch's: a module, a class or a function.
"""

CLOSED_MODULES: Final = (
    "torch._higher_order_ops.flex_attention",
    "torch.ao.nn.quantizable.modules.activation",
    "torch.distributions",
    "torch.nn.attention.flex_attention",
    "torch.nn.init",
    "torch.nn.modules._functions",
    "torch.nn.modules.adaptive",
    "torch.nn.modules.linear_cross_entropy",
    "torch.nn.utils.clip_grad",
    "torch.optim",
)
"""Modules of PyTorch that a problem may forbid, whole or in part, though they are no operators.

No submission can read their text, whatever is forbidden: to run it again would bring back what was replaced.
"""


def is_in_closed_module(name: str) -> bool:
    """Tell whether a name with dots is one of the closed modules, or of something in one."""
    return any(f"{name}.".startswith(f"{module}.") for module in CLOSED_MODULES)
