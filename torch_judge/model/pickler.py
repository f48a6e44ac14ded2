"""Pickle a live object so that it can be made again where nothing of its session is there.

cloudpickle carries functions and classes by value. What it cannot carry, or carries in name alone, is
carried here as a call that makes it again: caches, compiled functions, streams, patches, tensors on a device,
the names of files.
"""

from __future__ import annotations

import io
import operator
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import _lru_cache_wrapper, lru_cache, singledispatch
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final, NoReturn

import cloudpickle

MAINS: Final = frozenset({"__main__", "__mp_main__"})
"""What the main script is called, in a process of multiprocessing too."""
MOST_ROUNDS: Final = 8
USUAL_RECURSION_LIMIT: Final = 1000
_WHERE_WORKERS_ARE: Final = {"cpu", "meta"}
_ACCELERATOR: Final = re.compile(r"(?:cuda|mps|xpu)(?::\d+)?")
_STREAMS: Final = ("stdout", "stderr", "stdin", "__stdout__", "__stderr__", "__stdin__")
_PATCHED_LIBRARIES: Final = ("builtins", "torch", "torch.nn", "torch.nn.functional", "numpy")


@dataclass(frozen=True, slots=True)
class Pickled:
    """A pickle, and what was seen on the way through the object.

    `files` are those that its code comes from, `names` what the code reads, globals and attributes alike, and
    `accelerators` the globals that name a device which no worker has.
    """

    data: bytes
    files: frozenset[str]
    names: frozenset[str]
    accelerators: tuple[str, ...]


class DeviceError(Exception):
    """A tensor cannot be brought to where workers compute."""


def pickle_live(value: Any) -> Pickled:
    """Pickle an object with the recursion limit and patches that it needs; raises what pickling raises."""
    patches: list[_Call] = []
    for _ in range(MOST_ROUNDS):
        pickler, data = _dump(_begin_with([*_carry_recursion_limit(), *patches], value))
        found = list(_find_patches(pickler.names, pickler.modules))
        if len(found) == len(patches):  # the code of a patch may rely on another
            break
        patches = found
    return Pickled(data, frozenset(pickler.files), frozenset(pickler.names), tuple(pickler.accelerators))


def _dump(value: Any) -> tuple[_Pickler, bytes]:
    with io.BytesIO() as file:
        pickler = _Pickler(file)
        pickler.dump(value)
        return pickler, file.getvalue()


class _Call:
    """A call that is made where the pickle is read; what it returns stands in its place."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._function, self._arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self._function, self._arguments

    def __call__(self) -> NoReturn:
        """Pass for a function, as pickling asks of what is called."""
        raise TypeError("this call is made where the pickle is read")


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """cloudpickle's pickler, with a way for what it cannot carry."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.files, self.names = set[str](), set[str]()
        self.modules: list[ModuleType] = []
        self.accelerators: list[str] = []

    def reducer_override(self, value: Any) -> Any:
        """Say how an object is made again; called for all but numbers, texts and plain containers."""
        if isinstance(value, CodeType):
            return self._reduce_code(value)
        if isinstance(value, ModuleType):
            self.modules.append(value)
        for reduce in (_reduce_cache, _reduce_dispatch, _reduce_compiled, _reduce_stream, _reduce_device):
            if (reduced := reduce(value)) is not None:
                return reduced
        reduced = super().reducer_override(value)
        if isinstance(value, FunctionType) and isinstance(reduced, tuple):
            self.accelerators += _find_accelerators(value)
        return reduced

    def _reduce_code(self, code: CodeType) -> tuple[Any, ...]:
        """Reduce code as cloudpickle does, and give it its file's name back, which some versions drop."""
        self.files.add(code.co_filename)
        self.names.update(code.co_names)
        function, arguments = self.dispatch_table[CodeType](code)
        bare = _Call(function, *arguments)
        return operator.methodcaller("replace", co_filename=code.co_filename), (bare,)


def _begin_with(calls: list[_Call], value: Any) -> Any:
    """Have calls made before a value is."""
    return _Call(operator.itemgetter(-1), (*calls, value)) if calls else value


def _hand_over(value: Any) -> tuple[Any, ...]:
    """Reduce an object to another."""
    return operator.itemgetter(0), ((value,),)


def _carry_recursion_limit() -> Iterator[_Call]:
    limit = sys.getrecursionlimit()
    if limit > USUAL_RECURSION_LIMIT:
        yield _Call(sys.setrecursionlimit, limit)


