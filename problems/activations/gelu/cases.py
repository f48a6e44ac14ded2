"""The hidden suite of GELU.

Two forms are right, the exact one and that by tanh: every case accepts an answer that keeps to one of them. They differ by
up to 0.0005, and the next coarser form by 0.02. Constants of six digits and numbers of float32 are right, so that a
tolerance of a millionth of the scale stands where only values are compared, and a wider one elsewhere. Usual numbers
are 0.9 or more in magnitude, for the gradient is 0 at -0.75, and one such number alone would have no digits.
"""

from dataclasses import replace

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Tolerance,
    WrongAnswer,
    case,
    counterexample,
    describe,
    gradients,
    one_of,
    require_gradients,
    signed,
    tensor,
    upstream,
)

EITHER = one_of("gelu_by_tanh")
SIX_DIGITS = Tolerance(relative=1e-6, of_scale=1e-6)
DIGITS = Tolerance(relative=1e-4, of_scale=1e-5)
DIGITS_OF_BOTH_FORMS = Tolerance(relative=1e-2, of_scale=5e-3)
KINDS = {"float64": torch.float64, "float32": torch.float32}
SHAPES = [
    *[(), (1,), (6,), (1, 7), (5, 1), (1, 1, 1), (1, 3, 2), (4, 2, 1)],
    *[(2, 1, 3, 2), (3, 2, 1, 4), (2, 3, 4, 1), (2, 3, 2, 1, 4), (0,), (0, 3), (2, 0, 3)],
]
observer = Observer()

standard = describe(
    sizes={"rows": 7, "columns": 5, "batch": 2},
    arguments=[
        Argument("x", "rows columns", also=["columns", "", "batch rows columns"], between=(0.9, 2.4)),
    ],
    tolerance=DIGITS,
    tolerance_in_float32=DIGITS,
)
call = replace(standard, cases=tuple(replace(each, checker=EITHER) for each in standard.cases))
del standard


@counterexample(inputs=call.space.inputs, tolerance=DIGITS_OF_BOTH_FORMS)
def a_small_call(my_gelu, inputs):
    """Observe a small call, of which both forms make the same but for the tolerance."""
    return call.space.observed(my_gelu, inputs)


def compute(my_gelu, x):
    """Call it, and see that what comes back is a tensor like x, before it is used any further."""
    output = my_gelu(x)
    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    if output.shape != x.shape:
        raise WrongAnswer(f"output: expected shape {tuple(x.shape)}, found {tuple(output.shape)}")
    if output.dtype != x.dtype:
        raise WrongAnswer(f"output: expected dtype {x.dtype}, found {output.dtype}")
    return output


def spread(rng, low, high, count):
    """Draw numbers from all of a range, in any order: one in each part of equal length."""
    return rng.permutation(low + (high - low) * (np.arange(count) + rng.uniform(0, 1, count)) / count)


@case(title="values are x * Φ(x)", tolerance=SIX_DIGITS, checker=EITHER)
def values_are_x_times_phi(my_gelu, rng):
    """Each number is multiplied by Φ of it, from -7 to 7. The tanh form is right as well."""
    return {"output": compute(my_gelu, tensor(spread(rng, -7, 7, 70).reshape(7, 10), torch.float64))}


@case(tolerance=SIX_DIGITS, checker=EITHER, rejects=["constants_too_short"])
def constants_need_six_digits(my_gelu, rng):
    """Around 0, where it bends most, the result has six digits; so the constants of the formula have as many."""
    return {"output": compute(my_gelu, tensor(spread(rng, -2.2, 2.2, 44).reshape(4, 11), torch.float64))}


