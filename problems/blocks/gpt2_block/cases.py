"""The hidden suite of the GPT-2 block.

All parameters are filled with drawn numbers by name; the two linear layers of `mlp` are found by what they are. Where GELU
plays a part, both forms of it are right. So nearly all cases draw the bias of the first layer of `mlp` near 12 and -12, with
small weights: there the two forms agree to the last digit. One case has moderate numbers, and accepts an answer that is all of
one form. d_k is 1, 4 or 16, whose roots are exact, but for one case: the root may be rounded to float32.
"""

from functools import partial

import numpy as np
import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Observer,
    Size,
    Tolerance,
    WrongAnswer,
    build,
    case,
    counterexample,
    deep_copy,
    describe,
    fill,
    gradients,
    linear_of,
    load_state,
    one_of,
    signed,
    standard,
    tensor,
    upstream,
)

CONSTANTS_IN_SIX_DIGITS = Tolerance(relative=3e-6, of_scale=3e-6)
"""GELU's constants may be written with six digits, which gives 1e-6; 0.0447 for 0.044715 gives 1e-5 and more."""
ROOT_IN_FLOAT32 = Tolerance(relative=1e-5, of_scale=1e-6)
CANCELLED_IN_FLOAT32 = Tolerance(relative=3e-5, of_scale=2e-4)
"""The gradient of W_k.bias is zero but for rounding, and so may differ by that."""
ROUNDED_AT_LARGE_SCORES = Tolerance(relative=1e-6, of_scale=1e-7)
"""Scores of 10000 have four digits less behind the point."""

NORMS = ("ln1", "ln2")
PROJECTIONS = ("W_q", "W_k", "W_v", "W_o")
FIRST, SECOND = "the_first_linear_of_mlp", "the_second_linear_of_mlp"
LAYERS = (*NORMS, *PROJECTIONS, FIRST, SECOND)
PARAMETERS = tuple(f"{name}.{kind}" for name in LAYERS for kind in ("weight", "bias"))
observer = Observer()


def kind_of(value):
    """Say what was found in place of a layer."""
    return "nothing" if value is None else f"a {type(value).__name__}"


def norm_of(block, name, d_model):
    """Return a layer norm: a module of a class of its own with weight and bias will do as well as nn.LayerNorm."""
    norm = getattr(block, name, None)
    if not isinstance(norm, nn.Module) or isinstance(norm, nn.Linear | nn.BatchNorm1d | nn.RMSNorm):
        raise WrongAnswer(f"{name}: expected an nn.LayerNorm, found {kind_of(norm)}")
    for kind in ("weight", "bias"):
        held = getattr(norm, kind, None)
        if not isinstance(held, nn.Parameter):
            raise WrongAnswer(f"{name}: expected an nn.LayerNorm with weight and bias, found one without {kind}")
        if tuple(held.shape) != (d_model,):
            raise WrongAnswer(f"{name}.{kind}: expected shape {(d_model,)}, found {tuple(held.shape)}")
    return norm


def layers_of_mlp(block, d_model):
    """Return the two linear layers of `mlp`, the one that widens first."""
    mlp = getattr(block, "mlp", None)
    if not isinstance(mlp, nn.Module):
        raise WrongAnswer(f"mlp: expected a module, found {kind_of(mlp)}")
    wide = 4 * d_model
    found = [each for each in mlp.modules() if isinstance(each, nn.Linear)]
    layers = [[each for each in found if tuple(each.weight.shape) == shape] for shape in ((wide, d_model), (d_model, wide))]
    if len(found) != 2 or [len(each) for each in layers] != [1, 1]:
        sizes = ", ".join(f"from {each.in_features} to {each.out_features}" for each in found) or "none"
        raise WrongAnswer(f"mlp: expected nn.Linear from {d_model} to {wide} and from {wide} to {d_model}, found {sizes}")
    for number, (each,) in zip(("first", "second"), layers, strict=True):
        if each.bias is None:
            raise WrongAnswer(f"the {number} linear layer of mlp: expected one with its bias, found one without")
    return layers[0][0], layers[1][0]


