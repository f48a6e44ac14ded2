"""The hidden suite of softmax.

Sizes differ from axis to axis, so that a wrong axis shows in values. Slices lie at heights of their own, so that a shift
that is not the slice's own shows as well. The standard cases come from the description; by hand are the cases that say
what softmax is, and that it is stable.
"""

import numpy as np
import torch

from torch_judge.authoring import (
    Argument,
    Observer,
    Option,
    Size,
    Tolerance,
    case,
    counterexample,
    describe,
    gradients,
    signed,
    tensor,
    upstream,
)

DIGITS_OF_FLOAT32 = Tolerance(relative=1e-4, of_scale=1e-4)
"""What is left of them where numbers lie around 70, or in the hundreds."""
DIGITS_AT_TEN_THOUSAND = Tolerance(relative=2e-3, of_scale=2e-3)
"""float32 numbers are 0.001 apart there: exp(x - logsumexp(x)) is right too, and has these digits."""


observer = Observer()


def draw_high(rng, shape):
    """Draw numbers that differ by a few units, and lie so high that a clamp before exp shows."""
    return rng.uniform(56.0, 72.0) + rng.uniform(-2.3, 2.3, shape)


def along_a_legal_dim(my_softmax, x, **options):
    """Call it with a dim that `x` has: those of the description are for four dimensions."""
    if "dim" in options:
        options["dim"] = make_legal(options["dim"], x.dim())
    return my_softmax(x, **options)


def make_legal(dim, dimensions):
    """Bring a dim into the range of so many dimensions; it keeps its sign."""
    return dim % dimensions if dim >= 0 else -1 - (-1 - dim) % dimensions


call = describe(
    sizes={
        "batch": Size(2, large=130),
        "heads": Size(3, large=33),
        "rows": Size(4, large=70),
        "columns": Size(5, large=260),
    },
    arguments=[
        Argument(
            "x",
            "batch rows columns",
            also=["columns", "rows columns", "batch heads rows columns"],
            draw=draw_high,
            far=50.0,
            scales=0.25,  # a thousandfold, all results would be 0 or 1 and all gradients rounding
        ),
    ],
    options=[Option("dim", -1, usual=[0, 1, 2, -2, -3], also=[0, 1, 2, 3, -1, -2, -3, -4])],
    call=along_a_legal_dim,
    tolerance_in_float32=DIGITS_OF_FLOAT32,
    without={"works_on_tiny_values": "a case by hand has smaller ones"},
)


def draw(rng, *shape, dtype=torch.float64):
    """Draw x of this shape, with differences of a few units."""
    return tensor(rng.uniform(-2.3, 2.3, shape), dtype)


def observe(my_softmax, rng, x, **options):
    """Return the result for x and the gradient of x, and see that nothing else happens."""
    x.requires_grad_()
    return observer.observe(lambda: my_softmax(x, **options), {"x": x}, rng)


def observe_twice(my_softmax, rng, x, **options):
    """Do that in float64, and in float32 without gradients."""
    narrow = (1.0 - x.detach() / 2).float()
    without = observer.observe(lambda: my_softmax(narrow, **options), {"x": narrow}, rng, where="in float32")
    return observe(my_softmax, rng, x, **options) | {"output in float32": without["output"]}


@case(title="divides exp(x) by its sum along dim", rejects=["exponentials_missing", "softmin", "applied_twice"])
def divides_exp_by_its_sum(my_softmax, rng):
    """Each result is exp(x_i) divided by the sum of exp(x_j) over its slice."""
    return {"output": my_softmax(draw(rng, 3, 7), dim=1)}


@case(title="dim defaults to -1, the last one", rejects=["first_dimension_by_default", "second_dimension_by_default"])
def dim_defaults_to_the_last_one(my_softmax, rng):
    """Where dim is not given it is the last dimension, however many there are."""
    return {f"{len(shape)} dimensions": my_softmax(draw(rng, *shape)) for shape in ((5,), (3, 4), (2, 3, 5), (2, 3, 4, 5))}


@case(rejects=["dim_ignored", "sum_over_the_whole_tensor", "maximum_along_the_last_dimension"])
def dim_may_be_any_of_three(my_softmax, rng):
    """With three dimensions, dim may be 0, 1 or 2; each slice along it sums to 1."""
    x = draw(rng, 2, 3, 5)
    x += tensor(signed(rng, 20.0, 90.0, (2, 3, 1)), x.dtype)
    return {f"dim={dim}": my_softmax(x, dim=dim) for dim in (0, 1, 2)}


@case()
def gradients_flow_to_what_made_x(my_softmax, rng):
    """x may be the result of a layer: its weight gets a gradient, also a large one, and x stays as it was."""
    weight = draw(rng, 3, 4).requires_grad_()
    x = draw(rng, 5, 3) @ weight
    before = x.detach().clone()
    output = my_softmax(x, dim=1)
    seen = gradients(output, {"weight": weight}, 4096.0 * upstream(rng, before))
    return {"output": output, **seen, "change of x": x.detach() - before}


