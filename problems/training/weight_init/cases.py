"""The hidden suite of Kaiming initialisation.

The numbers are up to chance, but not their law: their distribution, their tails, their sums and their signs are compared with what the
normal law says. In the standard cases each call is looked at as well, with bounds that chance hardly ever crosses.
"""

import math

import torch
from torch import nn

from torch_judge.authoring import (
    Argument,
    Result,
    Tolerance,
    WrongAnswer,
    case,
    counterexample,
    describe,
    distribution,
    every,
    frequencies,
    normal,
    tensor,
)

UNLIKELY = math.log(2e12)
"""Each of the standard cases' calls looks at its numbers, and right ones fail once in 1e12 calls."""
FARTHEST = 9.0
EDGES = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
MEDIAN = 0.6744897501960817
"""Half of all numbers are farther out than this many standard deviations."""


def standardise(weight):
    """Return the numbers divided by sqrt(2 / in_features), in float64."""
    return weight.detach().double() * math.sqrt(weight.shape[1] / 2)


def refuse_unlikely_squares(z, unlikely):
    """Refuse standardised numbers whose mean square a right answer has once in exp(unlikely) / 2 calls at most (Chernoff's bound)."""
    square = float(z.square().mean())
    if not square or z.numel() / 2 * (square - 1 - math.log(square)) > unlikely:
        raise WrongAnswer("weight: the mean of the squares is not near 2 / in_features; chance alone hardly ever does that")


def initialised(kaiming_init, weight):
    """Call it, and look at what came back and at the numbers: their size, mean and mean square, and whether rows repeat."""
    shape, dtype = weight.shape, weight.dtype
    result = kaiming_init(weight)
    if result is not weight:
        raise WrongAnswer("result: expected the tensor that was passed in, found another object")
    if weight.shape != shape or weight.dtype != dtype:
        raise WrongAnswer(f"weight after the call: expected {dtype} of shape {tuple(shape)}, found {weight.dtype} of shape {tuple(weight.shape)}")
    z = standardise(weight)
    if not bool(torch.isfinite(z).all()):
        raise WrongAnswer("weight: a number is not finite")
    refuse_unlikely_squares(z, UNLIKELY)
    if abs(float(z.mean())) * math.sqrt(z.numel()) > math.sqrt(2 * UNLIKELY) or float(z.abs().max()) > FARTHEST:
        raise WrongAnswer("weight: the mean is not near 0, or a number lies too far out; chance alone hardly ever does that")
    for name, lines in (("rows", z), ("columns", z.T)):
        if lines.shape[1] > 2 and len(torch.unique(lines, dim=0)) < len(lines):
            raise WrongAnswer(f"weight: two {name} are equal")
    return result


suite = describe(
    sizes={"out_features": 24, "in_features": 40},
    arguments=[Argument("weight", "out_features in_features", changes=True)],
    results=[Result("result", may_share=["weight"])],
    call=initialised,
    chance=True,
)


def law_of_weights(in_features):
    """Say how the numbers are distributed."""
    return normal(0.0, math.sqrt(2.0 / float(in_features)))


def shares_of_the_bins():
    """Say how many standardised numbers lie below the first edge, between two edges, and above the last."""
    below = [0.0, *(math.erfc(-edge / math.sqrt(2)) / 2 for edge in EDGES), 1.0]
    return [high - low for low, high in zip(below, below[1:])]


def shares_within_and_beyond():
    """Say how many numbers lie within three standard deviations, within four, and beyond."""
    beyond_three, beyond_four = (math.erfc(edge / math.sqrt(2)) for edge in (3, 4))
    return [1 - beyond_three, beyond_three - beyond_four, beyond_four]


def quarters():
    """Say how often two signs agree, or two sizes."""
    return [0.25] * 4


def bins_of(weight):
    """Return in which bin each number lies."""
    return torch.bucketize(standardise(weight).flatten(), torch.tensor(EDGES, dtype=torch.float64))