def parts(block, d_model, num_heads=None):
    """Return the layers, in the order of LAYERS."""
    norms = [norm_of(block, name, d_model) for name in NORMS]
    projections = [linear_of(block, name, d_model, d_model) for name in PROJECTIONS]
    return dict(zip(LAYERS, (*norms, *projections, *layers_of_mlp(block, d_model)), strict=True))


def parameters(block, d_model):
    """Return the parameters by name."""
    return {f"{name}.{kind}": getattr(each, kind) for name, each in parts(block, d_model).items() for kind in ("weight", "bias")}


def spread(rng, shape):
    """Draw positions, each with a mean and a deviation of its own; none is nearly constant, which rounding would enlarge."""
    deviation = rng.uniform(1.3, 2.6, (*shape[:-1], 1))
    return rng.uniform(0.7, 1.9, (*shape[:-1], 1)) + deviation * standard(rng, shape, over=-1)


WIDTH = "4*heads"
WIDE = "16*heads"
BY_HAND = "All parameters together have a case by hand, which takes a tenth of the time."


def held(name, shape, between, scales=0, **options):
    """Describe a parameter; cases by hand have zeros and ones of it."""
    return Argument(name, shape, between=between, far=1, scales=scales, zeros=False, ones=False, **options)


suite = describe(
    sizes={"batch": Size(2, large=130), "positions": Size(5, large=5), "heads": Size(3, one=False, large=5)},
    made_with={"d_model": WIDTH, "num_heads": "heads"},
    also_by_name=True,
    parts=parts,
    parameters=[
        held("ln1.weight", WIDTH, (1.2, 2.3)),
        held("ln1.bias", WIDTH, (0.3, 0.8)),
        held("ln2.weight", WIDTH, (1.2, 2.3)),
        held("ln2.bias", WIDTH, (0.3, 0.8)),
        held("W_q.weight", f"{WIDTH} {WIDTH}", (0.1, 0.4)),
        held("W_q.bias", WIDTH, (0.3, 0.9)),
        held("W_k.weight", f"{WIDTH} {WIDTH}", (0.1, 0.4)),
        held("W_k.bias", WIDTH, (0.3, 0.9)),
        held("W_v.weight", f"{WIDTH} {WIDTH}", (0.2, 0.7)),
        held("W_v.bias", WIDTH, (0.3, 0.9)),
        held("W_o.weight", f"{WIDTH} {WIDTH}", (0.2, 0.7), 1),
        held("W_o.bias", WIDTH, (0.3, 0.9), 1),
        # GELU by tanh is right too: the numbers before it stay where both forms are the same to the last digit
        held(f"{FIRST}.weight", f"{WIDE} {WIDTH}", (0.01, 0.04)),
        held(f"{FIRST}.bias", WIDE, (12, 13), positive=True),
        held(f"{SECOND}.weight", f"{WIDTH} {WIDE}", (0.1, 0.4), 1),
        held(f"{SECOND}.bias", WIDTH, (0.3, 0.9), 1),
    ],
    arguments=[Argument("x", f"batch positions {WIDTH}", draw=spread)],
    tolerance_in_float32=CANCELLED_IN_FLOAT32,
    without={
        "works_when_only_one_tensor_requires_grad: only *.*": BY_HAND,
        "works_with_small_sizes: * 2": "Cases by hand have two heads, and two positions.",
        "works_with_small_sizes: * and *": "Each has a call in which it alone is 1, and a case by hand both.",
        "works_on_non_contiguous_input: with gaps": "What is transposed has gaps as well.",
        "changed_parameters_take_effect": "A case by hand has it, with gradients off and on.",
        "two_instances_share_no_state": "A case by hand has it, together with copies.",
        "a_deep_copy_is_independent": "A case by hand has it, together with other copies.",
        "state_dict_restores_everything": "A case by hand has it, together with other copies.",
        "the_mode_follows_self_training": "The mode decides nothing; each call is made in both modes.",
    },
)


