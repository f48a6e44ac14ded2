"""Observations to bytes and back, for the two processes that compare them; the conductor only carries them.

Only exact types are encoded, so that no method of a submission's object is ever called. Whoever decodes
believes nothing: every dtype, shape, depth and count is bounded and checked first.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from torch_judge.model.errors import WireError

from .frames import LARGEST_BODY

DEEPEST: Final = 8
MOST_VALUES: Final = 10_000
MOST_DIMENSIONS: Final = 16
LONGEST_STRING: Final = 1 << 16
MOST_TEXT: Final = 2 << 20
"""How many bytes of a header the strings, keys and integers of an observation may take."""
WIDEST_INTEGER: Final = 2048
DTYPES: Final = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}

_NAMES: Final = {np.dtype(name): name for name in DTYPES if name != "bfloat16"}
"""A look into it is quicker than `dtype.name`."""

Tree = list[Any]


@dataclass(frozen=True)
class Array:
    """Numbers as they came over the wire: a tensor, a NumPy array or a NumPy scalar.

    `values` of a bfloat16 tensor are float32, which holds every one of them exactly.
    """

    kind: str
    dtype: str
    values: np.ndarray[Any, Any]

    @cached_property
    def magnitude(self) -> float:
        """The largest finite magnitude; a jury's answer is asked for it once for each answer compared."""
        wide = self.values.astype(np.complex128 if np.iscomplexobj(self.values) else np.float64)
        magnitudes = np.abs(wide)
        largest = float(magnitudes.max(initial=0.0))
        if math.isfinite(largest):
            return largest
        return float(magnitudes.max(initial=0.0, where=np.isfinite(magnitudes)))


def encode(observation: Any) -> tuple[Tree, bytes]:
    """Encode an observation as a tree for the header and the bytes of its arrays.

    Only exact types travel, so that no method of a submission's object is ever called.
    Raises WireError with a sentence that names the place.
    """
    encoder = _Encoder()
    return encoder.encode(observation, "", 0), b"".join(encoder.chunks)


class _Encoder:
    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self._room = LARGEST_BODY
        self._text = MOST_TEXT
        self._values = 0

    def encode(self, value: Any, where: str, depth: int) -> Tree:
        self._values += 1
        if self._values > MOST_VALUES:
            raise WireError(f"{where or 'the result'}: more than {MOST_VALUES} values in one result")
        if depth > DEEPEST:
            raise WireError(f"{where}: nested more than {DEEPEST} deep")
        kind = type(value)
        if kind in _PLAIN:
            plain = _PLAIN[kind](value, where)
            self._spend(plain[-1] if kind is str or kind is int else "", where)
            return plain
        if kind is np.float64:  # a Python float in all but name
            return ["float", float.hex(value)]
        if kind is list or kind is tuple:
            return [
                kind.__name__,
                [self.encode(item, f"{where}[{n}]", depth + 1) for n, item in enumerate(value)],
            ]
        if kind is dict:
            return [
                "dict",
                [
                    [self._check_key(key, where), self.encode(item, _join(where, key), depth + 1)]
                    for key, item in value.items()
                ],
            ]
        return self._encode_array(value, where)

    def _check_key(self, key: Any, where: str) -> str:
        if type(key) is not str or len(key) > LONGEST_STRING:
            raise WireError(
                f"{where or 'the result'}: a key of a dict must be a short string, found {type(key).__name__}"
            )
        self._spend(key, where)
        return key

    def _spend(self, text: str, where: str) -> None:
        """Count what a text takes in the header at most."""
        self._text -= len(text) * (2 if text.isascii() and text.isprintable() else 12)
        if self._text < 0:
            raise WireError(f"{where or 'the result'}: more than {MOST_TEXT >> 20} MiB of text in one result")

    def _encode_array(self, value: Any, where: str) -> Tree:
        seen = _see_plain(value)
        dtype, shape = _describe(value, where) if seen is None else (_NAMES[seen.dtype], seen.shape)
        size = math.prod(shape) * DTYPES[dtype]
        if len(shape) > MOST_DIMENSIONS or size > self._room:
            raise WireError(f"{where or 'the result'}: shape {shape} is too large to compare")
        self._room -= size
        try:
            chunk = _read_bytes(value) if seen is None else seen.tobytes()
        except Exception as error:  # whatever a lying object raises is its own fault
            raise WireError(
                f"{where or 'the result'}: its values cannot be read: {type(error).__name__}"
            ) from None
        if len(chunk) != size:
            raise WireError(f"{where or 'the result'}: its values are not what its shape and dtype promise")
        self.chunks.append(chunk)
        return [_name_kind(value), dtype, list(shape)]


def _encode_integer(value: int, where: str) -> Tree:
    if value.bit_length() > WIDEST_INTEGER:
        raise WireError(
            f"{where or 'the result'}: an integer of {value.bit_length()} bits is too large to compare"
        )
    return ["int", str(value)]


def _encode_string(value: str, where: str) -> Tree:
    if len(value) > LONGEST_STRING:
        raise WireError(
            f"{where or 'the result'}: a string of {len(value)} characters is too long to compare"
        )
    return ["str", value]


_PLAIN: Final[dict[type, Callable[[Any, str], Tree]]] = {
    type(None): lambda _value, _where: ["none"],
    bool: lambda value, _where: ["bool", value],
    int: _encode_integer,
    float: lambda value, _where: ["float", value.hex()],
    str: _encode_string,
}


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _find_torch() -> Any:
    """Find torch where it is loaded: a NumPy problem's processes never load it."""
    return sys.modules.get("torch")