@case(rejects=["negative_dim_taken_as_positive"])
def a_negative_dim_counts_from_the_end(my_softmax, rng):
    """With dim = -1 the slices lie along the last dimension, with -2 along the one before."""
    x = draw(rng, 3, 2, 4, 5)
    return {f"dim={dim}": my_softmax(x, dim=dim) for dim in (-1, -2, -3, -4)}


@case(title="works with five dimensions and more")
def works_with_five_dimensions(my_softmax, rng):
    """Five or seven dimensions are treated like two; those that dim does not name are left alone."""
    x, flat, seven = draw(rng, 2, 3, 1, 4, 5), draw(rng, 2, 3, 4, 1, 5) + 60.0, draw(rng, 2, 3, 1, 2, 1, 3, 2)
    seen = {f"dim={dim}": my_softmax(x, dim=dim) for dim in (1, 2, 3, -2)}
    seen |= {f"seven dimensions, dim={dim}": my_softmax(seven, dim=dim) for dim in (-1, -2, -6, 5)}
    return seen | observe_twice(my_softmax, rng, flat, dim=1)


@case()
def works_on_long_slices(my_softmax, rng):
    """A slice may have thousands of numbers: all of them count, the last ones too."""
    length = 1030 + int(rng.integers(900))
    return {
        "along the last dimension": observe_twice(my_softmax, rng, draw(rng, 2, length) + 60.0),
        "along the first dimension": observe_twice(my_softmax, rng, draw(rng, length, 2) + 60.0, dim=0),
        "a single one, of 9000 numbers": my_softmax(draw(rng, 9000)),
    }


@case(title="tells numbers of a millionth apart")
def tells_tiny_numbers_apart(my_softmax, rng):
    """Numbers near 0 give nearly equal results, and not equal ones."""
    return observe_twice(my_softmax, rng, draw(rng, 3, 4, 5) * 1e-5, dim=1)


@case(rejects=["wrong_backward_over_the_last_dimension", "wrong_backward_diagonal_only", "denominator_detached"])
def gradients_along_a_middle_dim_are_right(my_softmax, rng):
    """Every result of a slice depends on every number of it, and so does the gradient."""
    return observe(my_softmax, rng, draw(rng, 3, 4, 5), dim=1)


@case(rejects=["no_maximum_subtracted", "overflow_hidden"])
def values_around_ten_thousand_do_not_overflow(my_softmax, rng):
    """The result depends on differences only: numbers around 10,000 are no harder than those around 0."""
    return observe(my_softmax, rng, draw(rng, 3, 5) + float(rng.uniform(9e3, 1.1e4)))


@case(rejects=["largest_magnitude_subtracted"])
def values_around_minus_ten_thousand_do_not_vanish(my_softmax, rng):
    """Around -10,000 every exponential is 0, unless the numbers are shifted up first."""
    return observe(my_softmax, rng, draw(rng, 3, 5) - float(rng.uniform(9e3, 1.1e4)))


@case(rejects=["one_maximum_for_the_whole_tensor"])
def every_slice_is_shifted_by_its_own_maximum(my_softmax, rng):
    """One slice lies around 10,000, the next around -10,000: one shift for both does not do."""
    x = draw(rng, 2, 4, 3)
    heights = tensor(signed(rng, 9e3, 1.1e4, (2, 1, 3)), x.dtype)
    return observe(my_softmax, rng, x + heights, dim=1)


@case()
def a_number_far_below_the_others_gets_nothing(my_softmax, rng):
    """One number of a slice lies a thousand below the others. It gets nothing, and these share as without it."""
    x = draw(rng, 3, 6)
    x[[0, 1, 2], [4, 0, 3]] -= float(rng.uniform(900.0, 1500.0))
    return observe(my_softmax, rng, x)


@case(rejects=["mean_subtracted", "values_clamped"])
def values_of_a_slice_may_be_a_thousand_apart(my_softmax, rng):
    """In one slice two numbers lie a thousand above the others. These get nothing, and all is finite."""
    x = draw(rng, 4, 6)
    x[:, [1, 4]] += float(rng.uniform(1300.0, 1900.0))
    x[2, 3] -= float(rng.uniform(2e3, 9e3))
    return observe(my_softmax, rng, x)


@case(tolerance=DIGITS_OF_FLOAT32)
def float32_values_of_a_few_hundred_do_not_overflow(my_softmax, rng):
    """exp overflows from 89 on in float32: also there the maximum is subtracted first."""
    x = draw(rng, 4, 5, dtype=torch.float32) + tensor([[110.0], [-130.0], [250.0], [-310.0]])
    return observe(my_softmax, rng, x)