def _reduce_cache(value: Any) -> tuple[Any, ...] | None:
    """Reduce a cached function to the function and an empty cache; one of a module goes by its name."""
    if type(value) is not _lru_cache_wrapper or _is_importable(value):
        return None
    attributes = {name: given for name, given in vars(value).items() if not name.startswith("__")}
    return _Call(lru_cache, *value.cache_parameters().values()), (value.__wrapped__,), attributes or None


def _is_importable(value: Any) -> bool:
    module = getattr(value, "__module__", None)
    found: Any = None if module is None or module in MAINS else sys.modules.get(str(module))
    for name in getattr(value, "__qualname__", "").split("."):
        found = getattr(found, name, None)
    return found is value


def _reduce_dispatch(value: Any) -> tuple[Any, ...] | None:
    """Reduce a generic function of the main module to its default, with which the others are registered."""
    if not (
        isinstance(value, FunctionType) and value.__globals__.get("__name__") == singledispatch.__module__
    ):
        return None
    if value.__module__ not in MAINS or "registry" not in vars(value):
        return None
    kinds = dict(vars(value)["registry"])
    generic = _Call(singledispatch, kinds.pop(object))
    register = _Call(getattr, generic, "register")
    return operator.itemgetter(0), ((generic, *(_Call(register, *pair) for pair in kinds.items())),)


def _reduce_compiled(value: Any) -> tuple[Any, ...] | None:
    """Reduce what `torch.compile` made to what it was made of: no worker can compile."""
    if isinstance(value, FunctionType):
        # `functools.wraps` copies the attribute to wrappers of the learner's, which have work of their own
        own = str(value.__globals__.get("__name__")).startswith("torch._dynamo")
        original = vars(value).get("_torchdynamo_orig_callable") if own else None
    else:
        own = type(value).__name__ == "OptimizedModule" and type(value).__module__.startswith("torch._dynamo")
        original = value._modules["_orig_mod"] if own else None
    return None if original is None else _hand_over(original)


def _reduce_stream(value: Any) -> tuple[Any, ...] | None:
    """Reduce a stream of the session to the worker's."""
    name = next((name for name in _STREAMS if value is getattr(sys, name, None)), None)
    return None if name is None or value is None else (getattr, (sys, name))


def _reduce_device(value: Any) -> tuple[Any, ...] | None:
    """Reduce a device, and a tensor on one that workers have not, to the CPU."""
    torch: Any = sys.modules.get("torch")
    if not (hasattr(torch, "Tensor") and hasattr(torch, "device")):  # not there, or not yet whole
        return None
    if isinstance(value, torch.device):
        return None if value.type in _WHERE_WORKERS_ARE else (torch.device, ("cpu",))
    if isinstance(value, torch.Tensor) and value.device.type not in _WHERE_WORKERS_ARE:
        return _hand_over(_bring_to_cpu(torch, value))
    return None


def _bring_to_cpu(torch: Any, tensor: Any) -> Any:
    try:
        moved = tensor.detach().to("cpu")
    except Exception as error:  # whatever a device's library raises
        raise DeviceError(f"a tensor on {tensor.device} cannot be brought to the CPU: {error}") from error
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(moved, requires_grad=tensor.requires_grad)
    return moved.requires_grad_(tensor.requires_grad)


def _find_accelerators(function: FunctionType) -> Iterator[str]:
    """Find the globals of a function that name a device which no worker has."""
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, str) and _ACCELERATOR.fullmatch(value):
            yield name


def _find_patches(names: Collection[str], modules: Collection[ModuleType]) -> Iterator[_Call]:
    """Find what the session put onto a library's modules and classes, as far as code reads its name."""
    libraries = [sys.modules[name] for name in _PATCHED_LIBRARIES if name in sys.modules]
    owners: dict[int, Any] = {}
    for module in [*libraries, *modules]:
        owners[id(module)] = module
        owners |= {id(value): value for value in list(vars(module).values()) if isinstance(value, type)}
    for owner in owners.values():
        if not MAINS.isdisjoint({getattr(owner, "__name__", ""), getattr(owner, "__module__", "")}):
            continue  # it travels by value, whatever is on it
        members = vars(owner)
        for name in sorted(name for name in names if name in members):
            if _is_of_session(members[name]):
                yield _Call(setattr, owner, name, members[name])


def _is_of_session(member: Any) -> bool:
    """Tell whether a function, a method or a property was defined in the main module."""
    if isinstance(member, property):
        member = member.fget
    elif isinstance(member, staticmethod | classmethod):
        member = member.__func__
    return isinstance(member, FunctionType | _lru_cache_wrapper) and member.__module__ in MAINS
