"""The standard cases: what they reject, and what right answers in strange styles they accept."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from torch_judge.authoring import Argument, Option, Result, Size, WrongAnswer, describe
from torch_judge.authoring.suite import StandardSuite
from torch_judge.execution.checker.comparison import find_difference
from torch_judge.execution.protocol import codec
from torch_judge.execution.runtime import reset_settings

SCALED = describe(
    sizes={"rows": 5, "columns": 3},
    arguments=[Argument("x", "rows columns"), Argument("gamma", "columns")],
    options=[Option("shift", 1.0, usual=(0.2, 0.4), also=[0.0, 2])],
)


def scaled(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    """Stand for the jury solution."""
    return x * gamma + shift


def find_rejections(suite: StandardSuite, jury: Any, submission: Any, seed: int = 3) -> dict[str, str]:
    """Run both through the standard cases as worker and checker do; return what is said, by case."""
    found = {}
    for case in suite.cases:
        expected = observe(case, jury, seed)
        try:
            difference = find_difference(expected, observe(case, submission, seed), tolerance=case.tolerance)
        except WrongAnswer as error:
            difference = str(error)
        if difference:
            found[case.name] = difference
    return found


def observe(case: Any, entry_point: Any, seed: int) -> Any:
    """Observe as it travels."""
    reset_settings(case.seed(seed))
    try:
        return codec.decode(*codec.encode(case.observe(entry_point, seed=seed)))
    finally:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)


def in_place(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    if not torch.is_grad_enabled():
        x.add_(1e-7)
    return result


def in_float32(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    return result if torch.is_grad_enabled() else result.float().to(x.dtype)


def zero_is_missing(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x * gamma if gamma.any() else x) + shift


def clamped(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x * gamma).clamp(-900, 900) + shift


def learns_with_x(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * (gamma if x.requires_grad else gamma.detach()) + shift


def zero_shift_is_missing(x: Any, gamma: Any, shift: float = 0.0) -> Any:
    return x * gamma + (shift or 1.0)


def seeds(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    torch.manual_seed(7)
    return x * gamma + shift


def seeds_python(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    random.seed(7)
    return x * gamma + shift


def switches_gradients(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    torch.set_grad_enabled(False)
    return result


def draws_numbers(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    torch.rand(5)
    [random.random() for _ in range(900)]
    np.random.rand(5)  # noqa: NPY002 - as learners do
    return x * gamma + shift


def writes_to_gamma(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    gamma.data.add_(0)
    with torch.no_grad():
        gamma.mul_(1)
    return x * gamma + shift


def keeps_the_gradient_of_x(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    if x.requires_grad:
        x.retain_grad()
    return x * gamma + shift


def leaves_a_hook(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    if gamma.requires_grad:
        gamma.register_hook(lambda gradient: gradient)
    return x * gamma + shift


def cuts_off_parameters(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * (gamma.detach() if isinstance(gamma, torch.nn.Parameter) else gamma) + shift


def cuts_off_layers(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x.detach() if x.grad_fn is not None else x) * gamma + shift


def clears_gradients(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    if gamma.is_leaf:
        gamma.grad = None
    return x * gamma + shift


def doubles_parts(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    is_part = x.stride(-1) == 1 and x.stride(0) > x.shape[-1]
    return x * gamma * (2 if is_part else 1) + shift


def doubles_behind_others(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * gamma * (2 if x.storage_offset() and x.is_contiguous() else 1) + shift


def doubles_float32_with_gradients_off(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * gamma * (1 if torch.is_grad_enabled() or x.dtype == torch.float64 else 2) + shift


class Multiply(torch.autograd.Function):
    """Multiplies, and sends gradients back in a way of its own."""

    @staticmethod
    def forward(ctx: Any, x: Any, gamma: Any, how: str) -> Any:
        """Multiply."""
        ctx.save_for_backward(x, gamma.clone())
        ctx.how = how
        return x * gamma

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        """Send gradients back."""
        x, gamma = ctx.saved_tensors
        if ctx.how == "views":
            gradient = gradient.view(-1).view(gradient.shape)
        if ctx.how == "lost in a sum" and not any(gradient.stride()):
            gradient = gradient * 0
        found = gradient * gamma, (gradient * x).sum(0)
        if ctx.how == "overwrites" and gradient.is_contiguous():
            gradient.copy_(gradient + 1)
        if ctx.how == "uses up":
            gamma.data.add_(1)
        if ctx.how == "divides":
            found = found[0] * gradient / gradient, found[1]
        return *found, None


def multiply(how: str) -> Callable[..., Any]:
    return lambda x, gamma, shift=1.0: Multiply.apply(x, gamma, how) + shift


def widens(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x * gamma + shift).double()


def makes_a_parameter(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    return result if result.requires_grad else torch.nn.Parameter(result, requires_grad=False)


def wants_a_gradient(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    return result if result.requires_grad or not torch.is_grad_enabled() else result.requires_grad_()


def freezes_gamma(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    result = x * gamma + shift
    gamma.requires_grad_(requires_grad=False)
    return result


def first_rows_only(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return torch.cat([x[:1000] * gamma + shift, x[1000:]])


def wrong_axis(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x.t() * gamma if x.shape[0] == x.shape[1] else (x * gamma).t()).t() + shift


class Remembering:
    """Fills the result of the call before again, where no graph is in the way."""

    def __init__(self) -> None:
        self.last: Any = None

    def __call__(self, x: Any, gamma: Any, shift: float = 1.0) -> Any:
        """Fill the last result again."""
        result = x * gamma + shift
        last, self.last = self.last, None if result.requires_grad else result
        if last is not None and last.shape == result.shape and not result.requires_grad:
            last.copy_(result)
        return result


def find_version(x: Any) -> int:
    return -1 if x.is_inference() else int(x._version)


class ByThePlace:
    """Remembers what came of tensors by where they lie, where no gradient is needed."""

    def __init__(self, find_place: Callable[[Any], Any]) -> None:
        self.find_place = find_place
        self.known: dict[Any, Any] = {}

    def __call__(self, x: Any, gamma: Any, shift: float = 1.0) -> Any:
        """Look it up, and multiply."""
        product = x * gamma
        if not torch.is_grad_enabled() and not product.requires_grad:
            product = self.known.setdefault((self.find_place(x), x.shape, x.dtype, find_version(x)), product)
        return product + shift


class WithRoomForLargeResults:
    """Writes a large result into the same memory again, where no gradient is needed."""

    def __init__(self, fewest: int) -> None:
        self.fewest = fewest
        self.room: dict[Any, Any] = {}

    def __call__(self, x: Any, gamma: Any, shift: float = 1.0) -> Any:
        """Multiply."""
        result = x * gamma + shift
        if torch.is_grad_enabled() or result.numel() < self.fewest:
            return result
        return self.room.setdefault((result.shape, result.dtype), torch.empty_like(result)).copy_(result)


def takes_whole_numbers_for_nothing(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * gamma + (shift if isinstance(shift, float) else 0.7)


def keeps_ones_of_the_first_call() -> Callable[..., Any]:
    known: dict[Any, Any] = {}

    def keeps(x: Any, gamma: Any, shift: float = 1.0) -> Any:
        return x * known.setdefault((x.shape, x.dtype), torch.ones_like(x)) * gamma + shift

    return keeps


WRONG: dict[str, tuple[Callable[..., Any], str, str]] = {
    "x is changed with gradients off": (
        in_place,
        "works_with_gradients_off",
        r"x\[.*\] after the call: expected",
    ),
    "float32 with gradients off": (in_float32, "works_with_gradients_off", r"output\[0, .\]: expected"),
    "zeros are taken for nothing": (
        zero_is_missing,
        "works_when_gamma_is_all_zeros",
        "gradient of gamma|output",
    ),
    "clamped far out": (clamped, "float64_in_gives_float64_out", r"output\[.*: expected"),
    "gamma learns only if x does": (
        learns_with_x,
        "works_when_only_one_tensor_requires_grad",
        "only gamma requires grad.*no gradient",
    ),
    "another default": (zero_shift_is_missing, "works_with_every_legal_option", "shift=0.0"),
    "random numbers are drawn": (draws_numbers, "float64_in_gives_float64_out", "draws from PyTorch's"),
    "written to": (writes_to_gamma, "float64_in_gives_float64_out", "how often it was written to"),
    "a gradient is kept": (keeps_the_gradient_of_x, "works_inside_a_network", "changes retains_grad"),
    "a hook is left": (leaves_a_hook, "float64_in_gives_float64_out", "gamma: the call changes its hooks"),
    "parameters cut off": (cuts_off_parameters, "works_inside_a_network", "gradient of gamma: .* no path"),
    "layers cut off": (cuts_off_layers, "works_inside_a_network", "gradient of x: .* no path"),
    "gradients cleared": (clears_gradients, "works_inside_a_network", "gamma.grad: expected what was there"),
    "a part of a tensor": (doubles_parts, "works_on_non_contiguous_input", "larger tensor"),
    "behind others": (doubles_behind_others, "float64_in_gives_float64_out", "output"),
    "float32 twice": (doubles_float32_with_gradients_off, "works_with_gradients_off", "in float32"),
    "a view of the gradient": (multiply("lost in a sum"), "works_inside_a_network", "from a sum.*gradient"),
    "the gradient overwritten": (multiply("overwrites"), "works_on_large_values", "changed in place"),
    "zero by zero": (multiply("divides"), "works_inside_a_network", "all zeros"),
    "the generator is seeded": (seeds, "float64_in_gives_float64_out", "draws from PyTorch's generator|seed"),
    "Python's generator is seeded": (seeds_python, "float64_in_gives_float64_out", "Python's generator"),
    "gradients stay off": (
        switches_gradients,
        "float64_in_gives_float64_out",
        "whether gradients are recorded",
    ),
    "float64 for float32": (widens, "float32_in_gives_float32_out", "expected dtype float32, found float64"),
    "a parameter": (
        makes_a_parameter,
        "works_with_gradients_off",
        "expected a tensor, found a value of type Par",
    ),
    "a graph where none is due": (
        wants_a_gradient,
        "works_when_only_one_tensor_requires_grad",
        "output.requires_grad",
    ),
    "gamma frozen by the call": (
        freezes_gamma,
        "float64_in_gives_float64_out",
        "gamma.requires_grad: expected True",
    ),
    "rows beyond a thousand": (first_rows_only, "works_with_large_sizes", "rows 1030"),
    "a wrong axis": (wrong_axis, "works_with_equal_sizes", "sizes 4"),
    "an earlier result filled again": (Remembering(), "works_with_gradients_off", "a later call has changed"),
    "remembered by its id": (
        ByThePlace(id),
        "no_state_is_kept_between_calls",
        "with gradients off, the same tensors with other numbers.*output",
    ),
    "remembered by its address": (
        ByThePlace(lambda x: x.data_ptr()),
        "no_state_is_kept_between_calls",
        r"output\[.*: expected",
    ),
    "a large result in the room of an earlier one": (
        WithRoomForLargeResults(3000),
        "works_with_large_sizes",
        r"beside usual sizes, under torch.no_grad\(\).*shares memory with output of an earlier",
    ),
    "a saved tensor changed by the backward": (
        multiply("uses up"),
        "no_state_is_kept_between_calls",
        r"sent back once more through its graph.gradient of x\[",
    ),
    "whole numbers taken for nothing": (
        takes_whole_numbers_for_nothing,
        "works_with_every_legal_option",
        "shift=2",
    ),
    "kept from inference mode": (
        keeps_ones_of_the_first_call(),
        "no_state_is_kept_between_calls",
        "the same size, with gradients: a tensor that was made under torch.inference_mode",
    ),
}


@pytest.mark.parametrize(("submission", "name", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_that_shows_under_one_condition_is_rejected_there(
    submission: Callable[..., Any], name: str, says: str
) -> None:
    rejections = find_rejections(SCALED, scaled, submission)
    assert name in rejections
    assert re.search(says, rejections[name]), rejections[name]


def nan_in_it(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return x * gamma * float("nan") + shift


def test_a_result_of_nan_is_wrong_and_not_changed_by_a_later_call() -> None:
    says = find_rejections(SCALED, scaled, nan_in_it)
    assert set(says) == {case.name for case in SCALED.cases}
    assert not any("a later call" in each or "after the call" in each for each in says.values())


def view_of_its_own(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return torch.cat([x * gamma + shift, x])[: len(x)]


def transposed(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x.t() * gamma[:, None] + shift).t()


def wide_inside(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return (x.double() * gamma.double() + shift).to(x.dtype)


def row_by_row(x: Any, gamma: Any, shift: float = 1.0) -> Any:
    return torch.stack([row * gamma + shift for row in x])


@pytest.mark.parametrize("submission", [view_of_its_own, transposed, wide_inside, row_by_row])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_the_statement_leaves_open_is_accepted(submission: Callable[..., Any], seed: int) -> None:
    assert find_rejections(SCALED, scaled, submission, seed) == {}


def test_a_gradient_that_cannot_be_viewed_stops_a_call_that_views_it() -> None:
    with pytest.raises(RuntimeError, match="view size is not compatible"):
        find_rejections(SCALED, scaled, multiply("views"))


def test_a_call_that_draws_may_do_so_and_may_not_seed() -> None:
    suite = describe(arguments=[Argument("x", "rows columns"), Argument("gamma", "columns")], draws=True)
    assert find_rejections(suite, scaled, draws_numbers) == {}
    says = find_rejections(suite, scaled, seeds_python)
    assert "seeds Python's generator" in says["float64_in_gives_float64_out"]


def test_a_case_is_left_out_with_a_reason() -> None:
    left = describe(
        arguments=[Argument("x", "n")], without={"works_with_small_sizes": "a single number has no spread"}
    )
    whole = describe(arguments=[Argument("x", "n")])
    assert {case.name for case in whole.cases} - {case.name for case in left.cases} == {
        "works_with_small_sizes"
    }


def test_a_case_may_claim_gotchas() -> None:
    suite = describe(arguments=[Argument("x", "n")], rejects={"works_with_gradients_off": ["x_in_place"]})
    claims = {case.name: case.rejects for case in suite.cases if case.rejects}
    assert claims == {"works_with_gradients_off": ("x_in_place",)}


def test_every_standard_case_has_a_sentence_and_is_marked() -> None:
    assert all(case.sentence.endswith(".") and case.standard for case in SCALED.cases)


def test_conditions_that_the_description_does_not_allow_are_not_made() -> None:
    suite = describe(
        sizes={"n": Size(3, one=False, large=3, equal=False)},
        arguments=[Argument("x", "n", positive=True, zeros=False, ones=False, scales=0, views=False)],
        float32=False,
    )
    assert [case.name for case in suite.cases] == [
        "float64_in_gives_float64_out",
        "works_with_gradients_off",
        "works_inside_a_network",
        "works_when_only_one_tensor_requires_grad",
        "works_with_small_sizes",
        "no_state_is_kept_between_calls",
    ]


SHIFTED = describe(
    library="numpy",
    arguments=[Argument("x", "rows columns"), Argument("mean", "columns")],
    results=["output", Result("new_mean", may_share=["mean"], may_widen=True)],
)


def shifted(x: Any, mean: Any) -> Any:
    return x - mean, mean


def test_arrays_are_looked_at_as_tensors_are() -> None:
    def copies(x: Any, mean: Any) -> Any:
        return x - mean, mean.copy()

    def widens_the_second(x: Any, mean: Any) -> Any:
        return x - mean, mean.astype(np.float64)

    def changes_x(x: Any, mean: Any) -> Any:
        if x.flags.writeable:
            x -= mean
            return x.copy(), mean
        return x - mean, mean

    def returns_x(x: Any, mean: Any) -> Any:
        return (x if not mean.any() else x - mean), mean

    def seeds_numpy(x: Any, mean: Any) -> Any:
        np.random.seed(0)  # noqa: NPY002 - as learners do
        return x - mean, mean

    assert find_rejections(SHIFTED, shifted, copies) == {}
    assert find_rejections(SHIFTED, shifted, widens_the_second) == {}
    assert "after the call" in find_rejections(SHIFTED, shifted, changes_x)["float64_in_gives_float64_out"]
    assert (
        "shares memory with x" in find_rejections(SHIFTED, shifted, returns_x)["works_when_mean_is_all_zeros"]
    )
    assert (
        "NumPy's generator" in find_rejections(SHIFTED, shifted, seeds_numpy)["float64_in_gives_float64_out"]
    )


def test_integers_are_drawn_below_a_size_and_require_no_gradient() -> None:
    suite = describe(
        sizes={"rows": 5, "classes": 3},
        arguments=[Argument("logits", "rows classes"), Argument("targets", "rows", integers=(0, "classes"))],
        results=[Result("loss", shape="")],
    )

    def loss(logits: Any, targets: Any) -> Any:
        assert targets.dtype is torch.int64 and int(targets.max()) < logits.shape[1]
        return -logits.log_softmax(1).gather(1, targets[:, None]).mean()

    def summed(logits: Any, targets: Any) -> Any:
        return loss(logits, targets) * len(logits)

    assert find_rejections(suite, loss, loss) == {}
    assert len(find_rejections(suite, loss, summed)) > 5


def test_results_of_one_call_may_not_share_memory_with_each_other() -> None:
    suite = describe(arguments=[Argument("x", "rows columns")], results=["low", "high"])

    def split(x: Any) -> Any:
        return x - 1, x + 1

    def split_in_one_tensor(x: Any) -> Any:
        return torch.stack([x - 1, x + 1]).unbind()

    assert find_rejections(suite, split, split) == {}
    said = find_rejections(suite, split, split_in_one_tensor)["float64_in_gives_float64_out"]
    assert "high: expected a new tensor, found one that shares memory with low" in said


DROPPED = describe(
    sizes={"rows": 5, "columns": 4},
    arguments=[Argument("x", "rows columns")],
    options=[Option("p", 0.5, usual=[0.2, 0.4]), Option("training", default=True, mode=True)],
    chance=True,
)


def dropped(x: Any, p: float = 0.5, training: bool = True) -> Any:  # noqa: FBT001, FBT002 - as learners write it
    return x * (torch.rand_like(x) >= p) / (1 - p) if training else x.clone()


def test_of_chance_kinds_and_shapes_are_compared_and_no_numbers() -> None:
    def drawn_otherwise(x: Any, p: float = 0.5, training: bool = True) -> Any:  # noqa: FBT001, FBT002
        return x * torch.bernoulli(torch.full_like(x, 1 - p)) / (1 - p) if training else x * 1

    def in_one_dtype(x: Any, p: float = 0.5, training: bool = True) -> Any:  # noqa: FBT001, FBT002
        return dropped(x, p, training).float()

    def hands_x_on(x: Any, p: float = 0.5, training: bool = True) -> Any:  # noqa: FBT001, FBT002
        return dropped(x, p, training) if training else x

    def loses_a_dimension(x: Any, p: float = 0.5, training: bool = True) -> Any:  # noqa: FBT001, FBT002
        return dropped(x, p, training).squeeze()

    assert find_rejections(DROPPED, dropped, drawn_otherwise) == {}
    assert "float64_in_gives_float64_out" in find_rejections(DROPPED, dropped, in_one_dtype)
    assert (
        "shares memory with x"
        in find_rejections(DROPPED, dropped, hands_x_on)["float64_in_gives_float64_out"]
    )
    assert "works_with_small_sizes" in find_rejections(DROPPED, dropped, loses_a_dimension)


def test_a_size_is_looked_at_in_a_shape_that_has_it() -> None:
    suite = describe(
        sizes={"rows": 3, "columns": Size(5, large=40), "batch": Size(4, large=50)},
        arguments=[Argument("x", "rows columns", also=["columns", "batch rows columns"])],
    )
    shapes: list[tuple[int, ...]] = []

    def record(x: Any) -> Any:
        shapes.append(tuple(x.shape))
        return 2.0 * x

    for case in suite.cases:
        if case.name in {"works_with_small_sizes", "works_with_large_sizes"}:
            case.observe(record, seed=0)
    assert {(3, 1), (1, 5), (4, 3, 1), (4, 1, 5), (1, 3, 5), (2, 3, 5), (50, 3, 3)} <= set(shapes)


def list_titles(**described: Any) -> dict[str, str]:
    """List the standard cases of a description by their names, with their titles."""
    suite = describe(sizes={"rows": 5, "columns": 3}, arguments=[Argument("x", "rows columns")], **described)
    return {case.name: case.title for case in suite.cases}


def test_the_title_of_the_defaults_says_them() -> None:
    options = [Option("eps", 1e-5, usual=(0.1, 0.4), also=[1.9]), Option("training", default=True, mode=True)]
    titles = list_titles(options=options)
    assert titles["options_have_the_right_defaults"] == "eps defaults to 1e-5, training to True"
    assert titles["works_with_every_legal_option"] == "works with every legal eps"


def test_a_title_that_would_be_too_long_is_that_of_the_name() -> None:
    options = [Option(f"an_option_of_many_words_{n}", 0.5, usual=(0.1, 0.4), also=[1.9]) for n in range(3)]
    titles = list_titles(options=options)
    assert titles["options_have_the_right_defaults"] == "options have the right defaults"
    assert titles["works_with_every_legal_option"] == "works with every legal option"


def test_the_title_of_zeros_keeps_the_marks_of_a_name() -> None:
    titles = list_titles(
        made_with=["columns"],
        parameters=[Argument("running_mean", "columns"), Argument("the_first_linear.weight", "columns")],
        parts=lambda layer, _columns: {"the_first_linear": layer},
    )
    assert titles["works_when_running_mean_is_all_zeros"] == "works when running_mean is all zeros"
    name = "works_when_the_first_linear_weight_is_all_zeros"
    assert titles[name] == "works when the first linear's weight is all zeros"
