"""The files of the smallest package that is sound but for its TODO sentences: a function of two parameters.

`$entry` is the entry point, `$title` the title, `$slug` the package's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Any, Final

FACTS: Final[Mapping[str, Any]] = {
    "difficulty": "easy",
    "framework": "torch",
    "tags": [],
    "limits": {"seconds_per_case": 5, "memory_mib": 2048},
}

STATEMENT: Final = """\
# $title

TODO: say in two or three sentences what this is for and where it is met.

Write

```python
$signature
```

TODO: say of each argument its shape and meaning, and what is returned.

TODO: say every convention that a case relies on: dtypes, defaults, the edges, what stays unchanged.

## Example

TODO: work one small example out, with numbers that can be checked by hand.
"""

HINTS: Final = """\
TODO: a gentle hint: a question, or what to look at first.
---
TODO: a plainer hint: the idea, not yet the code.
---
TODO: an explicit hint: the steps one by one.
"""

_STARTER: Final = '''\
def $entry(x, scale=2.0):
    """TODO: say what it computes.

    TODO: say the shapes of the arguments and of what is returned.
    """
    raise NotImplementedError
'''

_SOLUTION: Final = '''\
"""TODO: name the formula and its source."""


def $entry(x, scale=2.0):
    """TODO: say in one line how it is computed; then write the plainest right way in place of this."""
    return x * scale
'''

_CASES: Final = '''\
"""The hidden suite of $slug.

TODO: say how the inputs are drawn, so that no two mistakes look alike.
"""

from torch_judge.authoring import Argument, Option, case, describe, signed, tensor

# TODO: describe how a call is made: the standard cases and the counterexamples come from it.
call = describe(
    arguments=[Argument("x", "rows columns")],
    options=[Option("scale", 2.0, usual=(2.5, 3.5), also=[-1.0])],
)


def draw(rng, *shape):
    """Draw numbers of both signs, none of them near 0 or 1."""
    return tensor(signed(rng, 1.2, 2.9, shape))


# TODO: write a case for what is particular here; its docstring is what a learner reads when it fails.
@case(rejects=["adds_the_scale"])
def the_result_is_the_product($entry, rng):
    """Each number of x is multiplied by scale."""
    return {"output": $entry(draw(rng, 3, 5), scale=3.7)}
'''

_DEBUG: Final = """\
import torch

# TODO: show what one would try before submitting, with numbers that say whether it is right.
print($entry(torch.tensor([1.0, -2.0, 4.0])))
"""

_ACCEPTED: Final = """\
# TODO: write right solutions in other styles, four or more: they keep the suite fair.
def $entry(x, scale=2.0):
    return x + (scale - 1) * x
"""

_SAYS: Final = (
    "TODO: say what is seen of this mistake, how it usually comes about and what it breaks, in two sentences."
)
DIAGNOSIS: Final = f'"""{_SAYS}"""'
_MISTAKES: Final = f"""\
# Mistakes as edits of solution.py or of a sample in accepted/: `before` occurs exactly once in the base.

[[mistake]]
name = "adds_the_scale"
says = "{_SAYS}"
edits = [{{ before = "x * scale", after = "x + scale" }}]
"""

_FILES: Final = {
    "starter.py": _STARTER,
    "solution.py": _SOLUTION,
    "cases.py": _CASES,
    "debug.py": _DEBUG,
    "submissions/accepted/in_another_style.py": _ACCEPTED,
    "submissions/mistakes.toml": _MISTAKES,
}


def fill_in(text: str, **words: str) -> str:
    """Put words in the places of a text."""
    return Template(text).substitute(words)


def make_skeleton(*, slug: str, entry_point: str) -> dict[str, str]:
    """Write the code of the smallest package, by the names of its files."""
    return {name: fill_in(text, entry=entry_point, slug=slug) for name, text in _FILES.items()}
