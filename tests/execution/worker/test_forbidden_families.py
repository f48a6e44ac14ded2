"""Every family: each route to it raises and leaves a record, and what a learner needs still works.

The override holds for a whole process, so each family is tried in one of its own. The ways past a name
(threads, modes) are wrapped around one plain call of each family in turn; the others have a form for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import torch

from tests.support.routes import IN_A_THREAD, try_routes
from torch_judge.execution.worker.forbidden_operators import NAMESPACES
from torch_judge.model.operator_families import FAMILIES

SETUP = (
    """
import json, sys, threading, warnings
import torch, torch._decomp, torch._refs, torch._refs.nn.functional, torch._refs.special, torch.library
import importlib, torch.nested._internal.ops, torch.ao.nn.quantized.functional
import torch.masked, torch.nn.attention.bias, torch.onnx.ops
from torch_judge.model.operator_families import CLOSED_MODULES
for module in CLOSED_MODULES:  # as the server does
    importlib.import_module(module)
from torch import nn
from torch.nn import functional as F
from torch_judge.execution.worker.forbidden_operators import forbid
from torch_judge.model.operator_families import FAMILIES

warnings.simplefilter("ignore")
torch.manual_seed(0)
aten, D, R = torch.ops.aten, torch._decomp.decompositions, torch._refs
RF, table = torch._refs.nn.functional, torch._decomp.decomposition_table
x, v, w, b = torch.randn(4, 3), torch.randn(5), torch.randn(2, 3), torch.randn(2)
q, k, u = torch.randn(2, 5, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 4)
q4 = q[:, None]
lower_right = torch.nn.attention.bias.causal_lower_right(5, 5)
conv = [1, 1], [0, 0], [1, 1], False, [0, 0], 1
pointwise = torch.ops.mkldnn._convolution_pointwise
image, kernel = torch.randn(1, 2, 5, 5), torch.randn(3, 2, 3, 3)
labels, rows = torch.tensor([0, 2, 1, 1]), torch.tensor([2, 0, 2])
quint_image = torch.quantize_per_tensor(image, 0.1, 0, torch.quint8)
quint = torch.quantize_per_tensor(x, 0.1, 0, torch.quint8)
mha = nn.MultiheadAttention(4, 2, batch_first=True)
encoder = nn.TransformerEncoderLayer(4, 2, 8, 0.0, batch_first=True).eval()
p = torch.nn.Parameter(torch.randn(3, 2))
p.grad = torch.ones(3, 2)

class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, function):
        return function()

    @staticmethod
    def backward(ctx, upstream):
        return None

"""
    + IN_A_THREAD
    + """
def without_modes(function):
    C = torch._C
    with torch.no_grad(), C._DisableTorchDispatch(), C.DisableTorchFunctionSubclass():
        with C._AutoDispatchBelowAutograd():
            return function()

class Watch(torch.overrides.TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {}))

class Tagged(torch.Tensor):
    pass

class Calling(nn.Linear):
    def forward(self, z):
        return super().forward(z)

def watched(function):
    with Watch():
        return function()

def script(text):
    return torch.jit.CompilationUnit(text + chr(10)).f

def differentiated(text, *arguments):
    # a script that has run a few times is taken apart and differentiated by PyTorch's own formulas
    function = script(text)
    inputs = [a.clone().requires_grad_() if a.is_floating_point() else a for a in arguments]
    for _ in range(4):
        function(*inputs).sum().backward()

def subclass(kind, *arguments):
    return type("Mine", (kind,), {})(*arguments)

record = []
if sys.argv[1:]:
    forbid(tuple(dict.fromkeys(name for family in sys.argv[1:] for name in FAMILIES[family])), record.append)