def _see_plain(value: Any) -> np.ndarray[Any, Any] | None:
    """See a plain tensor as an array in its memory, and a plain array as it is; None for all else."""
    if type(value) is np.ndarray:
        return value if value.dtype in _NAMES else None
    torch = _find_torch()
    if torch is None or type(value) is not torch.Tensor or not value.is_cpu:
        return None
    try:
        seen = (value.detach() if value.requires_grad else value).numpy()
    except Exception:  # sparse, conjugated, of a dtype that NumPy has not, or made by a submission
        return None
    return seen if type(seen) is np.ndarray and seen.dtype in _NAMES else None


def _name_kind(value: Any) -> str:
    if type(value) is np.ndarray:
        return "array"
    return "scalar" if isinstance(value, np.generic) else "tensor"


def _describe(value: Any, where: str) -> tuple[str, tuple[int, ...]]:
    torch = _find_torch()
    kind = type(value)
    if kind is np.ndarray or (issubclass(kind, np.generic) and kind.__module__ == "numpy"):
        dtype, shape = value.dtype.name, value.shape
    elif torch is not None and (kind is torch.Tensor or kind is torch.nn.Parameter):
        if value.layout is not torch.strided or value.device.type != "cpu":
            raise WireError(
                f"{where or 'the result'}: expected a dense tensor on the CPU, "
                f"found {value.layout} on {value.device}"
            )
        dtype, shape = str(value.dtype).removeprefix("torch."), tuple(value.shape)
    else:
        raise WireError(f"{where or 'the result'}: {_describe_type(kind)} cannot be compared")
    if dtype not in DTYPES:
        raise WireError(f"{where or 'the result'}: dtype {dtype} cannot be compared")
    return dtype, shape


def _describe_type(kind: type) -> str:
    torch = _find_torch()
    for plain in (
        torch.Tensor if torch else None,
        np.ndarray,
        dict,
        list,
        tuple,
        float,
        int,
        str,
    ):
        if plain is not None and issubclass(kind, plain):
            return f"{kind.__name__}, a subclass of {plain.__name__},"
    return f"a value of type {kind.__name__}"


def _read_bytes(value: Any) -> bytes:
    if _name_kind(value) != "tensor":
        return bytes(value.astype(value.dtype.newbyteorder("="), copy=False).tobytes())
    torch = _find_torch()
    plain = value.detach().resolve_conj().resolve_neg().contiguous()
    if plain.dtype is torch.bfloat16:
        plain = plain.view(torch.int16)
    return bytes(plain.numpy().tobytes())


def decode(tree: Any, body: bytes) -> Any:
    """Decode the observation that a tree and a body hold, its arrays as `Array`.

    Raises WireError for everything that `encode` would not have written.
    """
    decoder = _Decoder(body)
    value = decoder.decode(tree, 0)
    decoder.finish()
    return value


class _Decoder:
    def __init__(self, body: bytes) -> None:
        self._body, self._at, self._values = body, 0, 0

    def decode(self, tree: Any, depth: int) -> Any:  # noqa: C901 - one arm for each kind of node
        self._values += 1
        if self._values > MOST_VALUES or depth > DEEPEST:
            raise WireError("an observation with too many values")
        match tree:
            case ["none"]:
                return None
            case ["bool", bool(value)]:
                return value
            case ["int", str(text)]:
                return _parse_integer(text)
            case ["float", str(text)]:
                return _parse_float(text)
            case ["str", str(text)] if len(text) <= LONGEST_STRING:
                return text
            case ["list", list(items)]:
                return [self.decode(item, depth + 1) for item in items]
            case ["tuple", list(items)]:
                return tuple(self.decode(item, depth + 1) for item in items)
            case ["dict", list(items)]:
                return dict(self._decode_entries(items, depth))
            case ["tensor" | "array" | "scalar" as kind, str(dtype), list(shape)]:
                return self._decode_array(kind, dtype, shape)
        raise WireError("an observation that no encoder wrote")

    def _decode_entries(self, items: list[Any], depth: int) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for item in items:
            match item:
                case [str(key), value] if key not in seen and len(key) <= LONGEST_STRING:
                    seen.add(key)
                    yield key, self.decode(value, depth + 1)
                case _:
                    raise WireError("a dict that no encoder wrote")

    def _decode_array(self, kind: str, dtype: str, shape: list[Any]) -> Array:
        most = 0 if kind == "scalar" else MOST_DIMENSIONS
        if dtype not in DTYPES or len(shape) > most or not all(_is_size(length) for length in shape):
            raise WireError("an array that no encoder wrote")
        count = math.prod(shape)
        end = self._at + count * DTYPES[dtype]
        if end > len(self._body):
            raise WireError("an array without its bytes")
        raw = (
            np.frombuffer(self._body, _STORED.get(dtype, dtype), count, self._at)
            if count
            else np.zeros(0, _STORED.get(dtype, dtype))
        )
        self._at = end
        if dtype == "bfloat16":
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        if dtype == "bool":
            raw = raw != 0
        try:
            return Array(kind, dtype, raw.reshape(shape))
        except ValueError:
            raise WireError("an array with an impossible shape") from None

    def finish(self) -> None:
        if self._at != len(self._body):
            raise WireError("bytes that belong to no array")


_STORED: Final = {"bfloat16": "uint16", "bool": "uint8"}


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_BODY


def _parse_integer(text: str) -> int:
    if len(text) > WIDEST_INTEGER or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise WireError("an integer that no encoder wrote")
    return int(text)


def _parse_float(text: str) -> float:
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError):
        raise WireError("a number that no encoder wrote") from None
