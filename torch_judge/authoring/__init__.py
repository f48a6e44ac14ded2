"""What `cases.py` is written with: the one import of an author.

Imported in the worker and in the checker, never in the conductor. A server for NumPy problems never loads torch for it.
"""

from __future__ import annotations

from .inputs import Draw, counterexample
from .modules import build, deep_copy, fill, load_state, snapshot, tensor_of
from .suite import Case, Tolerance, WrongAnswer, case, gradients, raised
from .tensors import signed, standard, tensor, upstream

__all__ = [
    "Case",
    "Draw",
    "Tolerance",
    "WrongAnswer",
    "build",
    "case",
    "counterexample",
    "deep_copy",
    "fill",
    "gradients",
    "load_state",
    "raised",
    "signed",
    "snapshot",
    "standard",
    "tensor",
    "tensor_of",
    "upstream",
]