def draw_values(rng, d_model, *, bent=False):
    """Draw numbers for all parameters by name; `bent` where GELU is to matter."""
    root, wide = np.sqrt(d_model), 4 * d_model
    values = {}
    for name in NORMS:
        values |= {f"{name}.weight": signed(rng, 1.2, 2.3, d_model), f"{name}.bias": signed(rng, 0.3, 0.8, d_model)}
    for name, size in zip(PROJECTIONS, (0.8, 0.8, 0.9, 0.9), strict=True):
        values[f"{name}.weight"] = size * rng.normal(size=(d_model, d_model)) / root
        values[f"{name}.bias"] = signed(rng, 0.4, 1.1, d_model)
    if bent:
        values |= {f"{FIRST}.weight": 0.6 * rng.normal(size=(wide, d_model)) / root, f"{FIRST}.bias": signed(rng, 0.3, 0.9, wide)}
    else:
        values |= {f"{FIRST}.weight": rng.uniform(-0.5, 0.5, (wide, d_model)) / d_model, f"{FIRST}.bias": signed(rng, 12, 13, wide)}
    values[f"{SECOND}.weight"] = 1.4 * rng.normal(size=(d_model, wide)) / np.sqrt(wide)
    values[f"{SECOND}.bias"] = signed(rng, 0.6, 1.3, d_model)
    values[f"{SECOND}.bias"][0] += 0 if bent else 70  # a result is not clamped
    return values


def filled(GPT2Block, d_model, num_heads, values, dtype=torch.float64):
    """Make a block whose parameters have these values."""
    block = build(GPT2Block, d_model, num_heads)
    parts(block, d_model)
    block.to(dtype)
    for name, target in parameters(block, d_model).items():
        fill(name, target, values[name])
    return block


def drawn(GPT2Block, rng, d_model, num_heads, dtype=torch.float64):
    """Make a block and give its layers numbers from `rng`."""
    return filled(GPT2Block, d_model, num_heads, draw_values(rng, d_model), dtype)


def all_of(values, names, number):
    """Return these values, with those of some names all the same number."""
    return values | {name: np.full(values[name].shape, number) for name in names}


def positions(rng, *shape, dtype=torch.float64):
    """Draw positions as a tensor."""
    return tensor(spread(rng, shape), dtype)


def observed(block, rng, x, where, returned=None):
    """Observe all about a call that the standard cases observe about theirs; note in `returned` what comes back."""

    def call():
        output = block(x)
        if returned is not None:
            returned.append(output)
        return output

    held, state = partial(parameters, block, x.shape[-1]), lambda: {"the mode of the block": block.training}
    return observer.observe(call, {"x": x}, rng, held=held, state=state, where=where)


def answer(block, x):
    """Return the result of a call as it is now, without its graph."""
    output = block(x)
    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {kind_of(output)}")
    return output.detach().clone()


def called(block, rng, where, *shape, returned=None):
    """Observe a call of positions that require gradients; one of them has a number far out."""
    x = positions(rng, *shape)
    x[0, 0, 0] *= 60
    return observed(block, rng, x.requires_grad_(), where, returned)


def watched(block, rng, where, *shape):
    """Observe two calls, and one in float32 in which nothing requires a gradient; look at the results again afterwards."""
    returned = []
    seen = {label: called(block, rng, where, *shape, returned=returned) for label in ("a call", "the next call")}
    block.requires_grad_(False).float()
    found = observed(block, rng, positions(rng, *shape, dtype=torch.float32), f"{where}, in float32")
    seen["in float32"] = str(found["output"].dtype)
    return seen | {"the results, afterwards": [each.detach().clone() for each in returned]}