def signs(first, second):
    """Return 2 * (first > 0) + (second > 0) for pairs of numbers."""
    return (2 * (first > 0).int() + (second > 0).int()).flatten()


def sizes(first, second):
    """Return 2 * (first is far out) + (second is far out) for pairs of standardised numbers."""
    return signs(first.abs() - MEDIAN, second.abs() - MEDIAN)


def called(kaiming_init, weight):
    """Call it on a weight, and return its numbers as they are then."""
    kaiming_init(weight)
    if not bool(torch.isfinite(weight).all()):
        raise WrongAnswer("weight: a number is not finite")
    return weight.detach().clone()


OF_THE_LAW = every(distribution(law_of_weights, of="numbers"), frequencies(shares_of_the_bins, of="bins", noun="bin"))


@case(rejects=["uniform_numbers", "cut_off_at_two_deviations", "gain_missing", "deviation_is_two_over_in_features"], checker=OF_THE_LAW)
def numbers_follow_the_normal_law(kaiming_init, rng):
    """The numbers are normal with mean 0 and variance 2 / in_features, with its tails. (The bins end at -3, -2, ... 3 standard deviations.)"""
    rows, columns = int(rng.integers(38, 43)), int(rng.integers(480, 520))
    weight = called(kaiming_init, torch.zeros(rows, columns))
    return {"in_features": columns, "numbers": weight.double().flatten(), "bins": bins_of(weight)}


@case(rejects=["cut_off_at_two_deviations"], checker=frequencies(shares_within_and_beyond, of="beyond", noun="outcome"))
def no_number_is_too_rare_to_be_drawn(kaiming_init, rng):
    """Of 400,000 numbers some lie beyond three standard deviations (outcome 1), a few beyond four (outcome 2), and hardly any is drawn a
    second time. Their variance is 2 / in_features to the percent.
    """
    weight = called(kaiming_init, torch.zeros(8_000, 65))
    z = weight * math.sqrt(65 / 2)
    refuse_unlikely_squares(z, math.log(2e9))
    far = z[: int(rng.integers(6120, 6180))].abs()
    beyond = (far > 3).to(torch.int8).add_(far > 4).flatten()
    different = len(torch.unique(weight.flatten()[:150_000]))
    return {"beyond": beyond, "most numbers are drawn once": different > 75_000}


@case(title="variance is 2 / in_features, not out_features", rejects=["fan_out_instead_of_fan_in", "glorot_variance", "fan_from_all_numbers"], checker=OF_THE_LAW)
def variance_is_2_over_in_features_of_a_wide_weight(kaiming_init, rng):
    """in_features, the second size, decides about the variance: here it is the smaller one. In float64."""
    rows, columns = int(rng.integers(480, 520)), int(rng.integers(38, 43))
    weight = called(kaiming_init, torch.zeros(rows, columns, dtype=torch.float64))
    return {"in_features": columns, "numbers": weight.double().flatten(), "bins": bins_of(weight)}


@case(rejects=["copy_of_a_view_filled", "fan_out_instead_of_fan_in"], checker=OF_THE_LAW)
def transposed_view_uses_its_own_second_size(kaiming_init, rng):
    """A transposed view is filled in the memory in which it lies; its second size is that of the view."""
    rows, columns = int(rng.integers(28, 33)), int(rng.integers(380, 420))
    base = torch.zeros(columns, rows)
    kaiming_init(base.T)
    return {"in_features": columns, "numbers": base.double().flatten(), "bins": bins_of(base.T)}


