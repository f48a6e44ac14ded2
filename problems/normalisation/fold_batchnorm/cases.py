"""The hidden suite of folding a batch norm into a convolution.

Inputs are drawn so that no number of the batch norm is near 0, 1 or another one. What is observed is the weight and
the bias of the result, and what it makes of an input. `watched` looks at all that a call has to leave alone, under
each condition that the two layers may be in.
"""

import torch
from torch import nn

from torch_judge.authoring import (
    Tolerance,
    WrongAnswer,
    case,
    counterexample,
    fill,
    gradients,
    signed,
    tensor,
    tensor_of,
)

SUMMED_OVER_MANY = Tolerance(relative=1e-4, of_scale=3e-5)
"""A sum of hundreds of float32 numbers depends on the order in which they are added."""


HELD = (
    ("conv", "weight"),
    ("conv", "bias"),
    ("bn", "weight"),
    ("bn", "bias"),
    ("bn", "running_mean"),
    ("bn", "running_var"),
)


def draw(rng, inputs, outputs, kernel, *, eps=0.083, spread=1.0, **settings):
    """Draw a convolution and a batch norm, both in eval mode."""
    conv = nn.Conv2d(inputs, outputs, kernel, **settings).eval()
    bn = nn.BatchNorm2d(outputs, eps=eps).eval()
    drawn = {
        "weight of conv": (conv.weight, signed(rng, 0.3, 1.9, tuple(conv.weight.shape))),
        "bias of conv": (conv.bias, signed(rng, 1.1, 2.3, outputs)),
        "weight of bn": (bn.weight, signed(rng, 1.3, 2.7, outputs)),
        "bias of bn": (bn.bias, signed(rng, 0.4, 0.9, outputs)),
        "running_mean": (bn.running_mean, spread * signed(rng, 2.6, 4.1, outputs)),
        "running_var": (bn.running_var, spread**2 * rng.uniform(1.6, 6.5, outputs)),
    }
    for name, (place, values) in drawn.items():
        if place is not None:
            fill(name, place, values)
    bn.num_batches_tracked.fill_(int(rng.integers(7, 99)))
    return conv, bn


def image(rng, *shape):
    """Draw an input."""
    return tensor(rng.normal(size=shape))


def parts(folded):
    """Return the weight and the bias of a result, if it is what the statement asks for."""
    if type(folded) is not nn.Conv2d:
        raise WrongAnswer(f"result: expected an nn.Conv2d, found {type(folded).__name__}")
    return {name: tensor_of(folded, name) for name in ("weight", "bias")}


def observed(folded, x):
    """Return a result's weight and bias, and what it makes of x."""
    found = parts(folded)
    with torch.no_grad():
        return {**found, "output": folded(x.to(folded.weight.dtype))}


def copies(folded):
    """Return a result's weight and bias as they are now, safe from later changes."""
    return {name: value.detach().clone() for name, value in parts(folded).items()}


def said(conv):
    """Return what a convolution says of itself."""
    return {name: str(getattr(conv, name, None)) for name in ("in_channels", "out_channels", "kernel_size", "groups")}


def everything(module):
    """Return all that a module holds: parameters and whether they learn, buffers and mode."""
    held = (*module.named_parameters(), *module.named_buffers())
    learning = {f"{name}.requires_grad": value.requires_grad for name, value in held}
    return {**module.state_dict(), **learning, "training": module.training}


def snapshot(module):
    """Return all that a module holds, copied."""
    return {name: value.detach().clone() if isinstance(value, torch.Tensor) else value for name, value in everything(module).items()}


def settings():
    """Return what belongs to the caller."""
    return {
        "whether gradients are recorded": torch.is_grad_enabled(),
        "the default dtype": torch.get_default_dtype(),
        "the seed of the caller's generator": torch.initial_seed(),
    }


def left_alone(conv, bn):
    """Return all that a call has to leave as it is, copied: of both layers, and of the caller's settings."""
    found = settings()
    for kind, module in (("conv", conv), ("bn", bn)):
        found |= {f"{kind}.{name}": value for name, value in snapshot(module).items()}
        found |= {f"{kind}.{name}.grad": None if value.grad is None else value.grad.clone() for name, value in module.named_parameters()}
        found[f"hooks of {kind}"] = len(module._forward_hooks) + len(module._forward_pre_hooks)
    return found