@case(
    title="output is x + attention(ln1(x)), then + mlp(ln2)",
    rejects=["relu_instead_of_gelu", "gelu_by_a_sigmoid"],
    checker=one_of("GPT2BlockByTanh"),
    tolerance=CONSTANTS_IN_SIX_DIGITS,
)
def output_is_x_plus_attention_plus_mlp(GPT2Block, rng):
    """Attention of ln1(x) is added to x, and to that sum the mlp of ln2 of the sum. The mlp has a GELU in it, exact or by tanh
    (both are right, one of them throughout); any other activation is not.
    """
    seen = {}
    for where, names, number in (
        ("moderate numbers", (), 0),
        # there the forms of GELU are far from other functions
        ("a negative bias in front of GELU", (), -1),
        ("a bias of zeros in front of GELU", (f"{FIRST}.bias",), 0),
        ("a bias of ones in front of GELU", (f"{FIRST}.bias",), 1),
    ):
        values = all_of(draw_values(rng, 8, bent=True), names, number)
        if number < 0:
            values[f"{FIRST}.bias"] = rng.uniform(-1.6, -0.4, 32)
        block = filled(GPT2Block, 8, 2, values)
        seen[where] = observed(block, rng, positions(rng, 2, 3, 8).requires_grad_(), where)
        if number < 0:  # the same form in eval mode, and with gradients off
            where = f"{where}, in eval mode"
            seen[where] = observed(block.eval(), rng, positions(rng, 2, 3, 8).requires_grad_(), where)
            with torch.no_grad():
                seen[f"{where}, under torch.no_grad()"] = answer(block, positions(rng, 2, 3, 8))
    return seen


@case(rejects=["norm_one_forgotten", "output_projection_forgotten"])
def attention_branch_is_right_by_itself(GPT2Block, rng):
    """With an mlp that gives 0, the result is x + attention(ln1(x)): projections with their biases, heads, and W_o at the end."""
    values = all_of(draw_values(rng, 12), (f"{SECOND}.weight", f"{SECOND}.bias"), 0.0)
    return called(filled(GPT2Block, 12, 3, values), rng, "", 2, 5, 12)


@case(rejects=["norm_two_forgotten"])
def mlp_branch_is_right_by_itself(GPT2Block, rng):
    """With attention that gives 0, the result is x + mlp(ln2(x)); ln1 plays no part in it."""
    values = all_of(draw_values(rng, 8), ("W_o.weight", "W_o.bias"), 0.0)
    return called(filled(GPT2Block, 8, 2, values), rng, "", 2, 3, 8)


@case(rejects=["no_causal_mask", "mask_hides_the_position_itself", "mask_behind_the_softmax", "mask_of_the_first_call"])
def a_position_sees_itself_and_earlier_ones(GPT2Block, rng):
    """The result of a position depends on itself and on all earlier positions, and not on later ones: the beginning of a
    sequence gives the beginning of the result, whatever the length of the call before was.
    """
    block, x = drawn(GPT2Block, rng, 8, 2), positions(rng, 2, 7, 8)
    later, earlier = x.clone(), x.clone()
    later[:, 4:], earlier[:, 0] = positions(rng, 2, 3, 8), positions(rng, 2, 8)
    return {
        **{f"of the first {n}": answer(block, x[:, :n]) for n in (2, 7, 1, 4)},
        "with other later positions": answer(block, later),
        "with another first position": answer(block, earlier),
    }


@case(
    tolerance=ROOT_IN_FLOAT32,
    rejects=["heads_split_without_transpose", "heads_joined_without_transpose", "heads_interleaved", "heads_ignored", "scaled_by_the_whole_width"],
)
def works_with_every_number_of_heads(GPT2Block, rng):
    """Head h owns the features from h * d_k to (h + 1) * d_k - 1, and scores are divided by sqrt(d_k): for one head, several heads, and as
    many heads as features.
    """
    values, x = draw_values(rng, 12), positions(rng, 2, 4, 12)
    seen = {f"num_heads {heads}": answer(filled(GPT2Block, 12, heads, values), x) for heads in (1, 2, 3, 6, 12)}
    wide = filled(GPT2Block, 40, 1, draw_values(rng, 40))
    return seen | {"d_model 40, num_heads 1": answer(wide, positions(rng, 1, 3, 40))}


@case(title="works with d_model 1")
def works_with_a_d_model_of_1(GPT2Block, rng):
    """d_model may be 1: layer norm of one number is its bias, and x gets its gradient along the sums alone."""
    return watched(drawn(GPT2Block, rng, 1, 1), rng, "d_model 1", 2, 3, 1)