@case(rejects=["data_bound_anew", "new_tensor_returned", "nothing_returned", "data_returned"])
def fills_weight_in_place_and_returns_it(kaiming_init, rng):
    """The tensor that was passed in comes back itself, and another view of its memory sees the new numbers."""
    seen = {}
    for name, make in (
        ("tensor", torch.zeros),
        ("float64 tensor", lambda *shape: torch.zeros(*shape, dtype=torch.float64)),
        ("parameter", lambda *shape: nn.Parameter(torch.zeros(*shape))),
        ("tensor that requires grad", lambda *shape: torch.zeros(*shape, requires_grad=True)),
    ):
        weight = make(5, 6)
        view, place, dtype = weight.detach(), weight.data_ptr(), weight.dtype
        result = kaiming_init(weight)
        seen[name] = {
            "result is weight": result is weight,
            "a view sees the numbers": torch.equal(view, weight.detach()) and bool((view != 0).all()),
            "it lies where it did": weight.data_ptr() == place,
            "dtype and shape": [str(weight.dtype), *weight.shape],
            "dtype as before": weight.dtype == dtype,
        }
    return seen


@case(rejects=["requires_grad_turned_off", "requires_grad_turned_on", "gradients_left_off"])
def works_on_a_parameter(kaiming_init, rng):
    """A parameter stays a leaf that requires a gradient, or does not; what was done is not recorded, and grad stays as it is."""
    seen = {}
    for name, learns in (("parameter", True), ("frozen parameter", False), ("tensor", False), ("tensor that requires grad", True)):
        weight = torch.zeros(4, 3)
        weight = nn.Parameter(weight, requires_grad=learns) if "parameter" in name else weight.requires_grad_(learns)
        before = tensor(rng.normal(size=(4, 3)))
        if name != "tensor":
            weight.grad = before.clone()
        kaiming_init(weight)
        seen[name] = {
            "requires_grad": weight.requires_grad,
            "is a leaf": weight.is_leaf,
            "grad_fn": str(weight.grad_fn),
            "type": type(weight).__name__,
            "gradients are recorded": torch.is_grad_enabled(),
            "grad is as before": weight.grad is None if name == "tensor" else weight.grad is not None and torch.equal(weight.grad, before),
        }
        torch.set_grad_enabled(True)
    return seen


@case(rejects=["gradients_left_off"])
def gradient_flows_to_weight_afterwards(kaiming_init, rng):
    """A weight that was filled learns: gradients flow to it from what is computed with it, and an optimiser's step changes it."""
    weight, above = nn.Parameter(torch.zeros(3, 4)), tensor(rng.normal(size=(3, 4)))
    other = nn.Parameter(torch.zeros(2, 4))
    result = kaiming_init(weight)
    if not isinstance(result, torch.Tensor):
        raise WrongAnswer(f"result: expected a tensor, found {type(result).__name__}")
    kaiming_init(other)
    product = result * above
    if not product.requires_grad:
        raise WrongAnswer("result: no gradient can flow back to weight from what is computed with it")
    product.sum().backward()
    return {"gradient of weight": weight.grad, "gradient of another weight": other.grad is None}


@case(rejects=["added_to_what_was_there", "multiplied_with_what_was_there"], checker=OF_THE_LAW)
def what_weight_held_plays_no_part(kaiming_init, rng):
    """weight may hold anything before, NaN and infinity too; all of its numbers are drawn anew. (Here it is some columns of a wider tensor.)"""
    rows, columns = int(rng.integers(55, 65)), int(rng.integers(90, 110))
    weight = torch.full((rows, 3 * columns), float("nan"))[:, columns : 2 * columns]
    weight[::3] = float("inf")
    weight[1::3] = 1e30
    weight = called(kaiming_init, weight)
    return {"in_features": columns, "numbers": weight.double().flatten(), "bins": bins_of(weight)}


@case(checker=OF_THE_LAW)
def works_with_three_inputs(kaiming_init, rng):
    """With three inputs the variance is 2 / 3, with however many neurons, and whether weight is a parameter or not."""
    first, second = torch.zeros(2400, 3), nn.Parameter(torch.zeros(2400, 3, dtype=torch.float64))
    weight = torch.cat([called(kaiming_init, first).double(), called(kaiming_init, second)])
    return {"in_features": 3, "numbers": weight.flatten(), "bins": bins_of(weight)}