def is_same(one, other):
    """Tell whether two tensors, or what stands in the place of one, are the same."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    return type(one) is type(other) and one == other


def watched(fold_batchnorm, conv, bn, earlier=()):
    """Fold, see that all else is as it was and that the result is of its own memory, and return the result."""
    before = left_alone(conv, bn)
    folded = fold_batchnorm(conv, bn)
    after = left_alone(conv, bn)
    for name in before | after:
        if name not in before or name not in after or not is_same(before[name], after[name]):
            raise WrongAnswer(f"{name} after the call: expected what it was before, found something else")
    others = {f"{kind}.{name}": value for kind, each in (("conv", conv), ("bn", bn)) for name, value in each.state_dict().items()}
    others |= {f"{name} of an earlier result": value for each in earlier for name, value in parts(each).items()}
    for name, value in parts(folded).items():
        if not (isinstance(value, nn.Parameter) and value.is_leaf):
            raise WrongAnswer(f"{name} of the result: expected a parameter without a graph, found something else")
        for other, held in others.items():
            if value.untyped_storage().data_ptr() == held.untyped_storage().data_ptr():
                raise WrongAnswer(f"{name} of the result: expected memory of its own, found that of {other}")
    return folded


def put_one_channel_far_out(conv, bn):
    """Let the last channel have large numbers."""
    with torch.no_grad():
        conv.weight[-1, -1], bn.weight[-1], bn.bias[-1] = 300.0, 90.0, 300.0
        bn.running_mean[-1], bn.running_var[-1] = 500.0, 4000.0


def folded_under(fold_batchnorm, rng, change, far=True):
    """Draw two pairs of layers, change both, fold each, the second twice, and return what the results hold."""
    results = []
    for put_out in (False, far):
        conv, bn = draw(rng, 3, 3, 2)
        with torch.no_grad():
            if put_out:
                put_one_channel_far_out(conv, bn)
            change(conv, bn)
        results.append((watched(fold_batchnorm, conv, bn, [each for each, _ in results]), (conv, bn)))
    results.append((watched(fold_batchnorm, *results[-1][1], [each for each, _ in results]), results[-1][1]))
    return [copies(each) for each, _ in results]


@case()
def works_when_a_parameter_is_all_zeros_or_ones(fold_batchnorm, rng):
    """Any of the parameters and statistics may hold zeros only or ones only: they are numbers like any others."""
    found = {}
    for layer, name in HELD:
        for number in (0.0, 1.0):

            def change(conv, bn, layer=layer, name=name, number=number):
                getattr({"conv": conv, "bn": bn}[layer], name).fill_(number)

            found[f"{layer}.{name} all {number:g}"] = folded_under(fold_batchnorm, rng, change)
    return found


@case()
def works_with_frozen_parameters(fold_batchnorm, rng):
    """Some parameters of conv and bn may require grad and others not, or none: the values are the same, and
    requires_grad stays as it was.
    """
    found = {}
    for layer, name in (*HELD[:4], ("both", "all")):

        def change(conv, bn, layer=layer, name=name):
            frozen = [conv, bn] if layer == "both" else [getattr({"conv": conv, "bn": bn}[layer], name)]
            for each in frozen:
                each.requires_grad_(False)

        found[f"without gradients of {layer}.{name}"] = folded_under(fold_batchnorm, rng, change)
    return found


@case()
def works_with_gradients_off(fold_batchnorm, rng):
    """Under torch.no_grad() a call computes the same as with gradients on."""
    with torch.no_grad():
        return folded_under(fold_batchnorm, rng, lambda conv, bn: None)


@case()
def works_on_tiny_values(fold_batchnorm, rng):
    """Weights and statistics of a hundred-millionth are folded like any others, and eps may be 0."""

    def change(conv, bn):
        for each in (conv.weight, conv.bias, bn.bias, bn.running_mean):
            each.mul_(1e-8)
        bn.running_var.mul_(1e-16)
        bn.eps = 0.0

    return folded_under(fold_batchnorm, rng, change, far=False)


@case()
def no_state_is_kept_between_calls(fold_batchnorm, rng):
    """The same layers again, others of the same shape and of another one: each pair is folded from what it holds, into
    a result of its own. Gradients that they have stay, and no call sets the random generator back.
    """
    first, second, wider = draw(rng, 3, 4, 2), draw(rng, 3, 4, 2), draw(rng, 3, 5, 2)
    put_one_channel_far_out(*second)
    for each in (*second[0].parameters(), *second[1].parameters()):
        each.grad = torch.full_like(each, 0.7)
    results, next_numbers = [], []
    for pair in (first, second, second, wider, first, first):
        results.append(watched(fold_batchnorm, *pair, results))
        next_numbers.append(tuple(torch.rand(4).tolist()))
    return {"results": [copies(each) for each in results], "the next random numbers all differ": len({*next_numbers}) == 6}


@case(rejects=["bias_of_the_convolution_counted_twice"])
def the_folded_convolution_computes_the_same(fold_batchnorm, rng):
    """The factor gamma / sqrt(var + eps) moves into the weight; the bias is (old bias - mean) * factor + beta."""
    conv, bn = draw(rng, 3, 5, (3, 2))
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 3, 6, 7))


@case(rejects=["no_bias_where_there_was_none"])
def a_convolution_without_bias_gets_a_bias(fold_batchnorm, rng):
    """Where conv has no bias, the old bias counts as 0, and the result has a bias all the same."""
    conv, bn = draw(rng, 4, 3, (1, 3), bias=False)
    return observed(fold_batchnorm(conv, bn), image(rng, 3, 4, 5, 6))


@case(rejects=["stride_forgotten", "one_number_for_both_directions"])
def the_stride_is_kept(fold_batchnorm, rng):
    """The result has conv's stride, one number for each direction."""
    conv, bn = draw(rng, 2, 3, 3, stride=(3, 2))
    return observed(fold_batchnorm(conv, bn), image(rng, 1, 2, 13, 11))


