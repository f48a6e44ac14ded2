"""What `cases.py` is written with: the one import of an author.

Imported in the worker and in the checker, never in the conductor. A server for NumPy problems loads no torch
for it.
"""

from __future__ import annotations

from .description import Argument, Option, Result, Size
from .inputs import Draw, counterexample
from .modules import build, deep_copy, fill, load_state, snapshot, tensor_of
from .observer import Observer
from .observing import gradients, name_arrays, narrow_to_float32, raised, require_gradients
from .standard_suite import describe
from .suite import ROUNDED_AT_THE_OFFSET, Case, Tolerance, WrongAnswer, case
from .tensors import draw_batch, signed, standard, tensor, upstream

__all__ = [
    "ROUNDED_AT_THE_OFFSET",
    "Argument",
    "Case",
    "Draw",
    "Observer",
    "Option",
    "Result",
    "Size",
    "Tolerance",
    "WrongAnswer",
    "build",
    "case",
    "counterexample",
    "deep_copy",
    "describe",
    "draw_batch",
    "fill",
    "gradients",
    "load_state",
    "name_arrays",
    "narrow_to_float32",
    "raised",
    "require_gradients",
    "signed",
    "snapshot",
    "standard",
    "tensor",
    "tensor_of",
    "upstream",
]
