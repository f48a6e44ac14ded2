"""The standard cases of a class: copies, state dicts, modes, and what is written into an object."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from tests.authoring.test_battery import find_rejections
from torch_judge.authoring import Argument, Option, describe, tensor_of

COUNTED = describe(
    sizes={"rows": 4, "columns": 3},
    made_with=["columns"],
    options=[Option("share", 0.1, usual=(0.2, 0.4), also=[0.0])],
    parameters=[Argument("gamma", "columns")],
    buffers=[Argument("mean", "columns", changes=True)],
    arguments=[Argument("x", "rows columns")],
)


class Counted(nn.Module):
    """Stand for the jury solution: scales what is left of a moving mean."""

    mean: torch.Tensor

    def __init__(self, columns: int, share: float = 0.1) -> None:
        super().__init__()
        self.share = share
        self.gamma = nn.Parameter(torch.ones(columns))
        self.register_buffer("mean", torch.zeros(columns))

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training:
            with torch.no_grad():
                self.mean.mul_(1 - self.share).add_(self.share * x.mean(0))
        return self.gamma * (x - self.mean)


class LambdaOverSelf(Counted):
    """Keeps a function that a deep copy shares."""

    def __init__(self, columns: int, share: float = 0.1) -> None:
        super().__init__(columns, share)
        self.scale = lambda values: self.gamma * values

    def forward(self, x: Any) -> Any:
        """Compute."""
        return self.scale(super().forward(x) / self.gamma)


class FlagOfItsOwn(Counted):
    """Keeps its mode in a flag."""

    on = True

    def train(self, mode: bool = True) -> Any:  # noqa: FBT001, FBT002 - as PyTorch has it
        """Switch the mode."""
        self.on = mode
        return super().train(mode)

    def forward(self, x: Any) -> Any:
        """Compute."""
        written, self.training = self.training, self.on
        try:
            return super().forward(x)
        finally:
            self.training = written


class NotInTheStateDict(Counted):
    """Leaves its mean out of the state dict."""

    def __init__(self, columns: int, share: float = 0.1) -> None:
        super().__init__(columns, share)
        self.register_buffer("mean", torch.zeros(columns), persistent=False)


class RegistersAtTheFirstCall(Counted):
    """Registers a buffer when it is called, so that its state dict has a key more from then on."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        self.register_buffer("ones", torch.ones(1, dtype=x.dtype))
        return super().forward(x)


class OneMeanForAll(Counted):
    """Has one mean for all objects of a size."""

    means: ClassVar[dict[int, torch.Tensor]] = {}

    def __init__(self, columns: int, share: float = 0.1) -> None:
        super().__init__(columns, share)
        self.mean = self.means.setdefault(columns, self.mean)


class FoldedAtTheFirstCall(Counted):
    """Remembers the mean of the first call in eval."""

    kept: Any = None

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training:
            return super().forward(x)
        if self.kept is None:
            self.kept = self.mean.clone()
        return self.gamma * (x - self.kept)


class CopiesByTheVersion(Counted):
    """Keeps a copy of gamma with gradients off, until what counts its changes says that it has changed."""

    kept: Any = None

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training or torch.is_grad_enabled():
            return super().forward(x)
        version = self.gamma.data_ptr(), self.gamma._version, self.mean._version
        if self.kept is None or self.kept[0] != version:
            self.kept = version, self.gamma.detach().clone()
        return self.kept[1] * (x - self.mean)


class FoldedUntilTrain(Counted):
    """Keeps a product in eval until train() is called, which eval() calls as well."""

    kept: Any = None

    def train(self, mode: bool = True) -> Any:  # noqa: FBT001, FBT002 - as PyTorch has it
        """Switch the mode."""
        self.kept = None
        return super().train(mode)

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training or torch.is_grad_enabled():
            return super().forward(x)
        if self.kept is None:
            self.kept = self.gamma * self.mean
        return self.gamma * x - self.kept