@case(rejects=["padding_forgotten"])
def the_padding_is_kept(fold_batchnorm, rng):
    """The result has conv's padding, one number for each direction."""
    conv, bn = draw(rng, 2, 3, (3, 5), padding=(1, 2))
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 2, 4, 7))


@case(rejects=["dilation_forgotten"])
def the_dilation_is_kept(fold_batchnorm, rng):
    """The result has conv's dilation, one number for each direction."""
    conv, bn = draw(rng, 3, 2, (2, 3), dilation=(3, 2), bias=False)
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 3, 8, 9))


@case(rejects=["wrong_factor_with_groups"])
def groups_are_kept(fold_batchnorm, rng):
    """With groups, each output channel still has its own factor, and the weight keeps its shape; a depthwise
    convolution has as many groups as input channels.
    """
    grouped, depthwise = draw(rng, 4, 6, (3, 2), groups=2), draw(rng, 3, 6, 3, groups=3, bias=False, padding=1, dilation=(1, 2))
    return {
        "two groups": observed(fold_batchnorm(*grouped), image(rng, 2, 4, 5, 6)),
        "depthwise": observed(fold_batchnorm(*depthwise), image(rng, 2, 3, 4, 5)),
    }


@case(rejects=["attributes_of_a_placeholder"])
def the_result_has_the_attributes_of_conv(fold_batchnorm, rng):
    """in_channels, out_channels, kernel_size, groups and the like can be read from the result, as from conv."""
    conv, bn = draw(rng, 4, 6, (3, 2), groups=2)
    folded = fold_batchnorm(conv, bn)
    parts(folded)
    return said(folded)


@case(title='works with padding="same" and padding="valid"')
def works_with_padding_as_a_string(fold_batchnorm, rng):
    """conv.padding may be "same" or "valid" instead of two numbers."""
    same, valid = draw(rng, 2, 3, (3, 5), padding="same", dilation=(2, 1)), draw(rng, 2, 3, (3, 5), padding="valid")
    return {
        "same": observed(fold_batchnorm(*same), image(rng, 2, 2, 7, 6)),
        "valid": observed(fold_batchnorm(*valid), image(rng, 2, 2, 7, 6)),
    }


@case(title='works with padding="same" and an even kernel', rejects=["same_padding_equal_on_both_sides"])
def works_with_same_padding_and_an_even_kernel(fold_batchnorm, rng):
    """With padding="same" the output is as large as the input, also where the kernel is even and one side gets one more
    zero.
    """
    conv, bn = draw(rng, 2, 3, (4, 2), padding="same", dilation=(1, 3))
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 2, 7, 6))