@case(rejects=["fill_too_small", "softmax_without_shift"], tolerance=ROUNDED_AT_LARGE_SCORES)
def large_scores_stay_finite(GPT2Block, rng):
    """Scores up to 20000 in either direction, at hidden places too, leave the output right and all gradients finite."""
    seen = {}
    for where, factor, queries, keys in (("of both signs", 36, 0, 0), ("about -15000", 1, 86, -86), ("about 15000", 1, -86, -86)):
        values = draw_values(rng, 8)
        for name, offset in (("W_q", queries), ("W_k", keys)):
            values[f"{name}.weight"] = factor * values[f"{name}.weight"]
            values[f"{name}.bias"] = values[f"{name}.bias"] + offset
        block, x = filled(GPT2Block, 8, 2, values), positions(rng, 2, 5, 8).requires_grad_()
        output = block(x)
        found = gradients(output, {"x": x, **parameters(block, 8)}, upstream(rng, x))
        # a softmax that is sure may leave nothing but rounding of some gradients
        seen[where] = {"output": output, "finite": {name: bool(value.isfinite().all()) for name, value in found.items()}}
    return seen


@case(title="both layer norms have an eps of 1e-5", rejects=["eps_of_another_model"])
def eps_of_both_layer_norms_is_1e_5(GPT2Block, rng):
    """The eps of ln1 and ln2 is PyTorch's 1e-5, which matters for positions that hardly vary."""
    values = draw_values(rng, 8)
    for kind in ("weight", "bias"):
        values[f"W_o.{kind}"] = 0.002 * values[f"W_o.{kind}"]
    block, x = filled(GPT2Block, 8, 2, values), positions(rng, 2, 5, 8)
    constant = tensor(np.repeat(rng.integers(1, 9, (2, 3, 1)) / 16, 8, axis=2), torch.float64)
    return {"output": answer(block, 0.003 * x), "constant positions": answer(block, constant)}


@case(rejects=["hidden_width_twice", "biases_left_out", "layers_in_a_plain_list", "unused_layer_left_in"])
def has_the_parameters_of_its_layers(GPT2Block, rng):
    """The state dict holds ln1, ln2, W_q, W_k, W_v, W_o and mlp by these names; there are no other parameters, and all require
    gradients.
    """
    block = build(GPT2Block, 6, 3)
    parts(block, 6)
    state = block.state_dict()
    names = [f"{name}.{kind}" for name in (*NORMS, *PROJECTIONS) for kind in ("weight", "bias")]
    return {
        "missing in the state dict": [name for name in names if name not in state],
        "shapes of parameters": sorted(list(each.shape) for each in block.parameters()),
        "all require gradients": all(each.requires_grad for each in block.parameters()),
    }


@case(rejects=["seeded_in_the_constructor"])
def a_new_block_has_the_right_initial_state(GPT2Block, rng):
    """Layer norms start with weight 1 and bias 0; the weights of the linear layers are drawn anew for each block."""
    block, other = parameters(build(GPT2Block, 12, 3), 12), parameters(build(GPT2Block, 12, 3), 12)
    norms = {name: block[name] for name in PARAMETERS if name.startswith(NORMS)}
    weights = [name for name in PARAMETERS if name.endswith("weight") and name not in norms]
    return norms | {f"{name}: the same twice": torch.equal(block[name], other[name]) for name in weights}


@case()
def works_with_long_sequences(GPT2Block, rng):
    """S is any number up to 1024, and each position sees all before it."""
    block = drawn(GPT2Block, rng, 4, 1, torch.float32)
    with torch.no_grad():
        output = answer(block, positions(rng, 1, 1024, 4, dtype=torch.float32))
    if tuple(output.shape) != (1, 1024, 4):
        return {"output": output}
    return {"the first positions": output[:, :3], "some positions": output[:, 200:-90:100], "the last positions": output[:, -90:]}