@case()
def writes_only_the_numbers_of_weight(kaiming_init, rng):
    """Where weight is a part of a larger tensor, what lies between and around its numbers stays as it is."""
    seen = {}
    for dtype, down, across in ((torch.float32, 2, 3), (torch.float64, 2, 3), (torch.float32, 1, 2), (torch.float64, 3, 1)):
        base = torch.zeros(9, 14, dtype=dtype)
        inside = torch.zeros(9, 14, dtype=torch.bool)
        inside[1:7:down, 2:12:across] = True
        kaiming_init(base[1:7:down, 2:12:across])
        seen[f"{dtype}, each {across}. column"] = {"numbers around": base[~inside], "numbers inside are drawn": bool((base[inside] != 0).all())}
    return seen


@case(
    rejects=["scaled_to_the_exact_deviation", "zero_for_a_single_input"],
    checker=every(*(distribution(lambda of_1: normal(0.0, math.sqrt(2.0)), of=of) for of in ("of_1", "row_sums", "of_two_in_a_column", "of_many_in_a_column"))),
)
def works_with_the_smallest_sizes(kaiming_init, rng):
    """in_features and out_features may be 1: then the standard deviation is sqrt(2). Sums over a row have it as well, for numbers that were
    drawn each by itself.
    """
    single, row, column = torch.zeros(1, 1), torch.zeros(1, 2, dtype=torch.float64), torch.zeros(2, 1)
    return {
        "of_1": torch.stack([called(kaiming_init, single) for _ in range(150)]).double().flatten(),
        "row_sums": torch.stack([called(kaiming_init, row) for _ in range(150)]).sum(2).flatten(),
        "of_two_in_a_column": torch.stack([called(kaiming_init, column) for _ in range(100)]).double().flatten(),
        "of_many_in_a_column": called(kaiming_init, torch.zeros(4000, 1)).flatten(),
    }


@case(rejects=["mean_subtracted"], checker=distribution(lambda: normal(0.0, math.sqrt(12.0)), of="sums"))
def sums_of_all_numbers_vary(kaiming_init, rng):
    """The sum of all numbers varies from call to call as that of independent ones does: nothing is centred or balanced. No call draws what
    an earlier one has drawn.
    """
    weights = [torch.zeros(6, columns) for columns in (4, 40)]
    drawn = [called(kaiming_init, weight).double() for _ in range(125) for weight in weights]
    return {
        "sums": torch.stack([each.sum() for each in drawn]),
        "calls that drew other numbers": len({tuple(each[0, :4].tolist()) for each in drawn}),
    }


PAIRS_OF_SIGNS = ("in_a_row", "in_a_column", "far_apart", "upper_and_lower", "left_and_right", "of_two_calls", "of_two_weights", "without_gradients", "in_inference_mode")
PAIRS_OF_SIZES = ("sizes_in_a_row", "sizes_in_a_column", "sizes_upper_and_lower")


@case(
    rejects=["rows_equal", "columns_equal", "seeded_in_the_call"],
    checker=every(
        *(frequencies(quarters, of=of, noun="pair of signs") for of in PAIRS_OF_SIGNS),
        *(frequencies(quarters, of=of, noun="pair of sizes") for of in PAIRS_OF_SIZES),
        distribution(lambda: normal(0.0, math.sqrt(2.0)), of="row_sums"),
        distribution(lambda: normal(0.0, math.sqrt(1.5)), of="column_sums"),
    ),
)
def numbers_are_independent_of_each_other(kaiming_init, rng):
    """Numbers of a row, of a column, and of two calls have nothing in common. (Pair 0: both are negative, or near 0; 1, 2: one is; 3: none
    is.) The sums of rows and of columns are those of independent numbers.
    """
    weight = torch.zeros(60, 80)
    first = called(kaiming_init, weight)
    second = called(kaiming_init, weight)
    other = called(kaiming_init, nn.Parameter(torch.zeros(60, 80)))
    with torch.no_grad():
        off = [called(kaiming_init, weight) for _ in range(2)]
    with torch.inference_mode():
        inference = [called(kaiming_init, weight) for _ in range(2)]
    z = standardise(first)
    return {
        "in_a_row": signs(first[:, 0::2], first[:, 1::2]),
        "in_a_column": signs(first[0::2], first[1::2]),
        "far_apart": signs(first[:30, :40], first[30:, 40:]),
        "upper_and_lower": signs(first[:30], first[30:]),
        "left_and_right": signs(first[:, :40], first[:, 40:]),
        "of_two_calls": signs(first, second),
        "of_two_weights": signs(second, other),
        "without_gradients": signs(*off),
        "in_inference_mode": signs(*inference),
        "sizes_in_a_row": sizes(z[:, 0::2], z[:, 1::2]),
        "sizes_in_a_column": sizes(z[0::2], z[1::2]),
        "sizes_upper_and_lower": sizes(z[:30], z[30:]),
        "row_sums": first.double().sum(1),
        "column_sums": first.double().sum(0),
    }