@case(title="divides by sqrt(bn.running_var + bn.eps)", rejects=["eps_outside_the_root"])
def divides_by_the_root_of_var_plus_eps(fold_batchnorm, rng):
    """The divisor is sqrt(running_var + eps), with the eps of this batch norm, and not 1e-5 always."""
    conv, bn = draw(rng, 2, 4, (2, 3), eps=float(rng.uniform(1.3, 2.4)))
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 2, 5, 4))


@case(rejects=["channels_without_variance_left_out"])
def works_when_the_running_variance_is_nearly_zero(fold_batchnorm, rng):
    """A running variance may be as small as eps, or 0: eps keeps the factor finite."""
    conv, bn = draw(rng, 2, 5, 3, eps=1e-5, spread=0.002)
    bn.running_var[1] = 0.0
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 2, 4, 5))


@case(title="channels with gamma = 0 keep their beta")
def channels_with_gamma_0_keep_their_beta(fold_batchnorm, rng):
    """Where gamma is 0, the weight of the channel is 0 and its bias is beta."""
    conv, bn = draw(rng, 2, 4, 2)
    with torch.no_grad():
        bn.weight[rng.integers(4)] = 0.0
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 2, 4, 5))


@case(rejects=["factor_along_the_input_channels"])
def works_with_equal_sizes(fold_batchnorm, rng):
    """Where the input channels and the kernel are as many as the output channels, a wrong axis breaks no shape."""
    conv, bn = draw(rng, 3, 3, 3)
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 3, 5, 4))


@case()
def works_with_one_channel_and_a_1x1_kernel(fold_batchnorm, rng):
    """One input channel, one output channel and a kernel of 1 x 1 is a convolution like any other."""
    conv, bn = draw(rng, 1, 1, 1)
    return observed(fold_batchnorm(conv, bn), image(rng, 1, 1, 2, 3))


@case(tolerance=SUMMED_OVER_MANY)
def works_with_many_channels(fold_batchnorm, rng):
    """Each of many output channels has its own factor and its own bias."""
    conv, bn = draw(rng, 17, 37, 3)
    return observed(fold_batchnorm(conv, bn), image(rng, 2, 17, 4, 5))


@case(rejects=["originals_frozen", "batch_norm_changed_in_place"])
def conv_and_bn_do_not_change(fold_batchnorm, rng):
    """conv and bn are only read: parameters, running statistics and mode are as before."""
    conv, bn = draw(rng, 3, 4, 2)
    return {**observed(fold_batchnorm(conv, bn), image(rng, 2, 3, 4, 4)), "conv": everything(conv), "bn": everything(bn)}


@case(title="conv.bias stays None", rejects=["bias_given_to_the_original"])
def the_bias_of_conv_stays_none(fold_batchnorm, rng):
    """conv is only read: a convolution without bias is not given one."""
    conv, bn = draw(rng, 2, 3, 2, bias=False)
    found = parts(fold_batchnorm(conv, bn))
    return {**found, "conv": sorted(conv.state_dict()), "bn": sorted(bn.state_dict())}


@case(rejects=["mode_not_restored"])
def layers_in_training_mode_are_folded_or_refused(fold_batchnorm, rng):
    """Where both layers or one of them are in training mode, an error is fine. If there is none, the running statistics are folded, and
    the modes, the statistics and num_batches_tracked stay as they are.
    """
    pairs, x = [draw(rng, 3, 4, 2) for _ in range(4)], image(rng, 2, 3, 4, 4)
    put_one_channel_far_out(*pairs[1])
    with torch.no_grad():
        wanted = [bn(conv(x)) for conv, bn in pairs]
    results, changed = [], []
    for (conv, bn), (of_conv, of_bn) in zip(pairs, ((True, True), (True, True), (True, False), (False, True)), strict=True):
        conv.train(of_conv), bn.train(of_bn)
        before = left_alone(conv, bn)
        try:
            results.append(fold_batchnorm(conv, bn))
        except Exception:
            results.append(None)
        after = left_alone(conv, bn)
        changed += [name for name in before | after if not is_same(before.get(name), after.get(name))]
    right = [folded is None or does(folded, x, output) for folded, output in zip(results, wanted, strict=True)]
    return {"folded as in eval mode, or refused": right, "changed": changed}