@case(rejects=["weights_joined_in_the_constructor"])
def uses_the_weights_as_they_are_now(GPT2Block, rng):
    """A step of the optimiser, or what is written into the parameters, takes effect at the next call: in both modes, with
    gradients on and off. So does a layer that replaces another.
    """
    block, x = drawn(GPT2Block, rng, 8, 2), positions(rng, 2, 3, 8)

    def change(factor=0.9, *, data=False, counted=True):
        for name, target in parameters(block, 8).items():
            if data:
                target.data = target.data * factor
            else:
                fill(name, target if counted else target.data, target * factor)

    seen = {"in training mode": answer(block, x)}
    with torch.no_grad():
        seen["in eval mode, under torch.no_grad()"] = answer(block.eval(), x)
        change()
        seen["after a step, under torch.no_grad()"] = observed(block, rng, x, "after a step, under torch.no_grad()")
        change(1 / 0.9, counted=False)
        seen["after .data was written, under torch.no_grad()"] = answer(block, x)
    change()
    seen["after another step"] = called(block, rng, "after another step", 2, 3, 8)
    change(data=True)
    seen["after .data was set, in training mode"] = observed(block.train(), rng, x, "after .data was set")
    change(data=True)
    for each in block.modules():
        each.training = False
    for name in (*NORMS, *PROJECTIONS, "mlp"):
        setattr(block, name, deep_copy(getattr(block, name)))
    change()
    seen["after every layer was replaced"] = answer(block, x)
    return seen | {"after .training was set": watched(block, rng, "after .training was set", 2, 3, 8)}


@case(rejects=["layers_shared_by_all_blocks"])
def copies_and_other_blocks_share_nothing(GPT2Block, rng):
    """A deep copy, and a block that has loaded the state dict, compute like the first, also when it was in use. From then on
    each has its own parameters. The length of the sequences it was used with does not matter.
    """
    first, second, unused = (drawn(GPT2Block, rng, 8, 2) for _ in range(3))
    check_apart({"a block": first, "another": second})
    x = positions(rng, 2, 3, 8)
    seen = {"the first": answer(first, x), "the second": answer(second, x)}
    seen["the first, of a long sequence"] = answer(first, positions(rng, 1, 70, 8))[:, -2:]
    blocks = {"the first": first, "the second": second, "the copy": deep_copy(first), "a new one": unused}
    load_state(unused, first.state_dict())
    load_state(second, first.state_dict())
    check_apart(blocks)
    with torch.no_grad():
        for each in parameters(first, 8).values():
            each.mul_(0.9)
    seen["the first, after a step"] = answer(first, x)
    seen["a new one that loaded the first before it"] = answer(unused, x)
    for name in ("the copy", "the second"):
        seen[f"{name}, like the first before it"] = watched(blocks[name], rng, f"{name}, like the first before its step", 2, 3, 8)
    return seen


def check_apart(blocks):
    """See that no two blocks hold a tensor in the same memory."""
    owners = {}
    for name, block in blocks.items():
        for which, value in parameters(block, 8).items():
            owner = owners.setdefault(value.untyped_storage().data_ptr(), name)
            if owner != name:
                raise WrongAnswer(f"{which}: expected blocks that share nothing, found {owner} and {name} with one memory")


@case()
def works_when_only_some_parameters_require_grad(GPT2Block, rng):
    """A weight or a bias that requires grad gets its gradient, whether the others and x require one or not."""
    block, seen = drawn(GPT2Block, rng, 4, 1), {}
    # each of 17 is there in three of six calls, and no two in the same three: so each learns once without any other
    rows = [row for row in range(64) if row.bit_count() == 3][: 1 + len(PARAMETERS)]
    for n in range(6):
        x = positions(rng, 1, 3, 4)
        x[0, 0, 0] *= 60
        for row, each in zip(rows, (x, *parameters(block, 4).values()), strict=True):
            each.requires_grad_(bool(row >> n & 1))
        seen[f"call {n + 1}"] = observed(block, rng, x, f"call {n + 1}, where some parameters require grad")
    return seen


NORMED = tuple(name for name in PARAMETERS if name.startswith(NORMS))
BIASES = (*(f"{name}.bias" for name in PROJECTIONS), f"{SECOND}.bias")


@case()
def works_when_a_parameter_is_all_zeros(GPT2Block, rng):
    """All numbers of a weight or a bias may be 0: it is used like any other, and gets its gradient."""
    seen = {"ln1 and ln2": watched(filled(GPT2Block, 4, 1, all_of(draw_values(rng, 4), NORMED, 0.0)), rng, "norms all zeros", 2, 2, 4)}
    for names in ((*BIASES, "W_q.weight"), ("W_k.weight", f"{FIRST}.weight"), ("W_v.weight",)):
        where = ", ".join(names)
        seen[where] = called(filled(GPT2Block, 4, 1, all_of(draw_values(rng, 4), names, 0.0)), rng, f"{where} all zeros", 2, 2, 4)
    return seen