@case(rejects=["seeded_in_the_call", "draws_from_another_generator"])
def same_seed_draws_the_same_numbers(kaiming_init, rng):
    """After the same torch.manual_seed the same numbers are drawn, after another one others. A call does not seed the generator."""
    seeds = [int(each) for each in rng.integers(1, 1 << 30, 2)]
    drawn = []
    for seed in (seeds[0], seeds[1], seeds[0], seeds[0]):
        torch.manual_seed(seed)
        odd = called(kaiming_init, torch.zeros(3, 3))
        drawn.append(torch.cat([odd.flatten(), called(kaiming_init, torch.zeros(4, 5)).flatten()]))
    return {
        "the same seed, the same numbers": torch.equal(drawn[0], drawn[2]) and torch.equal(drawn[0], drawn[3]),
        "another seed, the same numbers": torch.equal(drawn[0], drawn[1]),
        "the generator was seeded": torch.initial_seed() != seeds[0],
    }


KINDS = ("tensor", "parameter", "frozen parameter")


def small_call(draw):
    """Draw a small weight, of which enough calls are made to see its standard deviation."""
    kind, dtype = draw.choice(KINDS), draw.choice(("float32", "float64"))
    rows, columns = draw.choice((1, 2, 3)), draw.choice((2, 1, 3, 4, 8))
    call = {"shape of weight": (rows, columns), "weight is a": kind, "dtype": dtype, "all its numbers before": draw.choice((0.0, 1.0, 5.0))}
    if draw.boolean():
        call["weight lies"] = "transposed"
    return call


@counterexample(inputs=small_call, tolerance=Tolerance(relative=0.25, of_scale=0.0))
def answers_of_many_small_calls(kaiming_init, inputs):
    """What comes back, and the standard deviation of the numbers of many calls."""
    rows, columns = inputs["shape of weight"]
    sizes = (columns, rows) if "weight lies" in inputs else (rows, columns)
    weight = torch.full(sizes, inputs["all its numbers before"], dtype=getattr(torch, inputs["dtype"]))
    weight = weight.T if "weight lies" in inputs else weight
    if "parameter" in inputs["weight is a"]:
        weight = nn.Parameter(weight, requires_grad="frozen" not in inputs["weight is a"])
    learns, view = weight.requires_grad, weight.detach()
    result = kaiming_init(weight)
    seen = {"result is weight": result is weight, "requires_grad is as before": weight.requires_grad == learns, "a view sees the numbers": torch.equal(view, weight.detach())}
    numbers = [weight.detach().clone()]
    for _ in range(2000 // (rows * columns)):
        kaiming_init(weight)
        numbers.append(weight.detach().clone())
    numbers = torch.stack(numbers).double()
    deviation = float(numbers.std())
    return seen | {
        "standard deviation of the numbers of many calls": deviation,
        "their mean is near 0": bool(abs(float(numbers.mean())) <= 0.25 * deviation),
        "the first row of two calls is the same": torch.equal(numbers[-1][0], numbers[-2][0]),
    }
