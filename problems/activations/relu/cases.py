"""The hidden suite of ReLU.

At exactly 0 any gradient from 0 to 1 is right. So no standard case looks at zeros, and the cases by hand that do either
need no gradient or have a checker that knows this. A slope is seen only where it is multiplied: upstreams are random.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    WrongAnswer,
    case,
    counterexample,
    describe,
    gradients,
    require_gradients,
    signed,
    tensor,
    upstream,
)

SLACK = 1e-9
KINDS = {"float64": torch.float64, "float32": torch.float32}
SHAPES = [
    *[(), (1,), (6,), (1, 7), (5, 1), (1, 1, 1), (1, 3, 2), (4, 2, 1)],
    *[(2, 1, 3, 2), (3, 2, 1, 4), (2, 3, 4, 1), (2, 3, 2, 1, 4), (0,), (0, 3), (2, 0, 3)],
]
observer = Observer()

call = describe(
    sizes={"rows": 7, "columns": 5, "batch": 2},
    arguments=[Argument("x", "rows columns", also=["columns", "", "batch rows columns"], zeros=False)],
)


@counterexample(inputs=call.space.inputs, tolerance=call.space.tolerance)
def a_small_call(relu, inputs):
    """Observe a small call; a slope at 0 that is right counts as 0."""
    x = inputs["x"].clone()
    seen = call.space.observed(relu, inputs)
    if seen.get("gradient of x") is not None:
        gradient, above = seen["gradient of x"], inputs["upstream gradient"]
        fine = (x == 0) & (gradient * above >= 0) & (gradient.abs() <= above.abs())
        seen["gradient of x"] = torch.where(fine, 0.0, gradient)
    return seen


def rectify(relu, x):
    """Call it, and see that what comes back is a tensor like x, before it is used any further."""
    output = relu(x)
    if type(output) is not torch.Tensor:
        raise WrongAnswer(f"output: expected a tensor, found {type(output).__name__}")
    if output.shape != x.shape:
        raise WrongAnswer(f"output: expected shape {tuple(x.shape)}, found {tuple(output.shape)}")
    if output.dtype != x.dtype:
        raise WrongAnswer(f"output: expected dtype {x.dtype}, found {output.dtype}")
    return output


def has_a_slope_from_0_to_1(expected, found):
    """See that the gradient at 0 is from 0 to 1 times that from above, and that everything else is right."""
    for where, right in expected.items():
        x, above = (right[name].values for name in ("x", "gradient from above"))
        slopes = found[where]["gradient of x"].values / above
        at_zero = (x == 0) & ~((slopes >= -SLACK) & (slopes <= 1 + SLACK))
        for name, counts in (("output", np.isfinite(x)), ("gradient of x", x != 0)):
            e, f = right[name].values, found[where][name].values
            if (wrong := counts & ~(np.abs(f - e) <= SLACK * (1 + np.abs(e)))).any():
                place = np.argwhere(wrong)[0].tolist()
                return f"{where}.{name}{place}: expected {e[tuple(place)]:.6g}, found {f[tuple(place)]:.6g}"
        if at_zero.any():
            place = np.argwhere(at_zero)[0].tolist()
            slope = slopes[tuple(place)]
            return f"{where}.gradient of x{place}: expected 0 to 1 times the gradient from above, found {slope:.6g} times"
    return None


@case(rejects=["capped_at_six", "leaky_below_zero"])
def negatives_become_0_and_positives_stay(relu, rng):
    """Numbers below 0 become 0, and numbers above 0 come out as they are, however large."""
    return {"output": rectify(relu, tensor(signed(rng, 0.3, 60.0, (6, 9)), torch.float64))}


@case(rejects=["nan_at_zero"])
def zeros_stay_0(relu, rng):
    """0 becomes 0, in a tensor of zeros and among other numbers. x comes back unchanged, and the result is a new tensor."""
    mixed = signed(rng, 0.4, 2.3, (3, 4))
    mixed[1] = 0.0
    seen = {}
    for where, x in (
        ("zeros", torch.zeros(5, 2, dtype=torch.float64)),
        ("zeros in float32", torch.zeros(3)),
        ("zeros among others", tensor(mixed, torch.float64)),
        ("one zero", torch.zeros((), dtype=torch.float64)),
    ):
        seen[where] = observer.observe(lambda x=x: relu(x), {"x": x}, rng, where=where)
    return seen


@case(rejects=["gradient_passes_everywhere", "slope_below_zero", "upstream_decides"])
def gradient_is_1_above_0_and_0_below(relu, rng):
    """The gradient from above is passed on where x is above 0, whatever its sign, and stopped where x is below 0."""
    inputs = require_gradients({"x": tensor(signed(rng, 0.2, 40.0, (5, 8)), torch.float64)})
    output = relu(inputs["x"])
    return {"output": output, **gradients(output, inputs, upstream(rng, inputs["x"]))}


@case(rejects=["gradient_nan_at_zero"], checker=has_a_slope_from_0_to_1)
def gradient_at_exactly_0_is_from_0_to_1(relu, rng):
    """At exactly 0 any gradient from 0 to 1 times that from above is right. The numbers beside it get theirs."""
    mixed = signed(rng, 0.3, 2.7, (4, 6))
    mixed[:, [1, 4]] = 0.0
    mixed[2] = 0.0
    seen = {}
    for where, values in (("zeros among others", mixed), ("zeros", np.zeros((3, 2)))):
        inputs = require_gradients({"x": tensor(values, torch.float64)})
        above = tensor(signed(rng, 0.4, 1.9, values.shape), torch.float64)
        output = relu(inputs["x"])
        seen[where] = {
            "output": output,
            **gradients(output, inputs, above),
            "x": tensor(values, torch.float64),
            "gradient from above": above,
        }
    return seen


@case()
def works_on_one_side_of_0(relu, rng):
    """All numbers may be above 0, or all below, or all the same. The result is a new tensor then too."""
    seen = {}
    for where, values in (
        ("all above 0", rng.uniform(0.3, 90.0, (4, 5))),
        ("all below 0", -rng.uniform(0.3, 90.0, (4, 5))),
        ("all the same above 0", np.full((3, 4), rng.uniform(60.0, 90.0))),
        ("all the same below 0", np.full((3, 4), -rng.uniform(60.0, 90.0))),
    ):
        inputs = require_gradients({"x": tensor(values, torch.float64)})
        seen[where] = observer.observe(lambda x=inputs["x"]: relu(x), inputs, rng, where=where)
    return seen


@case(title="numbers of 1e-30 are above or below 0", rejects=["tiny_values_dropped", "floor_above_zero"])
def numbers_of_1e_30(relu, rng):
    """Numbers of about 1e-30 are as far above or below 0 as any others, in float64 and in float32."""
    # alone, for beside larger numbers they would count as rounding
    return {
        name: rectify(relu, tensor(1e-30 * signed(rng, 1.2, 3.4, (3, 4)), dtype))
        for name, dtype in KINDS.items()
    }


@case(title="numbers of 1e30 do not overflow")
def numbers_of_1e30(relu, rng):
    """Numbers of about 1e30 come out as they are, in float64 and in float32."""
    return {
        name: rectify(relu, tensor(1e30 * signed(rng, 1.2, 3.4, (3, 4)), dtype))
        for name, dtype in KINDS.items()
    }


@case(title="gradients are right at 1e-30 and at 1e30")
def gradients_at_1e_30_and_at_1e30(relu, rng):
    """The slope is 1 above 0 and 0 below, however small or large the number is."""
    seen = {}
    for name, dtype in KINDS.items():
        for magnitude in (1e-30, 1e30):
            inputs = require_gradients({"x": tensor(magnitude * signed(rng, 1.2, 3.4, (3, 4)), dtype)})
            seen[f"{magnitude:.0e} in {name}"] = gradients(
                relu(inputs["x"]), inputs, upstream(rng, inputs["x"])
            )
    return seen


@case(title="any number of dimensions, and no numbers at all")
def any_number_of_dimensions(relu, rng):
    """Tensors of up to five dimensions, of one number and of none come back in their shape, with their gradient."""
    seen = {}
    for shape in SHAPES:
        # one far out on either side, where there is room
        values = signed(rng, 0.3, 2.9, shape) * np.where(np.arange(np.prod(shape)) < 2, 90.0, 1.0).reshape(
            shape
        )
        inputs = require_gradients({"x": tensor(values, torch.float64)})
        where = f"shape {shape}"
        seen[where] = observer.observe(lambda x=inputs["x"]: relu(x), inputs, rng, where=where)
    return seen


@case(rejects=["x_changed_in_place", "x_changed_when_it_needs_no_gradient"])
def x_can_be_used_again_after_the_call(relu, rng):
    """x may be the output of another layer, and be added to the result afterwards, as a residual connection does."""
    inputs = require_gradients({"input": tensor(signed(rng, 0.3, 2.1, (3, 5)), torch.float64)})
    hidden = inputs["input"] * 1.7 - 0.2
    output = rectify(relu, hidden)
    total = 3.0 * hidden + output
    seen = {"total": total, **gradients(total, inputs, upstream(rng, total))}
    plain, large = tensor(signed(rng, 0.3, 2.1, (4, 3))), torch.arange(-40_000.0, 40_000.0)
    earlier = rectify(relu, large)
    rectify(relu, -large)
    return {
        **seen,
        "a sum without gradients": rectify(relu, plain) + 2.0 * plain,
        "80,000 numbers, after another call": earlier[::997],
    }


@case()
def works_on_views_with_gradients_off(relu, rng):
    """Under torch.no_grad() and torch.inference_mode() too, x may be a view, and it and what lies beside it stay as they are."""
    seen = {}
    for name, mode in (("torch.no_grad()", torch.no_grad), ("torch.inference_mode()", torch.inference_mode)):
        for dtype in KINDS.values():
            whole = tensor(signed(rng, 0.3, 70.0, (4, 6)), dtype)
            before = whole.clone()
            for layout, view in (
                ("gaps", whole[:, 1::2]),
                ("transposed", whole.mT),
                ("one number", whole[2, 3]),
            ):
                where = f"{layout} in {str(dtype).removeprefix('torch.')} under {name}"
                with mode():
                    seen[where] = observer.observe(
                        lambda x=view: relu(x), {"x": view, "whole": whole}, rng, where=where
                    )
            seen[f"unchanged under {name} in {dtype}"] = bool(torch.equal(whole, before))
    return seen


@case(rejects=["upstream_gradient_changed"])
def gradient_from_above_is_left_unchanged(relu, rng):
    """What is added to the result is sent the same gradient as the result. Only the gradient of x is stopped below 0."""
    inputs = require_gradients(
        {name: tensor(signed(rng, 0.3, 2.1, (4, 6)), torch.float64) for name in ("x", "summand")}
    )
    above = upstream(rng, inputs["x"])
    before = above.clone()
    total = rectify(relu, inputs["x"] * 1.3) + inputs["summand"]
    seen = gradients(total, inputs, above)
    return {**seen, "gradient from above": above, "and before": before}


@case()
def gradients_from_above_may_be_views(relu, rng):
    """sum() sends back one number expanded to all places, and a transpose sends a view back; both are gradients."""
    seen = {}
    for name, finish in (("sum", lambda output: output.sum()), ("transpose", lambda output: output.mT * 1.0)):
        inputs = require_gradients({"x": tensor(signed(rng, 0.3, 2.1, (3, 5)), torch.float64)})
        end = finish(rectify(relu, inputs["x"]))
        seen[name] = gradients(end, inputs, upstream(rng, end))
    return seen


@case(rejects=["mask_in_a_global"])
def a_network_of_three_layers_learns(relu, rng):
    """Used three times in a row, each call sends back the gradients that belong to it."""
    weights = {
        name: tensor(signed(rng, 0.3, 0.9, (5, 5)), torch.float64) for name in ("first", "second", "third")
    }
    inputs = require_gradients(weights)
    hidden = tensor(signed(rng, 0.4, 2.0, (7, 5)), torch.float64)
    for weight in inputs.values():
        hidden = rectify(relu, hidden @ weight)
    return {"output": hidden, **gradients(hidden, inputs, upstream(rng, hidden))}