@case()
def works_when_a_parameter_is_all_ones(GPT2Block, rng):
    """All numbers of a weight or a bias may be 1: it is used like any other, and gets its gradient."""
    seen = {"ln1 and ln2": watched(filled(GPT2Block, 4, 1, all_of(draw_values(rng, 4), NORMED, 1.0)), rng, "norms all ones", 2, 3, 4)}
    for names in ((*BIASES, "W_q.weight", "W_v.weight"), ("W_k.weight", "W_o.weight", f"{FIRST}.weight", f"{SECOND}.weight")):
        where, values = ", ".join(names), all_of(draw_values(rng, 4), names, 1.0)
        for kind in ("weight", "bias"):  # so that the numbers before GELU stay where its forms are the same
            values[f"ln2.{kind}"] = 0.2 * values[f"ln2.{kind}"]
        seen[where] = called(filled(GPT2Block, 4, 1, values), rng, f"{where} all ones", 2, 3, 4)
    return seen


def small_call(draw):
    """Draw the sizes of a new block, or a small block with plain parameters and a call of it."""
    new, evaluation, upstream, again = (draw.boolean() for _ in range(4))
    num_heads, d_k = draw.choice(((1, 2), (2, 1), (3, 1)))
    d_model = num_heads * d_k
    call = {"d_model": d_model, "num_heads": num_heads}
    if new:
        return call
    shape = draw.choice(((1, 2), (1, 1), (2, 1), (1, 3), (2, 2)))
    dtype = torch.float64 if upstream else torch.float32  # gradients cancel, which float32 does not survive
    wide = 4 * d_model

    def array(shape, low, high, plainest=0):
        return tensor(draw.array(shape, low, high, plainest=plainest), dtype)

    call["x"] = array((*shape, d_model), -3, 4)
    for name in NORMS:
        call |= {f"{name}.weight": array(d_model, -2, 2, 1), f"{name}.bias": array(d_model, -1, 1)}
    for name in PROJECTIONS:
        call |= {f"{name}.weight": array((d_model, d_model), -2, 3), f"{name}.bias": array(d_model, -1, 2)}
    # far from 0 before GELU, where both forms of it are the same
    call[f"{FIRST}.weight"] = array((1, d_model), -1, 1).repeat(wide, 1)
    call[f"{FIRST}.bias"] = tensor([draw.choice((24.0, -24.0)) for _ in range(wide)], dtype)
    call |= {f"{SECOND}.weight": array((d_model, 1), -2, 2).repeat(1, wide), f"{SECOND}.bias": array(d_model, -1, 2)}
    if evaluation:
        call["mode"] = "eval"
    if again:
        call["a second call"] = "with the same x, after every parameter was halved"
    if upstream:
        call["upstream gradient"] = array((*shape, d_model), -2, 3, 1)
        call["dtype"] = "float64"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=1e-4, of_scale=1e-4))
def answers_of_a_small_block(GPT2Block, call):
    """What a new block is made of, or what a block returns, sends back, and changes that is not its own."""
    d_model, num_heads = call["d_model"], call["num_heads"]
    if "x" not in call:
        block = build(GPT2Block, d_model, num_heads)
        norms = {name: value for name, value in parameters(block, d_model).items() if name.startswith(NORMS)}
        return {"shapes of parameters": sorted(list(each.shape) for each in block.parameters()), **norms}
    x = call["x"]
    block = filled(GPT2Block, d_model, num_heads, call, x.dtype).train("mode" not in call)
    before = x.clone()
    inputs = {"x": x.requires_grad_(), **parameters(block, d_model)} if "upstream gradient" in call else {}
    output = block(x)
    seen = {"output": output}
    if inputs:
        seen |= gradients(output, inputs, call["upstream gradient"])
    if not torch.equal(x, before):
        seen["x after the call"] = x
    if "a second call" in call:
        with torch.no_grad():
            for each in parameters(block, d_model).values():
                each.mul_(0.5)
        seen["output of the second call"] = block(x)
    return seen
