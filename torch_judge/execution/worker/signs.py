"""The signs that an audit of a submission's text looks for, and what each of them means to a grader.

A sign is a dotted path, an attribute of anything, or a way of writing. Each has one sentence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Final

SEVERAL: Final = 8
"""So many things may a name stand for, and so many steps are followed: `a = a.b` over and over is a bomb."""


def _make_table(*rows: tuple[str, str]) -> dict[str, str]:
    return {sign: sentence for signs, sentence in rows for sign in signs.split(", ")}


NAMES: Final = _make_table(
    ("gc", "It can find every object of the process, the judge's too."),
    ("ctypes, _ctypes, cffi", "It can call C code and write into memory."),
    (
        "sys._getframe, sys._current_frames, inspect.stack, inspect.currentframe",
        "It can reach the variables of its callers.",
    ),
    (
        "inspect.trace, inspect.getouterframes, inspect.getinnerframes, traceback.walk_stack",
        "It can reach the variables of its callers.",
    ),
    (
        "sys.modules, sys.meta_path, sys.path_hooks",
        "It can search what is loaded, or change what an import finds.",
    ),
    (
        "sys.settrace, sys.setprofile, sys.monitoring, sys.addaudithook",
        "It is told of every call, also of the judge's.",
    ),
    ("__main__", "It can reach the program that runs the submission."),
    ("builtins.__builtins__", "It reaches Python's built-in functions, where they can be replaced."),
    ("builtins.eval, builtins.exec, builtins.compile, runpy", "It can run code that the text does not show."),
    (
        "marshal, pickle.loads, cloudpickle.loads, types.CodeType, types.FunctionType",
        "It can make functions that the text does not show.",
    ),
    ("importlib.machinery, importlib.util.spec_from_file_location", "It loads code past the usual import."),
    ("torch._C, torch.ops", "It reaches PyTorch's operators past their public functions."),
    ("torch.library", "It can register or replace PyTorch's operators."),
    (
        "torch._decomp, torch._refs, torch._prims",
        "It holds Python forms of PyTorch's operators, of forbidden ones too.",
    ),
    (
        "torch._inductor, torch._dynamo, torch.compile, torch.jit, torch.fx, torch.export",
        "It can rewrite operators into others.",
    ),
    ("torch.utils.cpp_extension, torch.classes", "It builds or loads code that is not Python."),
    (
        "torch.utils._python_dispatch, torch.overrides",
        "It can watch, change or switch off what happens at an operator.",
    ),
    (
        "torch.nn.utils.fusion, torch.ao, torch.quantization",
        "It merges batch normalisation into other layers.",
    ),
    ("torch.package, torch.hub, torch.load", "It loads code or weights from elsewhere."),
    (
        "torch.testing._internal, torch.nested._internal",
        "It holds Python forms of PyTorch's operators, of forbidden ones too.",
    ),
    ("torch._", "It is a private part of PyTorch."),
    ("torch_judge.", "It reaches into the judge."),
    ("unittest.mock.patch", "It replaces parts of other modules."),
    (
        "subprocess, multiprocessing, _posixsubprocess, pty, posix, torch.multiprocessing",
        "It can start other processes.",
    ),
    (
        "os.fork, os.forkpty, os.system, os.popen, os.exec, os.spawn, os.posix_spawn",
        "It starts another process or program.",
    ),
    ("os.kill, os.killpg, os._exit, os.abort", "It can end a process at once, this one too."),
    (
        "os.write, os.dup, os.dup2, os.close, os.closerange, fcntl",
        "It can use or close descriptors that belong to others.",
    ),
    ("os.symlink, os.link", "It leaves a link that something else may follow."),
    ("socket, _socket", "It can talk to the network or to other processes."),
    ("signal, faulthandler", "It can disarm time limits or end processes."),
    ("threading, _thread, concurrent", "It can run code beside the judge, and after the answer."),
    ("atexit", "It runs code when the process ends."),
    ("mmap, resource", "It can change the memory or the limits of the process."),
)
"""Paths, whole or the beginnings of longer ones."""
SAYS: Final = _make_table(
    # attributes, whatever they belong to
    ("__subclasses__, __bases__, __base__, __mro__", "It can find every class that is loaded."),
    ("__globals__, f_globals, f_builtins", "It reaches the global names of other code."),
    ("f_locals, tb_frame, gi_frame, cr_frame, cell_contents", "It can reach the variables of other code."),
    ("__code__, __defaults__, __kwdefaults__", "It changes what a function does after it was defined."),
    ("__class__", "It changes what an object says that it is."),
    ("__torch_function__, __torch_dispatch__", "It decides what PyTorch's operators do with its tensors."),
    # ways of writing
    (
        "computed attribute",
        "It takes things from a module by computed names, so the text does not show what is used.",
    ),
    ("computed import", "The name of the module is computed, so the text does not show what is used."),
    ("patched", "It replaces a part of a module or class that other code uses too."),
    ("reloaded", "It runs a library's code again, which undoes changes in it."),
    ("file", "It names a file of the system or of the judge."),
    ("bidirectional control", "The text may be shown in another order than the one in which it runs."),
    ("zero-width character", "The text holds characters that cannot be seen."),
    ("look-alike letters", "Python reads these letters as others, so a search for the name misses it."),
    ("mixed scripts", "A word mixes letters of several scripts that look the same."),
) | {path.removeprefix("builtins."): says for path, says in NAMES.items()}
"""Every sign and what it means: of paths, of attributes, and of ways of writing."""
# beginnings of names, not of paths: `torch._C` and whatever else is private
FAMILIES: Final = ("os.exec", "os.spawn", "os.posix_spawn", "torch._", "torch_judge.")
USED: Final = {
    *("__subclasses__", "__bases__", "__base__", "__mro__", "__globals__", "__builtins__"),
    *("f_globals", "f_builtins", "f_locals", "tb_frame", "gi_frame", "cr_frame", "cell_contents"),
}
"""Attributes that are a sign where they are read; the next two, where they are set and where defined."""
ASSIGNED: Final = {"__code__", "__defaults__", "__kwdefaults__", "__class__"}
DEFINED: Final = {"__class__", "__torch_function__", "__torch_dispatch__"}
PUBLIC: Final = {
    *("*", "CaseResult", "Certainty", "Counterexample", "Diagnosis", "Difficulty", "ErrorMap", "Explanation"),
    *("Flag", "Framework", "Limits", "Problem", "Report", "Reveals", "Sheet", "Topic", "TorchJudgeError"),
    *("UsageError", "Verdict", "check", "hint", "history", "judge", "problems", "reset", "solution"),
    *("status", "template"),
}
LIBRARIES: Final = sys.stdlib_module_names | {"torch", "numpy", "scipy", "torch_judge"}
NOT_OF_LIBRARY: Final = ("builtins.", "torch.backends.")
"""What may be changed: dict, str and such; settings that PyTorch's own pages tell people to assign."""
TABLES_OF_NAMES: Final = {"__dict__", "__getattribute__", "__getattr__"}
SYSTEM_FILES: Final = ("/proc/", "/etc/")
IMPORTERS: Final = {"builtins.__import__", "importlib.import_module", "importlib.__import__"}
OPENERS: Final = {
    *("builtins.open", "io.open", "io.FileIO", "os.open", "os.listdir", "os.scandir"),
    *("pathlib.Path", "glob.glob", "codecs.open"),
}
ROOTS: Final = {path.partition(".")[0] for path in (*NAMES, *FAMILIES)}

BIDIRECTIONAL: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A joiner belongs in emoji and in Persian words: only beside ASCII does it hide something.
ZERO_WIDTH: Final = re.compile(
    "[\u200b\u2060\ufeff]|(?<=[\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\\x00-\\x7f])"
)
LIKE_LATIN: Final = {"CYRILLIC", "ARMENIAN", "CHEROKEE"}
# Omicron and the capitals that Latin has too; gamma, nu and rho are what mathematicians write.
GREEK_LIKE_LATIN: Final = frozenset(
    "\u03bf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
)


def find_signs_of_path(path: str) -> Iterator[str]:
    """Find the sign that a path is, or begins with; the shortest beginning decides."""
    parts = path.split(".", SEVERAL)
    if parts[0] not in ROOTS:
        return
    beginnings = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    if sign := next((beginning for beginning in beginnings if beginning in NAMES), None):
        yield sign.removeprefix("builtins.")
    elif (
        len(parts) > 1
        and not parts[1].startswith("__")
        and not (parts[0] == "torch_judge" and parts[1] in PUBLIC)
    ):
        yield from (family for family in FAMILIES if path.startswith(family))
