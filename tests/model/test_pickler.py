"""What a live object needs that cloudpickle alone would lose is made again where the pickle is read."""

from __future__ import annotations

import functools
import io
import pickle
import sys
from typing import Any

import pytest
import torch

from torch_judge.model.pickler import DeviceError, pickle_live


def define(source: str, name: str = "f", *, file: str = "<cell>") -> Any:
    """Return an object as a notebook defines it: in `__main__`, from a file that only the session knows."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def carry(value: Any) -> Any:
    return pickle.loads(pickle_live(value).data)


CACHES = {
    "a cached helper": "@functools.lru_cache(maxsize=3)\ndef h(x): return x + 1\ndef f(x): return h(x)",
    "a cached entry point": "@functools.cache\ndef f(x): return x + 1",
    "one that calls itself": "@functools.cache\ndef f(x): return 3 if x > 9 else f(x + 9)",
    "a method": (
        "class G:\n    @functools.cache\n    def go(self, x): return x + 1\ndef f(x): return G().go(x)"
    ),
    "one that two hold": (
        "@functools.cache\ndef h(x): return object()\ng = h\ndef f(x): return 3 * (g(x) is h(x))"
    ),
    "one inside a closure": (
        "def o():\n    h = functools.cache(lambda x: x + 1)\n    return lambda x: h(x)\nf = o()"
    ),
}


@pytest.mark.parametrize("source", CACHES.values(), ids=CACHES.keys())
def test_a_function_in_a_cache_travels(source: str) -> None:
    assert carry(define(f"import functools\n{source}"))(2) == 3


def test_a_cache_keeps_its_settings_and_starts_empty() -> None:
    cached = define("import functools\n@functools.lru_cache(3, typed=True)\ndef f(x): return x")
    cached(1)
    arrived = carry(cached)
    assert arrived.cache_parameters() == {"maxsize": 3, "typed": True}
    assert arrived.cache_info().currsize == 0
    assert arrived.__name__ == "f"


@functools.cache
def cached_here(x: int) -> int:
    return x


def test_a_cache_of_a_module_travels_by_name() -> None:
    assert carry(cached_here) is cached_here


GENERIC = {
    "by type": "@h.register\ndef _(x: int): return x + 1\ndef f(x): return h(x)",
    "one that calls itself": "@h.register\ndef _(x: int): return h(str(x)) + 1\ndef f(x): return h(x) - 2",
    "the entry point": "@h.register(int)\ndef go(x): return x + 1\nf = h",
}


@pytest.mark.parametrize("source", GENERIC.values(), ids=GENERIC.keys())
def test_a_generic_function_travels_with_what_was_registered(source: str) -> None:
    default = "@functools.singledispatch\ndef h(x): return h and 4\n"
    assert carry(define(f"import functools\n{default}{source}"))(2) == 3


COMPILED = {
    "the entry point": "@torch.compile\ndef f(x): return x + 1",
    "with settings": "@torch.compile(fullgraph=True, dynamic=False)\ndef f(x): return x + 1",
    "a helper": "@torch.compile\ndef h(x): return x + 1\ndef f(x): return h(x)",
    "by assignment": "def f(x): return x + 1\nf = torch.compile(f)",
    "one that calls itself": "@torch.compile\ndef f(x): return 3 if x > 9 else f(x + 9)",
    "a module": (
        "class M(torch.nn.Module):\n    def forward(self, x): return x + 1\nm = torch.compile(M())\n"
        "def f(x): return m(x)"
    ),
    "below a wrapper": (
        "def more(g):\n    def inner(x): return g(x) + 1\n    return inner\n"
        "@more\n@torch.compile\ndef f(x): return x"
    ),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of PyTorch's own, as it loads its compiler
@pytest.mark.parametrize("source", COMPILED.values(), ids=COMPILED.keys())
def test_what_was_compiled_travels_as_what_it_was_made_of(source: str) -> None:
    assert carry(define(f"import torch\n{source}"))(2) == 3


def test_a_wrapper_that_has_the_attributes_of_what_was_compiled_is_not_taken_for_it() -> None:
    wrapper = define("def f(x): return x")
    wrapper._torchdynamo_orig_callable = print
    assert carry(wrapper)(2) == 2


class Outlet(io.StringIO):
    """A stream of a kernel."""

    def __reduce__(self) -> Any:
        raise TypeError("no")


def test_a_stream_of_the_session_is_the_one_of_the_place_of_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Outlet())
    function = define("import sys\nout = sys.stdout\ndef f(): return out")
    pickled = pickle_live(function).data
    monkeypatch.setattr(sys, "stdout", there := Outlet())
    assert pickle.loads(pickled)() is there


def test_code_knows_its_file_wherever_it_is_defined() -> None:
    source = "class G:\n    def go(self): return lambda: 3\ndef f(): return G().go()"
    pickled = pickle_live(define(source, file="/kernel/7.py"))
    assert "/kernel/7.py" in pickled.files
    arrived = pickle.loads(pickled.data)
    assert arrived.__code__.co_filename == arrived().__code__.co_filename == "/kernel/7.py"


def test_a_higher_recursion_limit_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(4321)
        pickled = pickle_live(define("def f(): pass")).data
        sys.setrecursionlimit(usual)
        pickle.loads(pickled)
        assert sys.getrecursionlimit() == 4321
    finally:
        sys.setrecursionlimit(usual)


PATCHES = {
    "a method": (torch.Tensor, "root_here", "def root_here(x): return half(x) * 3", "x.root_here()"),
    "a property": (torch.Tensor, "root_here", "root_here = property(lambda x: half(x) * 3)", "x.root_here"),
    "a function": (torch.nn.functional, "root_here", "def root_here(x): return x + x + x", "F.root_here(x)"),
    "a function under a short name": (
        torch,
        "root_here",
        "def root_here(x): return x * 3",
        "F.torch.root_here(x)",
    ),
}


@pytest.mark.parametrize(("owner", "name", "source", "use"), PATCHES.values(), ids=PATCHES.keys())
def test_what_was_put_onto_a_library_travels(
    owner: Any, name: str, source: str, use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = "def half(x): return x.other_here()\n"
    other = define("def other_here(x): return x", "other_here")
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, define(helper + source, name), raising=False)
        patched.setattr(torch.Tensor, "other_here", other, raising=False)
        patched.setattr(torch.Tensor, "not_read_here", other, raising=False)
        pickled = pickle_live(define(f"import torch.nn.functional as F\ndef f(x): return {use}")).data
    assert not hasattr(owner, name)
    try:
        assert pickle.loads(pickled)(torch.tensor(1.0)) == 3
        assert not hasattr(torch.Tensor, "not_read_here")
    finally:
        for place, put in ((owner, name), (torch.Tensor, "other_here")):
            if hasattr(place, put):
                delattr(place, put)


class Far(torch.Tensor):
    """A tensor that says that it lies on a GPU; there is none here."""

    @property
    def device(self) -> torch.device:
        """Say where it lies."""
        return torch.device("cuda:0")

    def detach(self) -> Any:
        """Return itself."""
        return self

    def to(self, _device: str) -> torch.Tensor:
        """Bring it back."""
        return self.as_subclass(torch.Tensor).clone().detach()


class Lost(Far):
    """A tensor that cannot be brought back."""

    def to(self, _device: str) -> torch.Tensor:
        """Fail as a driver does."""
        raise RuntimeError("device lost")


def test_a_tensor_on_a_device_arrives_on_the_cpu() -> None:
    arrived = carry(torch.ones(2).as_subclass(Far))
    assert type(arrived) is torch.Tensor
    assert arrived.device.type == "cpu"
    assert arrived.tolist() == [1, 1]


def test_a_tensor_that_cannot_leave_its_device_is_said() -> None:
    with pytest.raises(DeviceError, match="a tensor on cuda:0 cannot be brought to the CPU: device lost"):
        pickle_live(torch.ones(2).as_subclass(Lost))


def test_tensors_that_workers_can_hold_arrive_as_they_are() -> None:
    assert carry(torch.ones(2, device="meta")).device.type == "meta"
    parameter = carry(torch.nn.Parameter(torch.ones(2)))
    assert isinstance(parameter, torch.nn.Parameter)


def test_a_device_arrives_as_the_cpu() -> None:
    assert carry(torch.device("cuda:0")) == torch.device("cpu")
    assert carry(torch.device("meta")) == torch.device("meta")


def test_a_text_that_names_a_device_is_told() -> None:
    source = 'DEVICE = "cuda:0"\nWORD = "cuda and more"\ndef f(x): return x.to(DEVICE), WORD'
    assert pickle_live(define(source)).accelerators == ("DEVICE",)