@case(tolerance=DIGITS_AT_TEN_THOUSAND)
def float32_values_around_ten_thousand_are_stable(my_softmax, rng):
    """In float32 too, slices may lie around 10,000 and around -10,000."""
    x = draw(rng, 5, 4, dtype=torch.float32) + tensor(signed(rng, 9e3, 1.1e4, 4))
    return observe(my_softmax, rng, x, dim=0)


@case(rejects=["probabilities_clamped"])
def small_probabilities_are_not_cut_off(my_softmax, rng):
    """A number 30 to 60 below the largest one has a probability of 1e-14 to 1e-26, and not 0; one 200 below it has 1e-87 in
    float64.
    """
    x = draw(rng, 5, 4)
    x[:, 1] -= tensor(rng.uniform(33.0, 55.0, 5), x.dtype)
    x[:, 3] -= tensor(rng.uniform(198.0, 202.0, 5), x.dtype)
    output = my_softmax(x)
    return {"probability of the small number": output[:, 1], "logarithm of the smallest probability": output[:, 3].log()}


@case(title="-inf gives 0, with gradient 0", rejects=["minus_infinity_replaced_by_a_number", "mean_subtracted"])
def minus_infinity_gives_zero(my_softmax, rng):
    """Where x is -inf the result is 0 and its gradient is 0, wherever the finite numbers of its slice lie, thousands apart too."""
    x = draw(rng, 3, 5, 4)
    x[:, [0, 3], 1] = -torch.inf
    x[0, 2, 1] += float(rng.uniform(2e3, 4e3))
    x[1, 1:, 2] = -torch.inf
    x[2] += tensor([[1e4, -1.1e4, -9e3, 8e3]], x.dtype)
    return observe(my_softmax, rng, x, dim=-2)


@case(title="-inf works for a single vector")
def minus_infinity_works_for_a_single_vector(my_softmax, rng):
    """A vector may begin and end with -inf, and may have one finite number only."""
    x, alone = draw(rng, 6), draw(rng, 4)
    x[[0, 1, 5]] = -torch.inf
    alone[[0, 1, 3]] = -torch.inf
    return {"three finite numbers": observe(my_softmax, rng, x), "one finite number": observe(my_softmax, rng, alone, dim=0)}


@case(rejects=["dimensions_of_size_one_squeezed"])
def a_slice_of_one_number_gives_one(my_softmax, rng):
    """Where the size along dim is 1, all results are 1 and all gradients 0, and the shape stays."""
    x = draw(rng, 3, 1, 4) + float(rng.uniform(900.0, 2e3))
    return observe(my_softmax, rng, x, dim=1)


@case()
def the_same_tensor_may_be_filled_anew(my_softmax, rng):
    """A tensor may be passed in again with other numbers in it: the result is that of the numbers."""
    x = draw(rng, 3, 4)
    seen = {}
    for turn in ("at first", "filled anew", "once more"):
        seen[turn] = my_softmax(x, dim=0)
        x.copy_(draw(rng, 3, 4))
    return seen


@case()
def equal_maxima_share(my_softmax, rng):
    """Where the largest number comes twice or thrice, each gets the same, and the gradient is right there too."""
    x = draw(rng, 3, 5)
    x[0, [1, 3]] = 2.5
    x[1, [0, 2, 4]] = 2.5
    x[2] = float(np.round(rng.uniform(-2, 2), 2))
    return observe(my_softmax, rng, x)


def small_call(draw):
    """Draw one to three dimensions, a dim that they have, and what makes a naive softmax fail."""
    dimensions = draw.integer(1, 3)
    upstream_drawn = draw.boolean()
    height = draw.choice((0.0, 1000.0, -1000.0))
    masked = draw.boolean()
    shape = tuple(draw.integer(1, 3 if dimensions < 3 else 2) for _ in range(dimensions))
    dim = draw.choice((None, *range(dimensions), *range(-1, -dimensions - 1, -1)))
    x = torch.from_numpy(draw.array(shape, -2, 3))
    if height:
        x.select(-1, -1).add_(height)
    if masked:
        # the first number of a slice that has another one
        slices = x.movedim(-1 if dim is None else dim, 0)
        if len(slices) > 1:
            slices[(0,) * slices.dim()] = -torch.inf
    call = {"x": x}
    if dim is not None:
        call["dim"] = dim
    if upstream_drawn:
        call["upstream gradient"] = torch.from_numpy(draw.array(shape, -2, 3, plainest=1))
    return call


@counterexample(inputs=small_call)
def answer_to_a_small_call(my_softmax, inputs):
    """Call it as a learner would in a cell, and look at x afterwards."""
    x, sent_back = inputs["x"], inputs.get("upstream gradient")
    before = x.clone()
    if sent_back is not None:
        x.requires_grad_()
    output = my_softmax(x, **({"dim": inputs["dim"]} if "dim" in inputs else {}))
    seen = {"output": output}
    if sent_back is not None:
        seen |= gradients(output, {"x": x}, sent_back)
    if not torch.equal(before, x.detach()):
        seen["x after the call"] = x
    return seen
