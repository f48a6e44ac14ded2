"""Make choices smaller with Hypothesis, which takes a fifth of a second to load.

So it is loaded late: by a warm server while it is idle, else by a checker that has found something to shrink.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from torch_judge.authoring.inputs import Choices, Choose

if TYPE_CHECKING:
    from hypothesis.internal.conjecture.data import ConjectureData


def load_hypothesis() -> None:
    """Load what `shrink` needs."""
    import hypothesis.internal.conjecture.engine  # noqa: F401


def shrink(choices: Choices, differs: Callable[[Choose], bool], *, seed: int, most_calls: int) -> None:
    """Try ever smaller choices than these, which differ.

    `differs` draws with what it is given, and keeps what it finds. The public `find` would search anew, take
    twice as long for each call, and collect all garbage first. Nothing is written to disk, printed or timed.
    """
    from hypothesis import Phase, settings
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.conjecture.data import ConjectureResult, Status
    from hypothesis.internal.conjecture.engine import ConjectureRunner
    from hypothesis.internal.escalation import InterestingOrigin

    # Hypothesis would read the source of all loaded modules for numbers worth trying, for half a second
    providers._sys_modules_len = len(sys.modules)
    # one origin for all differences: else each kind is shrunk on its own
    origin = InterestingOrigin(Exception, None, None, (), ())

    def attempt(data: ConjectureData) -> None:
        if differs(lambda count: data.draw_integer(0, count - 1)):
            data.mark_interesting(origin)

    options = settings(database=None, deadline=None, phases=[Phase.shrink], max_examples=most_calls)
    random = Random(seed)  # noqa: S311 - the same each time, not a secret
    runner = ConjectureRunner(attempt, settings=options, random=random)
    result = runner.cached_test_function(choices)
    if isinstance(result, ConjectureResult):
        runner.new_shrinker(result, lambda data: data.status is Status.INTERESTING).shrink()