"""
)

WAYS = {
    "as it is": "{call}",
    "in a thread": "in_a_thread(lambda: {call})",
    "under no_grad": "torch.no_grad()(lambda: {call})()",
    "under inference_mode": "torch.inference_mode()(lambda: {call})()",
    "with modes disabled": "without_modes(lambda: {call})",
    "under a mode": "watched(lambda: {call})",
    "in an autograd function": "Own.apply(lambda: {call})",
    "compiled without a compiler": "torch.jit.ignore(lambda: {call})()",
}
PLAIN = {
    "activations": "F.relu(x)",
    "gelus": "F.gelu(x)",
    "softmaxes": "x.softmax(-1)",
    "attentions": "F.scaled_dot_product_attention(q, k, u)",
    "linear_layers": "F.linear(x, w, b)",
    "convolutions": "F.conv2d(image, kernel)",
    "cross_entropies": "F.cross_entropy(x, labels)",
    "dropouts": "F.dropout(x)",
    "embeddings": "F.embedding(rows, x)",
}
ROUTES = {
    "activations": {
        "a module": "nn.ReLU()(x)",
        "the logarithm of a sigmoid": "F.logsigmoid(x)",
        "a gated unit": "F.glu(q)",
        "a soft sign": "F.softsign(x)",
        "what tanh leaves": "F.tanhshrink(x)",
        "in place": "x.clone().relu_()",
        "a module in place": "nn.ReLU(inplace=True)(x.clone())",
        "a subclass": "subclass(nn.ReLU)(x)",
        "a tensor of a class of its own": "x.as_subclass(Tagged).relu()",
        "clamp": "x.clamp(min=0)",
        "the compiler's own clamp": "importlib.import_module('torch._inductor.decomposition').clamp(x, 0.0)",
        "clamp in place": "x.clone().clamp_(0)",
        "clamp by a tensor": "torch.clamp(x, min=torch.zeros(()))",
        "clamp with out": "torch.clamp(x, 0, out=x.clone())",
        "clamp_min": "torch.clamp_min(x, 0)",
        "clamp_max": "-torch.clamp_max(-x, 0)",
        "clip": "x.clip(0)",
        "foreach": "torch._foreach_clamp_min([x], 0.0)",
        "threshold": "F.threshold(x, 0.0, 0.0)",
        "threshold in place": "F.threshold_(x.clone(), 0.0, 0.0)",
        "hardtanh": "F.hardtanh(x, 0.0, 1e9)",
        "relu6": "F.relu6(x)",
        "leaky_relu": "F.leaky_relu(x, 0.0)",
        "prelu": "F.prelu(x, torch.zeros(1))",
        "the kernel of prelu": "torch._prelu_kernel(x, torch.zeros(1))",
        "rrelu": "F.rrelu(x, 0.0, 0.0)",
        "rrelu in training": "F.rrelu(x, 0.0, 0.0, True)",
        "elu": "F.elu(x, 0.0)",
        "celu": "F.celu(x, 1e-9)",
        "selu": "F.selu(x)",
        "gelu": "F.gelu(x)",
        "silu": "F.silu(x)",
        "mish": "F.mish(x)",
        "hardswish": "F.hardswish(x)",
        "hardsigmoid": "F.hardsigmoid(x)",
        "softplus": "F.softplus(x, 1e9)",
        "hardshrink": "F.hardshrink(x)",
        "softshrink": "F.softshrink(x)",
        "a gradient": "aten.threshold_backward(x, x, 0)",
        "added": "torch.ops.aten._add_relu(x, x)",
        "multiplied": "torch.ops.aten._addmm_activation(b, x, w.t())",
        "a recurrent cell": "nn.RNNCell(3, 3, nonlinearity='relu')(x)",
        "a recurrent layer": "nn.RNN(3, 3, nonlinearity='relu')(x)",
        "the fast path of a transformer": "torch.no_grad()(lambda: encoder(q))()",
        "torch.ops": "aten.relu(x)",
        "an overload": "aten.relu.default(x)",
        "an overload with out": "aten.relu.out(x, out=x.clone())",
        "a decomposition": "D.hardswish(x)",
        "the table of decompositions": "table[aten.hardtanh_backward.default](x, x, 0.0, 1e9)",
        "a reference": "RF.relu(x)",
        "a reference of clamp": "R.clamp(x, 0)",
        "sparse": "x.to_sparse().relu()",
        "sparse by rows": "x.to_sparse_csr().relu()",
        "nested": "torch.nested.nested_tensor([x, x]).relu()",
        "ragged": "torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged).relu()",
        "quantized": "torch.relu(quint)",
        "quantized with a bound": "torch.ops.quantized.relu6(quint)",
        "quantized and added": "torch.ops.quantized.add_relu(quint, quint, 0.1, 0)",
        "a test's operator": "torch.ops._test.leaky_relu(x, 0.0)",
        "a hinge": "F.margin_ranking_loss(x, x * 0, x * 0 - 1, reduction='none')",
        "another hinge": "F.multi_margin_loss(x, labels, margin=0.0, reduction='none')",
        "fake quantisation": "torch.fake_quantize_per_tensor_affine(x, 1e-6, 0, 0, 255)",
        "a script": "script('def f(x):\\n    return torch.relu(x)')(x)",
        "a differentiated script": "differentiated('def f(x):\\n    return torch.relu(x)', x)",
        "a trace": "torch.jit.trace(lambda z: z.relu(), x)(x)",
        "vmap": "torch.func.vmap(torch.relu)(x)",
        "vmap of a composed one": "torch.func.vmap(F.relu6)(x)",
        "grad of torch.func": "torch.func.grad(lambda z: z.relu().sum())(x)",
        "jvp": "torch.func.jvp(torch.relu, (x,), (x,))",
        "double": "x.double().relu()",
        "integers": "labels.relu()",
        "the C bindings": "torch._C._VariableFunctions.relu(x)",
        "the functions of nn": "torch._C._nn.hardtanh(x, 0.0, 1e9)",
    },
    "gelus": {
        "a module": "nn.GELU()(x)",
        "a subclass": "subclass(nn.GELU)(x)",
        "by tanh": "F.gelu(x, approximate='tanh')",
        "in place": "aten.gelu_(x.clone())",
        "with out": "aten.gelu.out(x, out=x.clone())",
        "the functions of nn": "torch._C._nn.gelu(x)",
        "multiplied": "torch._addmm_activation(b, x, w.t(), use_gelu=True)",
        "a gradient": "aten.gelu_backward(x, x)",
        "a gradient's gradient": "aten.infinitely_differentiable_gelu_backward(x, x)",
        "a decomposition": "D.gelu_backward(x, x)",
        "a reference": "RF.gelu(x)",
        "nested": "F.gelu(torch.nested.nested_tensor([x, x]))",
        "ragged": "F.gelu(torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged))",
        "quantized": "F.gelu(quint)",
        "a script": "script('def f(x):\\n    return torch.nn.functional.gelu(x)')(x)",
        "a module as a script": "torch.jit.script(nn.GELU())(x)",
        "a differentiated script": "differentiated('def f(x):\\n    return torch.nn.functional.gelu(x)', x)",
        "a transformer's layer": (
            "torch.no_grad()(nn.TransformerEncoderLayer(4, 2, 8, 0.0, F.gelu, batch_first=True).eval())(q)"
        ),
        "vmap": "torch.func.vmap(F.gelu)(x)",
        "double": "F.gelu(x.double())",
    },
    "softmaxes": {
        "functional": "F.softmax(x, -1)",
        "a module": "nn.Softmax(-1)(x)",
        "a subclass": "subclass(nn.Softmax, -1)(x)",
        "over channels": "nn.Softmax2d()(image)",
        "log_softmax": "x.log_softmax(-1).exp()",
        "a module of it": "nn.LogSoftmax(-1)(x)",
        "softmin": "F.softmin(-x, -1)",
        "gumbel_softmax": "F.gumbel_softmax(x)",
        "special": "torch.special.softmax(x, -1)",
        "special and logarithmic": "torch.special.log_softmax(x, -1)",
        "the operator below": "torch._softmax(x, -1, False)",
        "the safe one": "torch._safe_softmax(x, -1)",
        "masked": "torch._masked_softmax(x, torch.zeros(4, 3, dtype=torch.bool), -1)",
        "of the masked package": "torch.masked.softmax(x, -1)",
        "of a masked tensor": "torch.masked.masked_tensor(x, x > -9).softmax(-1)",
        "sparse": "torch.sparse.softmax(x.to_sparse(), 1)",
        "quantized": "torch.ops.quantized.softmax(quint, 1, 0.1, 0)",
        "with out": "aten._softmax.out(x, -1, False, out=x.clone())",
        "a gradient": "aten._softmax_backward_data(x, x, -1, torch.float32)",
        "cross-entropy": "F.cross_entropy(x, labels)",
        "a decomposition": "D._softmax(x, -1, False)",
        "a safe decomposition": "D.safe_softmax(x, -1)",
        "the table of decompositions": "table[aten._log_softmax.default](x, -1, False)",
        "a reference": "R.softmax(x, -1)",
        "a functional reference": "RF.log_softmax(x, -1)",
        "a special reference": "R.special.softmax(x, -1)",
        "a distribution": "torch.distributions.Categorical(logits=x).probs",
        "a distribution's logits": "torch.distributions.Categorical(logits=x).logits.exp()",
        "another distribution": "torch.distributions.OneHotCategorical(logits=x).mean",
        "a transform of distributions": "torch.distributions.transforms.SoftmaxTransform()(x)",
        "nested": "torch.nested.nested_tensor([x, x]).softmax(-1)",
        "ragged": "torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged).softmax(-1)",
        "a script": "script('def f(x):\\n    return torch.softmax(x, -1)')(x)",
        "a differentiated script": "differentiated('def f(x):\\n    return torch.softmax(x, -1)', x)",
        "vmap": "torch.func.vmap(lambda z: z.softmax(-1))(x)",
        "a gradient of torch.func": "torch.func.grad(lambda z: z.softmax(-1)[0, 0])(x)",
        "an adaptive layer": "nn.AdaptiveLogSoftmaxWithLoss(3, 4, [2])(x, labels)",
    },
    "ready_attentions": {
        "a module": "mha(q, k, u)",
        "a module in eval": "torch.no_grad()(mha.eval())(q, q, q)",
        "a subclass": "subclass(nn.MultiheadAttention, 4, 2)(q, k, u)",
        "a transformer's layer": "encoder(q)",
        "the native layer": "torch.no_grad()(encoder)(q)",
        "the native module": (
            "torch._native_multi_head_attention(q, q, q, 4, 2, mha.in_proj_weight, mha.in_proj_bias, "
            "mha.out_proj.weight, mha.out_proj.bias)"
        ),
        "a quantizable module": "torch.ao.nn.quantizable.MultiheadAttention(4, 2)(q, k, u)",
        "a quantizable module by its other name": "torch.nn.quantizable.MultiheadAttention(4, 2)(q, k, u)",
        "of ONNX": "torch.onnx.ops.attention(q4, q4, q4)",
    },
    "attentions": {
        "causal": "F.scaled_dot_product_attention(q, k, u, is_causal=True)",
        "with heads": "F.scaled_dot_product_attention(q4, q4, q4)",
        "with a mask": "F.scaled_dot_product_attention(q, k, u, attn_mask=torch.ones(5, 5).tril().bool())",
        "a module": "mha(q, k, u)",
        "a module with weights": "mha(q, k, u, need_weights=True)",
        "a module in eval": "torch.no_grad()(mha.eval())(q, q, q)",
        "a subclass": "subclass(nn.MultiheadAttention, 4, 2)(q, k, u)",
        "the function of the module": (
            "F.multi_head_attention_forward(q, k, u, 4, 2, mha.in_proj_weight, mha.in_proj_bias, None, None, "
            "False, 0.0, mha.out_proj.weight, mha.out_proj.bias)"
        ),
        "the module's own name for it": (
            "torch.nn.modules.activation.F.multi_head_attention_forward(q, k, u, 4, 2, mha.in_proj_weight, "
            "mha.in_proj_bias, None, None, False, 0.0, mha.out_proj.weight, mha.out_proj.bias)"
        ),
        "a transformer's layer": "encoder(q)",
        "a transformer's layer in training": "nn.TransformerEncoderLayer(4, 2, 8)(q)",
        "a decoder's layer": "nn.TransformerDecoderLayer(4, 2, 8)(q, q)",
        "the kernel": "torch._scaled_dot_product_flash_attention_for_cpu(q4, q4, q4)",
        "the mathematical form": "torch._scaled_dot_product_attention_math(q4, q4, q4)",
        "the native module": (
            "torch._native_multi_head_attention(q, q, q, 4, 2, mha.in_proj_weight, mha.in_proj_bias, "
            "mha.out_proj.weight, mha.out_proj.bias)"
        ),
        "the native layer": "torch.no_grad()(encoder)(q)",
        "flex": "torch.nn.attention.flex_attention.flex_attention(q4, q4, q4)",
        "the operator of flex": (
            "torch.ops.higher_order.flex_attention(q4, q4, q4, lambda s, *_: s, "
            "torch.nn.attention.flex_attention._create_empty_block_mask(q4, q4).as_tuple(), 0.5, {}, (), ())"
        ),
        "the form of flex": "sys.modules['torch._higher_order_ops.flex_attention'].math_attention()",
        "a quantizable module": "torch.ao.nn.quantizable.MultiheadAttention(4, 2)(q, k, u)",
        "of ONNX": "torch.onnx.ops.attention(q4, q4, q4)",
        "a decomposition": "D.scaled_dot_product_flash_attention_for_cpu(q4, q4, q4)",
        "a bias": ("F.scaled_dot_product_attention(q4, q4, q4, attn_mask=lower_right)"),
        "ragged": (
            "F.scaled_dot_product_attention(*[torch.nested.nested_tensor("
            "[q4[0].transpose(0, 1)] * 2, layout=torch.jagged).transpose(1, 2)] * 3)"
        ),
        "a script": (
            "script('def f(q):\\n    return torch.nn.functional.scaled_dot_product_attention(q, q, q)')(q)"
        ),
        "vmap": "torch.func.vmap(F.scaled_dot_product_attention)(q4, q4, q4)",
        "a gradient": "F.scaled_dot_product_attention(*[q.clone().requires_grad_()] * 3).sum().backward()",
        "double": "F.scaled_dot_product_attention(q.double(), k.double(), u.double())",
    },
    "linear_layers": {
        "a module": "nn.Linear(3, 2)(x)",
        "without a bias": "nn.Linear(3, 2, bias=False)(x)",
        "a subclass": "subclass(nn.Linear, 3, 2)(x)",
        "a subclass that calls on": "Calling(3, 2)(x)",
        "a lazy module": "nn.LazyLinear(2)(x)",
        "one vector": "F.linear(x[0], w)",
        "the functions of nn": "torch._C._nn.linear(x, w)",
        "torch.ops": "aten.linear.default(x, w, b)",
        "with out": "aten.linear.out(x, w, b, out=torch.empty(4, 2))",
        "bilinear": "F.bilinear(x, torch.ones(4, 1), w[:, :, None])",
        "its operator": "torch._trilinear(x, w, x, [0], [1], [0], [2])",
        "a module of it": "nn.Bilinear(3, 1, 2)(x, x[:, :1])",
        "multiplied and activated": "torch._addmm_activation(b, x, w.t())",
        "a recurrent cell": "nn.GRUCell(3, 3)(x)",
        "attention": "mha(q, k, u)",
        "quantized": "torch.ao.nn.quantized.dynamic.Linear(3, 2)(x)",
        "a script": "script('def f(x, w):\\n    return torch.nn.functional.linear(x, w)')(x, w)",
        "a module as a script": "torch.jit.script(nn.Linear(3, 2))(x)",
        "a differentiated script": (
            "differentiated('def f(x, w):\\n    return torch.nn.functional.linear(x, w)', x, w)"
        ),
        "vmap": "torch.func.vmap(lambda z: F.linear(z, w))(x)",
        "vmap over weights": "torch.func.vmap(lambda m: F.linear(x, m))(w[None])",
        "nested": "F.linear(torch.nested.nested_tensor([x, x]), w)",
        "ragged": "F.linear(torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged), w)",
        "functional_call": "torch.func.functional_call(nn.Linear(3, 2), {'weight': w, 'bias': b}, x)",
        "double": "F.linear(x.double(), w.double())",
        "linear and cross-entropy": "F.linear_cross_entropy(x, torch.randn(3, 3), labels)",
    },
    "convolutions": {
        "a module": "nn.Conv2d(2, 3, 3)(image)",
        "a subclass": "subclass(nn.Conv2d, 2, 3, 3)(image)",
        "a lazy module": "nn.LazyConv2d(3, 3)(image)",
        "conv1d": "F.conv1d(image[:, :, 0], kernel[:, :, 0])",
        "conv3d": "F.conv3d(image[:, :, None], kernel[:, :, None])",
        "same": "F.conv2d(image, kernel, padding='same')",
        "transposed": "F.conv_transpose2d(image, kernel.transpose(0, 1))",
        "transposed in one dimension": "F.conv_transpose1d(image[:, :, 0], kernel[:2, :, 0])",
        "transposed in three": "F.conv_transpose3d(image[:, :, None], kernel[:2, :, None])",
        "over time": "torch.conv_tbc(image[0], torch.ones(2, 5, 1), torch.zeros(1))",
        "convolution": "torch.convolution(image, kernel, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)",
        "_convolution": ("torch._convolution(image, kernel, None, *conv, False, False, False, False)"),
        "of oneDNN": "torch.mkldnn_convolution(image, kernel, None, [0, 0], [1, 1], [1, 1], 1)",
        "a oneDNN tensor": "F.conv2d(image.to_mkldnn(), kernel)",
        "fused": ("pointwise(image, kernel, None, [0, 0], [1, 1], [1, 1], 1, 'none', [], '')"),
        "of NNPACK": "torch._nnpack_spatial_convolution(image, kernel, None, [0, 0])",
        "thnn_conv2d": "torch._C._nn.thnn_conv2d(image, kernel, [3, 3], None)",
        "the slow one": "aten._slow_conv2d_forward(image, kernel, [3, 3], None, [1, 1], [0, 0])",
        "dilated": "torch._C._nn.slow_conv_dilated2d(image, kernel, [3, 3])",
        "slow and transposed": "torch._C._nn.slow_conv_transpose2d(image, kernel[:2], [3, 3])",
        "slow in three dimensions": (
            "torch._C._nn.slow_conv3d(image[:, :, None], kernel[:, :, None], [1, 3, 3])"
        ),
        "by channel": "F.conv2d(image, kernel[:2, :1], groups=2)",
        "with out": (
            "aten.convolution.out(image, kernel, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, "
            "out=torch.empty(1, 3, 3, 3))"
        ),
        "a gradient": "torch.nn.grad.conv2d_input(image.shape, kernel, torch.ones(1, 3, 3, 3))",
        "a weight's gradient": "torch.nn.grad.conv2d_weight(image, kernel.shape, torch.ones(1, 3, 3, 3))",
        "quantized": "torch.ao.nn.quantized.Conv2d(2, 3, 3)(quint_image)",
        "a script": "script('def f(x, w):\\n    return torch.conv2d(x, w)')(image, kernel)",
        "a module as a script": "torch.jit.script(nn.Conv2d(2, 3, 3))(image)",
        "a differentiated script": (
            "differentiated('def f(x, w):\\n    return torch.conv2d(x, w)', image, kernel)"
        ),
        "vmap": "torch.func.vmap(lambda z: F.conv2d(z, kernel))(image[None])",
        "per sample": "torch.func.vmap(lambda m: F.conv2d(image, m))(kernel[None])",
        "double": "F.conv2d(image.double(), kernel.double())",
        "channels last": "F.conv2d(image.contiguous(memory_format=torch.channels_last), kernel)",
    },
    "cross_entropies": {
        "the loss over sequences": "F.ctc_loss(x[:, None], labels[None, 1:2], rows[:1] + 1, rows[2:] - 1)",
        "an adaptive softmax": "nn.AdaptiveLogSoftmaxWithLoss(3, 4, [2])(x, labels)",
        "a distribution": "torch.distributions.Categorical(logits=x).log_prob(labels)",
        "a distribution of vectors": (
            "torch.distributions.OneHotCategorical(logits=x).log_prob(torch.eye(3)[labels])"
        ),
        "a module": "nn.CrossEntropyLoss()(x, labels)",
        "a subclass": "subclass(nn.CrossEntropyLoss)(x, labels)",
        "nll_loss": "F.nll_loss(x, labels)",
        "a module of it": "nn.NLLLoss()(x, labels)",
        "torch.ops": "aten.cross_entropy_loss(x, labels)",
        "the functions of nn": "torch._C._nn.nll_loss_nd(x, labels)",
        "without a reduction": "F.cross_entropy(x, labels, reduction='none')",
        "probabilities": "F.cross_entropy(x, x.softmax(-1))",
        "of images": "F.nll_loss(image, torch.zeros(1, 5, 5, dtype=torch.long))",
        "the kernel": "aten.nll_loss_forward(x, labels, None, 1, -100)",
        "with out": "aten.nll_loss.out(x, labels, out=torch.empty(()))",
        "a gradient": "aten.nll_loss_backward(torch.ones(()), x, labels, None, 1, -100, torch.ones(()))",
        "a decomposition": "D.nll_loss_forward(x, labels, None, 1, -100)",
        "the table of decompositions": "table[aten.nll_loss_forward.default](x, labels, None, 1, -100)",
        "a reference": "RF.nll_loss(x, labels)",
        "from a linear layer": "F.linear_cross_entropy(x, torch.randn(3, 3), labels)",
        "from a linear layer in parts": (
            "F.linear_cross_entropy(x, torch.eye(3), labels, options=nn.LinearCrossEntropyOptions())"
        ),
        "the operator of that": (
            "sys.modules['torch.nn.modules.linear_cross_entropy']._linear_cross_entropy_batch_chunked_accumulator()"
        ),
        "a script": (
            "script('def f(x, y):\\n    return torch.nn.functional.cross_entropy(x, y)')(x, labels)"
        ),
        "a module as a script": "torch.jit.script(nn.CrossEntropyLoss())(x, labels)",
        "a differentiated script": (
            "differentiated('def f(x, y):\\n    return torch.nn.functional.cross_entropy(x, y)', x, labels)"
        ),
        "vmap": "torch.func.vmap(F.cross_entropy)(x[None], labels[None])",
        "double": "F.cross_entropy(x.double(), labels)",
    },
    "dropouts": {
        "a module": "nn.Dropout()(x)",
        "a subclass": "subclass(nn.Dropout)(x)",
        "in place": "F.dropout(x.clone(), inplace=True)",
        "in eval": "nn.Dropout().eval()(x)",
        "of channels": "F.dropout2d(image)",
        "of channels in one dimension": "F.dropout1d(x)",
        "a module of channels": "nn.Dropout3d()(image)",
        "alpha": "F.alpha_dropout(x, training=True)",
        "alpha of channels": "F.feature_alpha_dropout(x, training=True)",
        "native": "torch.native_dropout(x, 0.5, True)",
        "native with out": "aten.native_dropout.out(x, 0.5, True, out0=x.clone(), out1=x > 0)",
        "torch._VF": "torch._VF.dropout(x, 0.5, True)",
        "torch.ops": "aten.dropout.default(x, 0.5, True)",
        "a gradient": "aten.native_dropout_backward(x, x > 0, 2.0)",
        "a decomposition": "D.dropout(x, 0.5, True)",
        "a fused decomposition": "D._fused_dropout_decomposition(x, 0.5)",
        "a reference": "RF.dropout(x)",
        "the helper of a reference": "RF._dropout_helper(x, 0.5)",
        "in attention": "F.scaled_dot_product_attention(q, k, u, dropout_p=0.5)",
        "in a recurrent layer": "nn.LSTM(3, 3, 2, dropout=0.5)(x)",
        "quantized": "torch.ops.quantized.dropout(quint, 0.5, True)",
        "nested": "F.dropout(torch.nested.nested_tensor([x, x]))",
        "ragged": "F.dropout(torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged))",
        "a script": "script('def f(x):\\n    return torch.dropout(x, 0.5, True)')(x)",
        "a module as a script": "torch.jit.script(nn.Dropout())(x)",
        "a differentiated script": "differentiated('def f(x):\\n    return torch.dropout(x, 0.5, True)', x)",
        "vmap": "torch.func.vmap(F.dropout, randomness='different')(x)",
        "double": "F.dropout(x.double())",
    },
    "embeddings": {
        "a module": "nn.Embedding(3, 2)(rows)",
        "a subclass": "subclass(nn.Embedding, 3, 2)(rows)",
        "torch.embedding": "torch.embedding(x, rows)",
        "torch.ops": "aten.embedding.default(x, rows)",
        "with out": "aten.embedding.out(x, rows, out=torch.empty(3, 3))",
        "sparse gradients": "F.embedding(rows, x, sparse=True)",
        "with a bound on norms": "F.embedding(rows, x.clone(), max_norm=1.0)",
        "a bag": "F.embedding_bag(rows[:, None], x)",
        "a module of bags": "nn.EmbeddingBag(3, 2)(rows[:, None])",
        "a bag's operator": "torch._embedding_bag(x, rows, torch.arange(3))",
        "a bag's forward pass": "torch._embedding_bag_forward_only(x, rows, torch.arange(3))",
        "renormalised": "torch.embedding_renorm_(x.clone(), rows, 1.0, 2.0)",
        "a gradient": "aten.embedding_dense_backward(torch.ones(3, 2), rows, 4, -1, False)",
        "a composed gradient": "aten.embedding_backward(torch.ones(3, 2), rows, 4, -1, False, False)",
        "a decomposition": "D.embedding(x, rows)",
        "a decomposed gradient": "D.embedding_dense_backward(torch.ones(3, 2), rows, 4, -1, False)",
        "the table of decompositions": "table[aten.embedding.default](x, rows)",
        "of bytes": (
            "torch.ops.quantized.embedding_bag_byte_rowwise_offsets("
            "torch.ops.quantized.embedding_bag_byte_prepack(x), rows, torch.arange(3))"
        ),
        "ragged": "F.embedding(torch.nested.nested_tensor([rows, rows[:2]], layout=torch.jagged), x)",
        "a script": "script('def f(x, i):\\n    return torch.embedding(x, i)')(x, rows)",
        "a module as a script": "torch.jit.script(nn.Embedding(3, 2))(rows)",
        "a differentiated script": (
            "differentiated('def f(x, i):\\n    return torch.embedding(x, i)', x, rows)"
        ),
        "vmap": "torch.func.vmap(lambda i: F.embedding(i, x))(rows[None])",
        "vmap over tables": "torch.func.vmap(lambda m: F.embedding(rows, m))(x[None])",
        "functional_call": "torch.func.functional_call(nn.Embedding(3, 2), {'weight': x}, rows)",
        "double": "F.embedding(rows, x.double())",
    },
    "optimisers": {
        "an optimiser": "torch.optim.Adam([p])",
        "one that is not adaptive": "torch.optim.SGD([p], lr=0.1)",
        "a subclass": "subclass(torch.optim.AdamW, [p])",
        "the class below all": "torch.optim.Optimizer([p], {})",
        "a subclass of that": "type('Mine', (torch.optim.Optimizer,), {})([p], {})",
        "a step alone": "torch.optim.Adam.step(type('Fake', (), {'defaults': {}})())",
        "a step without its wrappers": "torch.optim.Adam.step.__wrapped__(None)",
        "its function": "sys.modules['torch.optim.adam'].adam()",
        "its form": "sys.modules['torch.optim.adam']._single_tensor_adam()",
        "its form for many": "sys.modules['torch.optim.adam']._multi_tensor_adam()",
        "of the functional module": "torch.optim._functional.adam()",
        "a schedule": "torch.optim.lr_scheduler.LambdaLR(None, None)",
        "fused": "torch._fused_adam_([p.detach()], [p.grad], [p.detach() * 0], [p.detach() * 0], [], "
        "[torch.ones(())], lr=0.1, beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False, "
        "maximize=False)",
    },
}
CALLED_WITH_TOO_LITTLE = {
    *("the operator of that", "a step alone", "a step without its wrappers", "its function", "its form"),
    *("its form for many", "of the functional module", "a schedule", "the form of flex"),
}
"""That they are replaced shows before they look at what they were given."""
NEEDED = {
    "activations": (
        *("torch.maximum(x, x * 0)", "torch.where(x > 0, x, x * 0)", "(x + x.abs()) / 2", "x * (x > 0)"),
        *("x.masked_fill(x < 0, 0)", "torch.fmax(x, x * 0)", "x.sign()", "torch.heaviside(x, x)", "repr(x)"),
        "torch.maximum(x.clone().requires_grad_(), x * 0).sum().backward()",
        "x.clone().requires_grad_().abs().sum().backward()",
        *("torch.amax(x)", "x.sigmoid()", "x.tanh()", "nn.Linear(3, 2)(x)", "F.softmax(x, -1)", "x.norm()"),
    ),
    "gelus": (
        *("torch.erf(x)", "torch.erfc(x)", "torch.special.ndtr(x)", "x.tanh()", "x.sigmoid()", "F.relu(x)"),
        "torch.distributions.Normal(0.0, 1.0).cdf(x)",
        "torch.erf(x.clone().requires_grad_()).sum().backward()",
    ),
    "softmaxes": (
        *(
            "x.exp() / x.exp().sum(-1, keepdim=True)",
            "x.logsumexp(-1)",
            "x.amax(-1)",
            "x.max(-1)",
            "x.sum(-1)",
        ),
        *("x.sigmoid()", "F.logsigmoid(x)", "F.elu(x)", "torch.logaddexp(x, x)", "x.cumsum(-1)", "repr(x)"),
        "x.clone().requires_grad_().logsumexp(-1).sum().backward()",
        "torch.distributions.Normal(0.0, 1.0).sample()",
    ),
    "attentions": (
        *("x.softmax(-1)", "torch.bmm(q, k.mT)", "torch.baddbmm(q @ k.mT, q, k.mT)", "q @ k.mT"),
        *("torch.einsum('bqd,bkd->bqk', q, k)", "torch.ones(3, 3).tril()", "x.masked_fill(x > 0, -1e9)"),
        *("nn.Linear(4, 4)(q)", "nn.LayerNorm(4)(q)", "q.repeat_interleave(2, 0)", "q.unfold(1, 2, 1)"),
        "nn.MultiheadAttention(4, 2).in_proj_weight",
    ),
    "ready_attentions": (
        *("F.scaled_dot_product_attention(q, k, u)", "x.softmax(-1)", "nn.LayerNorm(4)(q)", "F.gelu(x)"),
        "nn.Linear(4, 4)(q.clone().requires_grad_()).sum().backward()",
    ),
    "linear_layers": (
        *(
            "x @ w.t()",
            "torch.addmm(b, x, w.t())",
            "torch.einsum('ni,oi->no', x, w)",
            "torch.matmul(x, w.t())",
        ),
        *("torch.tensordot(x, w, ([1], [1]))", "nn.Parameter(w)", "x.mv(w[0])", "torch.inner(x, w)"),
        "(x @ w.clone().requires_grad_().t()).sum().backward()",
        "nn.Linear(3, 2).state_dict()",
    ),
    "convolutions": (
        *("F.unfold(image, 3)", "image.unfold(2, 3, 1)", "F.pad(image, (1, 1))", "torch.fft.rfft2(image)"),
        *("image.as_strided((1, 2), (1, 1))", "torch.einsum('bchw,ochw->bo', image[..., :3, :3], kernel)"),
        *("F.fold(F.unfold(image, 3), (5, 5), 3)", "nn.Linear(3, 2)(x)", "F.avg_pool2d(image, 2)"),
        "F.unfold(image.clone().requires_grad_(), 3).sum().backward()",
        "F.pad(image, (1, 1, 1, 1), mode='reflect')",
    ),
    "cross_entropies": (
        *("x.logsumexp(-1)", "x.log_softmax(-1)", "x.gather(1, labels[:, None])", "F.one_hot(labels)"),
        *("x[torch.arange(4), labels]", "x.softmax(-1).log()", "F.mse_loss(x, x)", "F.kl_div(x, x)"),
        "x.clone().requires_grad_().log_softmax(-1)[0, 0].backward()",
    ),
    "dropouts": (
        *(
            "torch.rand_like(x) > 0.5",
            "torch.bernoulli(x * 0 + 0.5)",
            "x.clone().bernoulli_(0.5)",
            "torch.rand(3)",
        ),
        *(
            "torch.empty_like(x).uniform_()",
            "x.masked_fill(x > 0, 0)",
            "torch.randperm(3)",
            "nn.Linear(3, 2)(x)",
        ),
        "torch.distributions.Bernoulli(0.5).sample()",
    ),
    "embeddings": (
        *(
            "x[rows]",
            "x.index_select(0, rows)",
            "x.gather(0, rows[:, None])",
            "F.one_hot(rows).float() @ x[:3]",
        ),
        *(
            "torch.take_along_dim(x, rows[:, None], 0)",
            "nn.Parameter(x)",
            "torch.randn(3, 2)",
            "x.take(rows)",
        ),
        "x.clone().requires_grad_()[rows].sum().backward()",
        "x.clone().requires_grad_().index_select(0, rows).sum().backward()",
        "nn.Linear(3, 2)(x)",
    ),
    "optimisers": (
        *(
            "torch._foreach_mul_([x.clone()], 0.5)",
            "x.clone().lerp_(x, 0.1)",
            "x.clone().addcdiv_(x, x, value=-1)",
        ),
        *("torch._foreach_norm([x])", "x.sqrt()", "nn.Linear(3, 2)(x)", "x.clone().addcmul_(x, x)"),
        "nn.Linear(3, 2)(x).sum().backward()",
    ),
}


def list_expressions(family: str) -> dict[str, str]:
    plain = PLAIN.get(family)
    ways = {way: form.format(call=plain) for way, form in WAYS.items()} if plain else {}
    return {**ways, **ROUTES[family]}


@cache
def try_out(families: tuple[str, ...], *, forbidden: bool) -> dict[str, Any]:
    """Return for each expression what it raised, or '', and what was recorded, as a fresh process saw it."""
    expressions = {
        f"{family}: {route}": expression
        for family in families
        for route, expression in list_expressions(family).items()
    }
    if forbidden:
        expressions |= {f"needed: {text}": text for family in families for text in NEEDED[family]}
    found, _ = try_routes(SETUP, expressions, families if forbidden else ())
    return found


ALL_ROUTES = [(family, route) for family in ROUTES for route in list_expressions(family)]


@pytest.mark.parametrize(("family", "route"), ALL_ROUTES)
def test_every_route_to_a_family_raises_and_is_recorded(family: str, route: str) -> None:
    found = try_out((family,), forbidden=True)[f"{family}: {route}"]
    assert "ForbiddenOperator" in found["raised"]
    assert found["record"] != []


@pytest.mark.parametrize(
    ("family", "needed"), [(family, text) for family in NEEDED for text in NEEDED[family]]
)
def test_what_a_learner_needs_is_left_alone(family: str, needed: str) -> None:
    assert try_out((family,), forbidden=True)[f"needed: {needed}"] == {"raised": "", "record": []}


@pytest.mark.parametrize(("family", "route"), ALL_ROUTES)
def test_every_route_is_open_where_nothing_is_forbidden(family: str, route: str) -> None:
    found = try_out(tuple(ROUTES), forbidden=False)[f"{family}: {route}"]
    assert found["record"] == []
    assert (found["raised"] == "") is (route not in CALLED_WITH_TOO_LITTLE)


LOOKS_LIKE = {
    "activations": (
        r"relu|threshold|hardtanh|clamp|clip|[cs]?elu|silu|mish|hard|softplus|softshrink|_activation"
    ),
    "gelus": "gelu|_addmm_activation",
    "softmaxes": "softmax",
    "attentions": "attention",
    "linear_layers": r"(?<!bi)(?<!tri)linear|_trilinear$",
    "convolutions": r"(?<![a-z])conv(?!ert)|convolution|qconv",
    "cross_entropies": "cross_entropy|nll_loss",
    "dropouts": "dropout",
    "embeddings": r"(?<!cosine_)(?<!hinge_)embedding",
    "optimisers": "_fused_(ada|sgd)",
}
_LAYOUTS = r".*(prepack|unpack|reorder|quantize_weight).*"
NOT_OF_THE_FAMILY = {
    "activations": r"fbgemm_linear_\w+_fp32_activation",  # an activation is a number there
    "linear_layers": rf"{_LAYOUTS}|_compute_linear_combination|upsample_linear1d(_backward)?",
    "convolutions": (
        rf"{_LAYOUTS}|conv\w*_(stride|groups|padding|output_padding|dilation)|conv\w*[23]d_transpose"
    ),  # what a packed weight says of itself
    "cross_entropies": r"binary_cross_entropy\w*|poisson_nll_loss",
    "dropouts": r"_cudnn_init_dropout_state|_fill_mem_eff_dropout_mask_|_flash_attention_\w+",
    "embeddings": _LAYOUTS,
}
"""Operators whose names look alike and that compute something else, as patterns of whole names."""


@pytest.mark.parametrize("family", LOOKS_LIKE)
def test_no_operator_that_is_named_alike_is_left_out(family: str) -> None:
    assert list(find_left_out(family)) == []


def find_left_out(family: str) -> Iterator[str]:
    for full in torch._C._dispatch_get_all_op_names():
        namespace, _, name = full.partition("::")
        operator = name.partition(".")[0]
        if namespace in NAMESPACES and re.search(LOOKS_LIKE[family], operator):
            excused = re.fullmatch(NOT_OF_THE_FAMILY.get(family, "-"), operator)
            if operator not in FAMILIES[family] and not excused:
                yield full