def does(folded, x, wanted):
    """Tell whether a result makes of x what is wanted, but for rounding."""
    found = observed(folded, x)["output"]
    return found.shape == wanted.shape and torch.allclose(found, wanted, rtol=1e-3, atol=1e-5 * float(wanted.abs().max()))


@case(rejects=["shallow_copy"])
def the_result_shares_no_memory_with_conv_and_bn(fold_batchnorm, rng):
    """Whatever happens to conv and bn afterwards, the result does not change, and the other way round."""
    seen = {}
    for name, bias in (("", True), (", without bias", False), (", where bn changes nothing", True)):
        conv, bn = draw(rng, 3, 3, 2, bias=bias)
        if "nothing" in name:
            bn = nn.BatchNorm2d(3, eps=0.0).eval()
        seen |= {f"{part}{name}": value for part, value in share_nothing(fold_batchnorm, conv, bn).items()}
    return seen


def share_nothing(fold_batchnorm, conv, bn):
    """Change what was folded, and then the result, where nothing but zeros is added to the bias."""
    bn.running_mean.zero_()
    if conv.bias is not None:
        with torch.no_grad():
            conv.bias.zero_()
    folded = fold_batchnorm(conv, bn)
    before = copies(folded)
    with torch.no_grad():
        for value in (*conv.parameters(), *bn.parameters(), *bn.buffers()):
            value.add_(3)
        after = copies(folded)
        for value in parts(folded).values():
            value.mul_(5)
    folded.train(not folded.training)
    return {"before": before, "after": after, "conv": everything(conv), "bn": everything(bn)}


@case(title="weight and bias are nn.Parameters", rejects=["parameters_in_the_graph_of_gamma"])
def weight_and_bias_are_parameters(fold_batchnorm, rng):
    """weight and bias of the result are parameters, and carry no graph."""
    folded = fold_batchnorm(*draw(rng, 3, 4, 2))
    facts = {
        f"{name} {fact}": value
        for name, each in parts(folded).items()
        for fact, value in (
            ("is a parameter", isinstance(each, nn.Parameter)),
            ("is a leaf of the graph", each.is_leaf),
        )
    }
    return {"parameters": sorted(name for name, _ in folded.named_parameters()), **facts}


@case(title="gradients reach the result, not conv and bn", rejects=["parameters_in_the_graph_of_gamma"])
def gradients_reach_the_result_not_conv_and_bn(fold_batchnorm, rng):
    """The result can learn by itself: its weight, its bias and its input get their gradients, conv and bn get none."""
    conv, bn = draw(rng, 2, 3, (2, 3), stride=(1, 2), padding=1)
    folded = fold_batchnorm(conv, bn)
    inputs = {"x": image(rng, 2, 2, 4, 5), **parts(folded)}
    for value in inputs.values():
        value.requires_grad_()
    output = folded(inputs["x"])
    above = image(rng, 2, 3, 5, 3)
    found = gradients(output, inputs, above)
    (folded(inputs["x"]) * above).sum().backward()
    reached = sorted(name for each in (conv, bn) for name, value in each.named_parameters() if value.grad is not None)
    return {**found, "gradients of the originals": reached}


@case(rejects=["results_cached"])
def folding_again_uses_the_current_weights(fold_batchnorm, rng):
    """After a step of training, and after a write to .data, the same two layers are folded anew, with the values that they hold then."""
    conv, bn = draw(rng, 2, 3, 2)
    first = copies(fold_batchnorm(conv, bn))
    for mine, new in zip((conv, bn), draw(rng, 2, 3, 2), strict=True):
        mine.load_state_dict(new.state_dict())
    second = copies(fold_batchnorm(conv, bn))
    conv.weight.data.mul_(1.4)
    third = copies(fold_batchnorm(conv, bn))
    bn.running_var.data.mul_(1.7)
    return {"first": first, "second": second, "third": third, "fourth": copies(fold_batchnorm(conv, bn))}


