"""What `cases.py` is written with: the one import of an author.

Imported in the worker and in the checker, never in the conductor. A server for NumPy problems loads no torch
for it.
"""

from __future__ import annotations

from .chance import distribution, every, frequencies, normal, support, uniform
from .checkers import one_of
from .cost import count_calls, record_cost
from .description import Argument, Option, Result, Size
from .inputs import Draw, counterexample
from .modules import build, build_plain, convert, deep_copy, fill, linear_of, load_state, snapshot, tensor_of
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
    "build_plain",
    "case",
    "convert",
    "count_calls",
    "counterexample",
    "deep_copy",
    "describe",
    "distribution",
    "draw_batch",
    "every",
    "fill",
    "frequencies",
    "gradients",
    "linear_of",
    "load_state",
    "name_arrays",
    "narrow_to_float32",
    "normal",
    "one_of",
    "raised",
    "record_cost",
    "require_gradients",
    "signed",
    "snapshot",
    "standard",
    "support",
    "tensor",
    "tensor_of",
    "uniform",
    "upstream",
]