class KeptForTheSameTensor(FoldedUntilTrain):
    """Keeps its last result in eval for the very tensor that it was of, until train() is called."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training or torch.is_grad_enabled():
            return super().forward(x)
        if self.kept is None or self.kept[0] is not x:
            self.kept = x, Counted.forward(self, x)
        return self.kept[1].clone()


class LeavesTraining(Counted):
    """Goes to eval by itself."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        result = super().forward(x)
        self.training = False
        return result


class BindsTheParameterAnew(Counted):
    """Makes a new parameter where no graph is made."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        result = super().forward(x)
        if not torch.is_grad_enabled():
            self.gamma = nn.Parameter(self.gamma.detach().clone())
        return result


@pytest.mark.parametrize(
    ("wrong", "name", "says"),
    [
        (LambdaOverSelf, "a_deep_copy_is_independent", "copy"),
        (FlagOfItsOwn, "the_mode_follows_self_training", "written directly"),
        (NotInTheStateDict, "state_dict_restores_everything", "loaded"),
        (RegistersAtTheFirstCall, "state_dict_restores_everything", "ones"),
        (OneMeanForAll, "two_instances_share_no_state", "two instances share the memory of mean and mean"),
        (FoldedAtTheFirstCall, "changed_parameters_take_effect", "after"),
        (CopiesByTheVersion, "changed_parameters_take_effect", "after with gradients off"),
        (FoldedUntilTrain, "changed_parameters_take_effect", "after with gradients off"),
        (KeptForTheSameTensor, "changed_parameters_take_effect", "after with gradients off"),
        (LeavesTraining, "float64_in_gives_float64_out", "the mode of the module"),
        (BindsTheParameterAnew, "works_with_gradients_off", "gamma: expected the tensor that was there"),
    ],
)
def test_a_mistake_about_objects_is_rejected_by_its_case(wrong: type[Counted], name: str, says: str) -> None:
    rejections = find_rejections(COUNTED, Counted, wrong)
    assert name in rejections
    assert says in rejections[name]


class BufferBoundAnew(Counted):
    """Binds the buffer to a new tensor."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        if self.training:
            self.mean = (1 - self.share) * self.mean + self.share * x.mean(0).detach()
        return self.gamma * (x - self.mean)


class CountsTheBatchesToo(Counted):
    """Has one more buffer."""

    def __init__(self, columns: int, share: float = 0.1) -> None:
        super().__init__(columns, share)
        self.register_buffer("batches", torch.tensor(0))


@pytest.mark.parametrize("right", [BufferBoundAnew, CountsTheBatchesToo])
def test_right_objects_in_other_styles_are_accepted(right: type[Counted]) -> None:
    assert find_rejections(COUNTED, Counted, right) == {}


class Linear:
    """A plain class that is called by its method."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self.weight = torch.zeros(outputs, inputs, requires_grad=True)
        self.bias = torch.zeros(outputs, requires_grad=True)

    def forward(self, x: Any) -> Any:
        """Compute."""
        return x @ self.weight.t() + self.bias


def test_a_plain_class_is_filled_by_name_and_called_as_the_description_says() -> None:
    suite = describe(
        sizes={"rows": 4, "inputs": 3, "outputs": 5},
        made_with=["inputs", "outputs"],
        parameters=[Argument("weight", "outputs inputs"), Argument("bias", "outputs")],
        arguments=[Argument("x", "rows inputs")],
        call=lambda layer, x: layer.forward(x),
        modes=False,
    )

    class WithoutBias(Linear):
        """Forgets the bias."""

        def forward(self, x: Any) -> Any:
            """Compute."""
            return x @ tensor_of(self, "weight").t()  # type: ignore[arg-type]

    assert find_rejections(suite, Linear, Linear) == {}
    assert "bias" in find_rejections(suite, Linear, WithoutBias)["float64_in_gives_float64_out"]
    assert "state_dict_restores_everything" not in {case.name for case in suite.cases}


def test_a_class_that_has_modes_is_a_module_however_it_is_called() -> None:
    suite = describe(
        sizes={"rows": 4, "inputs": 3, "outputs": 5},
        made_with=["inputs", "outputs"],
        parameters=[Argument("weight", "outputs inputs"), Argument("bias", "outputs")],
        arguments=[Argument("x", "rows inputs")],
        call=lambda layer, x: layer(x),
    )
    found = find_rejections(suite, nn.Linear, Linear)["float64_in_gives_float64_out"]
    assert found == "expected an nn.Module, found an instance of Linear"


SCALER = describe(
    sizes={"rows": 4, "width": 3},
    made_with={"columns": "2*width"},
    also_by_name=True,
    parts=lambda scaler, columns: {"the_scale": find_scale(scaler, columns)},
    parameters=[Argument("the_scale.weight", "2*width")],
    arguments=[Argument("x", "rows 2*width")],
    unrefused=["works_with_small_sizes"],
)


class Scale(nn.Module):
    """Has one weight a column."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(columns))


