"""Send gradients back as `torch.autograd` does, without what it loads to compare shapes first.

Given an upstream gradient, `torch.autograd.grad` and `backward` import the compiler's symbolic shapes, and
sympy with them: half a second in a process that has not seen them, and a call takes twice as long ever after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .shield import load_torch

if TYPE_CHECKING:
    from torch import Tensor


class Backpropagate(Protocol):
    """Sends upstream gradients back from outputs."""

    def __call__(
        self,
        outputs: Sequence[Any],
        upstreams: Sequence[Any],
        inputs: Sequence[Any] = (),
        *,
        keeps_graph: bool = False,
    ) -> Sequence[Any]:
        """Return the gradients of inputs; where the graph is kept, they can be sent back once more."""


def load_engine() -> Backpropagate:
    """Return what sends upstream gradients, each of its output's shape and dtype, back from outputs.

    Of inputs it returns the gradients, None where none arrives; without inputs, all tensors keep their own.
    """
    torch = load_torch()

    run: Any = torch.autograd.Variable._execution_engine.run_backward

    def backpropagate(
        outputs: Sequence[Tensor],
        upstreams: Sequence[Tensor],
        inputs: Sequence[Tensor] = (),
        *,
        keeps_graph: bool = False,
    ) -> Sequence[Tensor | None]:
        found: Sequence[Tensor | None] = run(
            tuple(outputs),
            tuple(upstreams),
            keep_graph=keeps_graph,
            create_graph=False,
            inputs=tuple(inputs),
            allow_unreachable=True,
            accumulate_grad=not inputs,
        )
        return found

    return backpropagate