@case(
    tolerance=Tolerance(relative=1e-5, of_scale=5e-6),
    checker=EITHER,
    rejects=["gate_detached", "forms_mixed"],
)
def gradients_are_right(my_gelu, rng):
    """The gradient is that of the form by which the values are computed, for the exact one Φ(x) + x * φ(x)."""
    inputs = require_gradients({"x": tensor(spread(rng, -6, 6, 60).reshape(6, 10), torch.float64)})
    output = my_gelu(inputs["x"])
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(title="slope is 1/2 at 0 and close to it", tolerance=DIGITS, checker=EITHER)
def slope_is_a_half_at_0(my_gelu, rng):
    """0 becomes 0 with slope 1/2, in a tensor of zeros and among others. Numbers of about 1e-30 come out as half of them."""
    mixed = signed(rng, 0.9, 2.3, (3, 4))
    mixed[1] = 0.0
    seen = {}
    for name, dtype in KINDS.items():
        for where, values in (
            ("zeros among others", mixed),
            ("1e-30", 1e-30 * signed(rng, 1.2, 3.4, (3, 4))),
        ):
            inputs = require_gradients({"x": tensor(values, dtype)})
            seen[f"{where} in {name}"] = gradients(my_gelu(inputs["x"]), inputs, upstream(rng, inputs["x"]))
        seen[f"values of zeros in {name}"] = compute(my_gelu, tensor(mixed, dtype))
    return seen


@case(title="numbers of 1e-30 are halved", tolerance=DIGITS, checker=EITHER)
def numbers_of_1e_30(my_gelu, rng):
    """Numbers of about 1e-30 come out as half of them, in float64 and in float32."""
    # alone, for beside larger numbers they would count as rounding
    return {
        name: compute(my_gelu, tensor(1e-30 * signed(rng, 1.2, 3.4, (3, 4)), dtype))
        for name, dtype in KINDS.items()
    }


@case(tolerance=DIGITS, checker=EITHER, rejects=["overflow_in_a_tanh_by_hand"])
def far_numbers_have_their_limits(my_gelu, rng):
    """At 30, 100 and beyond the value is x and the gradient 1; at -30, -100 and beyond both are 0, and nothing is NaN."""
    seen = {}
    for name, dtype in KINDS.items():
        for magnitude in (30.0, 100.0, 4e3):
            values = magnitude * np.array([[1.0, -1.0, 0.8], [-0.9, 0.7, -0.75]]) * rng.uniform(0.97, 1.03)
            inputs = require_gradients({"x": tensor(values, dtype)})
            output = my_gelu(inputs["x"])
            where = f"{magnitude:g} in {name}"
            seen[where] = {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}
        wide = tensor(signed(rng, 60.0, 90.0, (2, 1040)), dtype)
        seen[f"many without gradients in {name}"] = compute(my_gelu, wide)
        seen[f"the same number in {name}"] = compute(my_gelu, torch.full((3, 4), 70.5, dtype=dtype))
        with torch.no_grad():
            seen[f"many under torch.no_grad() in {name}"] = compute(my_gelu, wide)
    return seen


@case(tolerance=DIGITS, checker=EITHER)
def one_form_is_kept_to(my_gelu, rng):
    """The exact form or the tanh form: the same one with gradients on and off, in both dtypes, for every shape."""
    values = spread(rng, -3.5, 3.5, 42)
    seen = {}
    for name, dtype in KINDS.items():
        inputs = require_gradients({"x": tensor(values.reshape(6, 7), dtype)})
        output = my_gelu(inputs["x"])
        seen[f"{name} with gradients"] = {
            "output": output,
            **gradients(output, inputs, upstream(rng, inputs["x"])),
        }
        seen[f"{name} without"] = compute(my_gelu, tensor(values.reshape(2, 3, 7), dtype))
        seen[f"one number in {name}"] = compute(my_gelu, tensor(2.0 + rng.uniform(0, 0.5), dtype))
        seen[f"many numbers in {name}"] = compute(my_gelu, tensor(spread(rng, -3.5, 3.5, 12_000), dtype))[::31]
        with torch.no_grad():
            seen[f"{name} under torch.no_grad()"] = compute(my_gelu, tensor(values, dtype))
        with torch.inference_mode():
            seen[f"{name} under torch.inference_mode()"] = compute(
                my_gelu, tensor(values.reshape(14, 3), dtype)
            )
    return seen


@case(title="any number of dimensions, and no numbers at all", tolerance=DIGITS, checker=EITHER)
def any_number_of_dimensions(my_gelu, rng):
    """Tensors of up to five dimensions, of one number and of none come back in their shape, with their gradient."""
    seen = {}
    for shape in SHAPES:
        # one far out on either side, where there is room
        values = signed(rng, 0.9, 2.9, shape) * np.where(np.arange(np.prod(shape)) < 2, 60.0, 1.0).reshape(
            shape
        )
        where = f"shape {shape}"
        inputs = require_gradients({"x": tensor(values, torch.float64)})
        seen[where] = observer.observe(lambda x=inputs["x"]: my_gelu(x), inputs, rng, where=where)
    return seen


