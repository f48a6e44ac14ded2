"""The codec: every observation comes back as it was, and what no encoder wrote is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.execution.protocol.test_frames import reader
from torch_judge.execution.protocol import codec
from torch_judge.execution.protocol.codec import Array, decode, encode
from torch_judge.execution.protocol.frames import pack, read_frame
from torch_judge.model.errors import WireError

NUMPY_DTYPES = [name for name in codec.DTYPES if name != "bfloat16"]
TORCH_DTYPES = list(codec.DTYPES)
UNCOMMON_FLOATS = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]


def same(sent: Any, received: Any) -> bool:
    """Tell whether an observation came back as what it was, to the bit."""
    if isinstance(received, Array):
        if isinstance(sent, torch.Tensor):
            values = sent.detach().resolve_conj()
            values = values.float().numpy() if sent.dtype is torch.bfloat16 else values.numpy()
            kind, dtype = "tensor", str(sent.dtype).removeprefix("torch.")
        else:
            kind, dtype, values = (
                ("scalar" if isinstance(sent, np.generic) else "array"),
                sent.dtype.name,
                np.asarray(sent),
            )
        native = values.astype(values.dtype.newbyteorder("="))
        return (received.kind, received.dtype, received.values.shape) == (kind, dtype, values.shape) and (
            received.values.tobytes() == native.tobytes()
        )
    if type(sent) is not type(received):
        return type(sent) is np.float64 and type(received) is float and repr(float(sent)) == repr(received)
    if isinstance(sent, dict):
        return list(sent) == list(received) and all(same(sent[key], received[key]) for key in sent)
    if isinstance(sent, list | tuple):
        return len(sent) == len(received) and all(map(same, sent, received))
    return repr(sent) == repr(received)


def numpy_arrays() -> st.SearchStrategy[Any]:
    shapes = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    return st.sampled_from(NUMPY_DTYPES).flatmap(lambda dtype: arrays.arrays(np.dtype(dtype), shapes))


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    dtype = getattr(torch, draw(st.sampled_from(TORCH_DTYPES)))
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 1000)))
    values = torch.randn(shape, generator=generator)
    if dtype is torch.bool:
        values = values > 0
    elif not (dtype.is_floating_point or dtype.is_complex):
        values = (values * 50).abs()
    tensor = values.to(dtype)
    if tensor.ndim > 1 and draw(st.booleans()):
        tensor = tensor.transpose(0, -1)
    if draw(st.booleans()) and (dtype.is_floating_point or dtype.is_complex):
        tensor.requires_grad_(True)  # noqa: FBT003 - torch's own signature
    return tensor


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.sampled_from(UNCOMMON_FLOATS)
    | st.text(st.characters(), max_size=20)
    | numpy_arrays()
    | tensors()
    | st.floats().map(np.float64)
    | st.floats(width=32).map(np.float32)
    | st.integers(-100, 100).map(np.int8)
)
OBSERVATIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(OBSERVATIONS)
@example("\ud800 a lone surrogate")
@example({"\ud800": [torch.zeros(0, 3), ()]})
def test_every_observation_comes_back_as_it_was(observation: Any) -> None:
    tree, body = encode(observation)
    header, received = read_frame(reader(pack({"observation": tree}, body)))
    assert same(observation, decode(header["observation"], received))


@pytest.mark.parametrize("dtype", TORCH_DTYPES)
def test_a_tensor_of_every_dtype_comes_back(dtype: str) -> None:
    tensor = torch.tensor([[0, 1, 1], [1, 0, 1]]).to(getattr(torch, dtype)).t()
    received = decode(*encode(tensor))
    assert (received.kind, received.dtype) == ("tensor", dtype)
    assert received.values.tolist() == [[0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("dtype", ["int16", "float32", "complex64"])
def test_an_array_of_the_other_byte_order_keeps_its_values(dtype: str) -> None:
    array = np.array([1, 2, 300]).astype(np.dtype(dtype).newbyteorder(">"))
    assert decode(*encode(array)).values.tolist() == [1, 2, 300]


def test_conjugated_and_negated_views_come_back_as_their_values() -> None:
    values = torch.tensor([1 + 2j, 3 - 4j])
    assert decode(*encode(values.conj())).values.tolist() == [1 - 2j, 3 + 4j]
    assert decode(*encode(values.conj().imag)).values.tolist() == [-2.0, 4.0]


class Liar(torch.Tensor):
    """A tensor that could answer for itself."""


class Text(str):
    """A string that could answer for itself."""

    __slots__ = ()


def cyclic() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


UNFIT = {
    "a tensor of a class of its own": (
        torch.zeros(2).as_subclass(Liar),
        "Liar, a subclass of Tensor, cannot be compared",
    ),
    "a string of a class of its own": (Text("a"), "Text, a subclass of str, cannot be compared"),
    "a function": (len, "a value of type builtin_function_or_method cannot be compared"),
    "a set": ({1}, "a value of type set cannot be compared"),
    "an array of objects": (np.array([None]), "dtype object cannot be compared"),
    "an array of text": (np.array(["a"]), "dtype str32 cannot be compared"),
    "a masked array": (np.ma.masked_array([1.0]), "MaskedArray, a subclass of ndarray, cannot be compared"),
    "a sparse tensor": (
        torch.eye(2).to_sparse(),
        "expected a dense tensor on the CPU, found torch.sparse_coo on cpu",
    ),
    "a meta tensor": (
        torch.zeros(2, device="meta"),
        "expected a dense tensor on the CPU, found torch.strided on meta",
    ),
    "a huge tensor": (torch.zeros(1).expand(1 << 25), "shape (33554432,) is too large to compare"),
    "too many dimensions": (np.zeros([1] * 17), "is too large to compare"),
    "too many values": ([0] * 20_000, "more than 10000 values in one result"),
    "a list in itself": (cyclic(), "nested more than 8 deep"),
    "a wide integer": (1 << 5000, "an integer of 5001 bits is too large to compare"),
    "a long string": ("a" * 70_000, "a string of 70000 characters is too long to compare"),
    "a number as a key": ({1: 2}, "a key of a dict must be a short string, found int"),
    "much text": (["\x01" * 60_000] * 10, "more than 2 MiB of text in one result"),
    "much text in keys": (
        {f"{n}{'é' * 60_000}": 0 for n in range(10)},
        "more than 2 MiB of text in one result",
    ),
    "many wide integers": ([1 << 2000] * 9000, "more than 2 MiB of text in one result"),
}


@pytest.mark.parametrize(("value", "says"), UNFIT.values(), ids=UNFIT.keys())
def test_a_value_that_may_not_travel_is_named_with_its_place(value: Any, says: str) -> None:
    with pytest.raises(WireError) as caught:
        encode({"output": (1, value)})
    assert str(caught.value).startswith("output")
    assert says in str(caught.value)


def test_an_observation_that_is_too_large_in_all_is_refused_although_no_array_is() -> None:
    with pytest.raises(WireError, match=r"^\[2\]: shape \(8388608,\) is too large"):
        encode([torch.zeros(1 << 23)] * 3)


def test_what_the_largest_observation_writes_fits_into_one_header() -> None:
    shape = [1] * codec.MOST_DIMENSIONS
    text = ["é" * 58_000] * 3
    tree, body = encode({"text": text, "arrays": [np.zeros(shape, "complex128")] * 9_990})
    header, _ = read_frame(reader(pack({"observation": tree}, body)))
    assert header["observation"] == tree


JUNK_TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "tensor",
            "array",
            "scalar",
            "dict",
            "list",
            "tuple",
            "int",
            "float",
            "str",
            "bool",
            "none",
            *codec.DTYPES,
        ]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=10,
)


@settings(deadline=None)
@given(JUNK_TREES, st.binary(max_size=40))
@example(["array", "float32", [0, 1 << 26, 1 << 26, 1 << 26]], b"")
@example(["array", "float32", [1 << 26] * 16], b"")
@example(["tensor", "float32", [True]], b"0000")
@example(["tensor", "float32", [-1]], b"0000")
@example(["tensor", "float32", [1.0]], b"0000")
@example(["tensor", ["float32"], [1]], b"0000")
@example(["scalar", "float32", [1]], b"0000")
@example(["int", "9" * 5000], b"")
@example(["int", "١٢"], b"")
@example(["int", "--1"], b"")
@example(["int", True], b"")
@example(["float", "0x1p99999999999999999"], b"")
@example(["float", "\ud800"], b"")
@example(["dict", [["a", ["none"]], ["a", ["none"]]]], b"")
@example(["dict", [["a" * 70_000, ["none"]]]], b"")
@example(["str", "a" * 70_000], b"")
@example([], b"")
@example(None, b"")
def test_a_tree_that_no_encoder_wrote_is_refused_and_nothing_else_happens(tree: Any, body: bytes) -> None:
    try:
        value = decode(tree, body)
    except WireError:
        return
    assert size(value) <= 10_000


def size(value: Any) -> int:
    if isinstance(value, Array):
        return int(value.values.nbytes)
    if isinstance(value, list | tuple | dict):
        return sum(size(each) for each in (value.values() if isinstance(value, dict) else value))
    return len(str(value))


@pytest.mark.parametrize(
    "tree",
    [
        ["dict", [["a", ["none"]], ["a", ["none"]]]],
        ["dict", [["a" * 70_000, ["none"]]]],
        ["scalar", "float32", [1]],
        ["tensor", "object", []],
        ["tensor", "float32", [True]],
        ["tensor", "float32", [-1]],
        ["tensor", "float32", [2]],
        ["int", "0x10"],
        ["float", "one"],
        ["bool", 1],
        ["set", []],
        ["list", [["none"]] * 20_000],
    ],
)
def test_a_tree_with_one_thing_wrong_is_refused(tree: Any) -> None:
    with pytest.raises(WireError):
        decode(tree, b"0000")


def test_bytes_that_belong_to_no_array_are_refused() -> None:
    tree, body = encode(np.zeros(3, "float32"))
    assert decode(tree, body).values.tolist() == [0, 0, 0]
    with pytest.raises(WireError, match="belong to no array"):
        decode(tree, body + b"\0")


def test_nesting_deeper_than_an_encoder_writes_is_refused() -> None:
    tree: Any = ["none"]
    for _ in range(codec.DEEPEST):
        tree = ["list", [tree]]
    assert decode(tree, b"") == encode_and_back(codec.DEEPEST)
    with pytest.raises(WireError):
        decode(["list", [tree]], b"")


def encode_and_back(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return decode(*encode(value))