@case()
def two_results_share_nothing(fold_batchnorm, rng):
    """Two pairs of layers with the same settings have two results, and the first stays as it was."""
    results = [fold_batchnorm(*draw(rng, 2, 3, 2)) for _ in range(2)]
    return [parts(each) for each in results]


CHANNELS = ((1, 1, 1), (1, 2, 1), (2, 1, 1), (2, 2, 1), (2, 2, 2), (2, 4, 2))
"""Input channels, output channels and groups, from plain to special."""
SETTINGS = (
    {},
    {"stride": (1, 2)},
    {"stride": (2, 1)},
    {"padding": (0, 1)},
    {"padding": (1, 0)},
    {"padding": "same"},
    {"padding": "same", "dilation": (1, 2)},
    {"dilation": (1, 2)},
    {"dilation": (2, 1)},
)


def small_call(draw):
    """Draw a small convolution, a batch norm as it starts but for what has to differ, and an input."""
    training, bias = draw.boolean(), draw.boolean()
    (inputs, outputs, groups), settings = draw.choice(CHANNELS), draw.choice(SETTINGS)
    kernel, width = (1, draw.integer(1, 2)), draw.integer(1, 2)
    eps = draw.choice((None, 0.5, 1.0))
    call = {
        "weight of conv": tensor(draw.array((outputs, inputs // groups, *kernel), -2, 3, plainest=1)),
        "bias of conv": tensor(draw.array(outputs, -2, 3)) if bias else None,
        **settings,
    }
    if groups > 1:
        call["groups"] = groups
    call |= {
        "weight of bn": tensor(draw.array(outputs, -2, 3, plainest=1)),
        "bias of bn": tensor(draw.array(outputs, -2, 3)),
        "running_mean": tensor(draw.array(outputs, -2, 3)),
        "running_var": tensor(draw.array(outputs, 0, 4, plainest=1)),
    }
    if eps is not None:
        call["eps"] = eps
    if training:
        call["mode"] = "training"
    return call | {"x": tensor(draw.array((1, inputs, 1, width + 2 * (kernel[1] - 1)), -2, 3, plainest=1))}


def layers(call):
    """Make the two layers of a small call."""
    weight = call["weight of conv"]
    settings = {name: call[name] for name in ("stride", "padding", "dilation", "groups") if name in call}
    inputs = weight.shape[1] * call.get("groups", 1)
    conv = nn.Conv2d(inputs, weight.shape[0], tuple(weight.shape[2:]), bias=call["bias of conv"] is not None, **settings)
    bn = nn.BatchNorm2d(weight.shape[0], **({"eps": call["eps"]} if "eps" in call else {}))
    places = (conv.weight, conv.bias, bn.weight, bn.bias, bn.running_mean, bn.running_var)
    names = ("weight of conv", "bias of conv", "weight of bn", "bias of bn", "running_mean", "running_var")
    for name, place in zip(names, places, strict=True):
        if place is not None:
            fill(name, place, call[name])
    return conv.train("mode" in call), bn.train("mode" in call)


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-3, of_scale=1e-3))
def answers_to_a_small_call(fold_batchnorm, call):
    """What the result holds, says and does, and what of the two layers is not as it was."""
    conv, bn = layers(call)
    before = {f"{kind}.{name}": value for kind, each in (("conv", conv), ("bn", bn)) for name, value in snapshot(each).items()}
    try:
        folded = fold_batchnorm(conv, bn)
    except Exception:
        if "mode" not in call:  # there it may refuse
            raise
        folded = None
    after = {f"{kind}.{name}": value for kind, each in (("conv", conv), ("bn", bn)) for name, value in snapshot(each).items()}
    if "mode" in call:
        seen = {"result": "not looked at in training mode"}
    else:
        seen = observed(folded, call["x"])
        seen |= {f"{name} of the result": text for name, text in said(folded).items() if text != said(conv)[name]}
        seen |= {f"{name} is a parameter": False for name, each in parts(folded).items() if not isinstance(each, nn.Parameter)}
        seen |= {f"{name} is a leaf": False for name, each in parts(folded).items() if not each.is_leaf}
    seen |= {f"{name} after the call": after.get(name) for name in {**before, **after} if differ(before.get(name), after.get(name))}
    return seen


def differ(one, other):
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return not torch.allclose(one, other, rtol=1e-3, atol=0)  # so that it shows
    return one is not other