@case(tolerance=DIGITS, checker=EITHER, rejects=["x_changed_in_place", "x_changed_when_it_needs_no_gradient"])
def x_can_be_used_again_after_the_call(my_gelu, rng):
    """x may be the output of another layer, and be added to the result afterwards, as a residual connection does."""
    inputs = require_gradients({"input": tensor(signed(rng, 0.3, 2.1, (3, 5)), torch.float64)})
    hidden = inputs["input"] * 1.7 - 0.2
    output = compute(my_gelu, hidden)
    total = 3.0 * hidden + output
    plain, vector = tensor(signed(rng, 0.3, 2.1, (4, 3))), tensor(signed(rng, 0.3, 2.1, 100), torch.float64)
    return {
        "total": total,
        **gradients(total, inputs, upstream(rng, total)),
        "a sum without gradients": compute(my_gelu, plain) + 2.0 * plain,
        "a sum of vectors without gradients": compute(my_gelu, vector) + 2.0 * vector,
    }


@case(tolerance=DIGITS, checker=EITHER)
def works_on_views_with_gradients_off(my_gelu, rng):
    """Under torch.no_grad() and torch.inference_mode() too, x may be a view, and it and what lies beside it stay as they are."""
    seen = {}
    for name, mode in (("torch.no_grad()", torch.no_grad), ("torch.inference_mode()", torch.inference_mode)):
        for kind, dtype in KINDS.items():
            whole = tensor(signed(rng, 0.9, 2.7, (4, 6)), dtype)
            for layout, view in (
                ("gaps", whole[:, 1::2]),
                ("transposed", whole.mT),
                ("one number", whole[2, 3]),
            ):
                where = f"{layout} in {kind} under {name}"
                with mode():
                    seen[where] = observer.observe(
                        lambda x=view: my_gelu(x), {"x": view, "whole": whole}, rng, where=where
                    )
    return seen


@case(tolerance=DIGITS, checker=EITHER, rejects=["upstream_gradient_changed"])
def gradient_from_above_is_left_unchanged(my_gelu, rng):
    """What is added to the result is sent the same gradient as the result. Only that of x is multiplied by the slope."""
    inputs = require_gradients(
        {name: tensor(signed(rng, 0.3, 2.1, (4, 6)), torch.float64) for name in ("x", "summand")}
    )
    above = upstream(rng, inputs["x"])
    before = above.clone()
    total = compute(my_gelu, inputs["x"] * 1.3) + inputs["summand"]
    seen = gradients(total, inputs, above)
    return {**seen, "gradient from above": above, "and before": before}


@case(tolerance=DIGITS, checker=EITHER)
def gradients_from_above_may_be_views(my_gelu, rng):
    """sum() sends back one number expanded to all places, and a transpose sends a view back; both are gradients."""
    seen = {}
    for name, finish in (("sum", lambda output: output.sum()), ("transpose", lambda output: output.mT * 1.0)):
        inputs = require_gradients({"x": tensor(signed(rng, 0.3, 2.1, (3, 5)), torch.float64)})
        end = finish(compute(my_gelu, inputs["x"]))
        seen[name] = gradients(end, inputs, upstream(rng, end))
    return seen


@case(tolerance=DIGITS, checker=EITHER, rejects=["input_in_a_global"])
def a_network_of_three_layers_learns(my_gelu, rng):
    """Used three times in a row, each call sends back the gradients that belong to it."""
    weights = {
        name: tensor(signed(rng, 0.3, 0.9, (5, 5)), torch.float64) for name in ("first", "second", "third")
    }
    inputs = require_gradients(weights)
    hidden = tensor(signed(rng, 0.4, 2.0, (7, 5)), torch.float64)
    for weight in inputs.values():
        hidden = compute(my_gelu, hidden @ weight)
    return {"output": hidden, **gradients(hidden, inputs, upstream(rng, hidden))}