def find_scale(scaler: nn.Module, columns: int) -> Scale:
    """Find the only scale, whatever its name is."""
    (found,) = (each for each in scaler.modules() if isinstance(each, Scale))
    assert found.weight.shape == (columns,)
    return found


class Scaler(nn.Module):
    """Stand for the jury solution: a layer under a name of its own."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.layer = Scale(columns)

    def forward(self, x: Any) -> Any:
        """Compute."""
        return x * self.layer.weight


class Deeper(nn.Module):
    """Has the layer under another name, in a list."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.stack = nn.ModuleList([Scale(columns)])

    def forward(self, x: Any) -> Any:
        """Compute."""
        return self.stack[0].weight * x  # type: ignore[operator]


class AddsOne(Deeper):
    """Is wrong in every call."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        return super().forward(x) + 1.0


class NameOfItsOwn(Deeper):
    """Cannot be made with columns=."""

    def __init__(self, width: int) -> None:
        super().__init__(width)


class OneCopyForAll(Deeper):
    """Hands its layer to its copies."""

    def __deepcopy__(self, memo: Any) -> Any:
        twin = Deeper(len(find_scale(self, 6).weight))
        twin.stack = self.stack
        return twin


class RefusesOneRow(Deeper):
    """Stops with an error at one row."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        if len(x) == 1:
            raise IndexError("one row")
        return super().forward(x)


def test_layers_are_found_whatever_their_names_are() -> None:
    assert find_rejections(SCALER, Scaler, Deeper) == {}
    assert "float64_in_gives_float64_out" in find_rejections(SCALER, Scaler, AddsOne)


def test_a_copy_is_asked_for_its_own_layers() -> None:
    found = find_rejections(SCALER, Scaler, OneCopyForAll)
    assert list(found) == ["a_deep_copy_is_independent"]
    assert "the copy and the original share the memory of the_scale.weight" in next(iter(found.values()))


def test_sizes_are_passed_by_name_too() -> None:
    with pytest.raises(TypeError, match="columns"):
        find_rejections(SCALER, Scaler, NameOfItsOwn)


def test_what_may_not_be_refused_is_a_wrong_answer() -> None:
    found = find_rejections(SCALER, Scaler, RefusesOneRow)
    assert found == {"works_with_small_sizes": "expected a result, found IndexError: one row"}


def test_an_object_may_be_made_in_another_way() -> None:
    made: list[int] = []

    def make(kind: Any, columns: int) -> nn.Module:
        made.append(columns)
        scaler: nn.Module = kind(columns)
        return scaler

    suite = describe(
        sizes={"rows": 4, "columns": 3},
        made_with=["columns"],
        make=make,
        parameters=[Argument("layer.weight", "columns")],
        arguments=[Argument("x", "rows columns")],
    )
    assert find_rejections(suite, Scaler, Scaler) == {}
    assert set(made) >= {1, 3}
