"""What in a submission's text a grader may want to look at: shown beside a verdict, never part of it.

The tree is read; nothing is run or imported. Names are followed through imports, aliases and scopes, as far as
a text tells: it points at what is unusual, and does not stop anyone who wants to hide.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from torch_judge.model.report import MOST_FLAGS, Flag

LONGEST_TEXT = 120


def _table(*rows: tuple[str, str]) -> dict[str, str]:
    return {sign: says for signs, says in rows for sign in signs.split(", ")}


# Paths, whole or the beginnings of longer ones.
NAMES = _table(
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
SAYS = _table(
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
FAMILIES = ("os.exec", "os.spawn", "os.posix_spawn", "torch._", "torch_judge.")
USED = {
    *(
        "__subclasses__",
        "__bases__",
        "__base__",
        "__mro__",
        "__globals__",
        "__builtins__",
        "f_globals",
        "f_builtins",
    ),
    *("f_locals", "tb_frame", "gi_frame", "cr_frame", "cell_contents"),
}
ASSIGNED = {"__code__", "__defaults__", "__kwdefaults__", "__class__"}
DEFINED = {"__class__", "__torch_function__", "__torch_dispatch__"}
PUBLIC = {
    *("*", "CaseResult", "Diagnosis", "Report", "Sheet", "Verdict", "check"),
    *("hint", "history", "reset", "solution", "status", "template"),
}
LIBRARIES = sys.stdlib_module_names | {"torch", "numpy", "scipy", "torch_judge"}
NOT_OF_LIBRARY = (
    "builtins.",
    "torch.backends.",
)  # dict, str and such; settings that PyTorch's own pages tell people to assign
TABLES_OF_NAMES = {"__dict__", "__getattribute__", "__getattr__"}
SYSTEM_FILES = ("/proc/", "/etc/")
IMPORTERS = {"builtins.__import__", "importlib.import_module", "importlib.__import__"}
OPENERS = {
    "builtins.open",
    "io.open",
    "io.FileIO",
    "os.open",
    "os.listdir",
    "os.scandir",
    "pathlib.Path",
    "glob.glob",
    "codecs.open",
}
ROOTS = {each.partition(".")[0] for each in (*NAMES, *FAMILIES)}
SEVERAL = 8  # as many things a name may stand for, and as many steps are followed: `a = a.b` a thousand times is a bomb

LINE_END = re.compile(r"\r\n?|\n")
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A joiner belongs in emoji and in Persian words: only beside ASCII does it hide something.
ZERO_WIDTH = re.compile(
    "[\u200b\u2060\ufeff]|(?<=[\\x00-\\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\\x00-\\x7f])"
)
LIKE_LATIN = {"CYRILLIC", "ARMENIAN", "CHEROKEE"}
# Omicron and the capitals that Latin has too; gamma, nu and rho are what mathematicians write.
GREEK_LIKE_LATIN = frozenset(
    "\u03bf\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_USES = {
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Constant,
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
}
_EMPTY = (ast.Name, ast.Constant, ast.expr_context, ast.Import, ast.ImportFrom)
_BINDS_NOTHING = (
    ast.Attribute,
    ast.Call,
    ast.Constant,
    ast.BinOp,
    ast.expr_context,
)  # and there are many of them
_COMPREHENSIONS = {ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp}
_NOTHING: ast.expr = ast.Constant(None)  # in the place of an argument that is not there


@dataclass(slots=True)
class Scope:
    """The names that are bound somewhere in a scope, and the dotted paths that each may stand for, where that is known."""

    outer: Scope | None = None
    of_class: bool = False
    names: dict[str, set[str]] = field(default_factory=dict)

    def bind(self, name: str, paths: Iterable[str] = ()) -> None:
        """Add a name, and what it may stand for."""
        known = self.names.setdefault(name, set())
        if len(known) < SEVERAL:
            known.update(paths)

    def find(self, name: str) -> set[str]:
        """Return what a name may stand for: an own or an outer name, or else a built-in one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return {f"builtins.{name}"}

    def inside(self, *, of_class: bool = False) -> Scope:
        """Return a new scope in this one; the names of a class are not seen from its methods."""
        return Scope(self.outer if self.of_class else self, of_class)


def audit(cells: Iterable[tuple[str, str]]) -> tuple[Flag, ...]:
    """Return what is worth a look in texts (name, plain Python): at most 20 flags, one for each sign and name.

    The cells of a notebook share their global names; a text called `*.py` is a file, with names of its own.
    """
    shared = Scope()
    parsed = [(name, source, tree) for name, source in cells if (tree := _parse(source)) is not None]
    read = [
        (name, source, _uses(tree, Scope() if name.endswith(".py") else shared))
        for name, source, tree in parsed
    ]
    flags: dict[tuple[str, str], Flag] = {}
    for name, source, uses in read:
        lines = LINE_END.split(source)
        found = [*_letters(source), *(each for node, scope in uses for each in _signs(node, scope))]
        for line, sign in sorted(found):
            if (sign, name) not in flags:
                text = "".join(lines[line - 1 : line]).strip()
                flags[sign, name] = Flag(sign, SAYS[sign], line, name, text[:LONGEST_TEXT])
    return tuple(flags.values())[:MOST_FLAGS]


def _parse(source: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for whoever runs it
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# --- names ---


def _uses(tree: ast.Module, shared: Scope) -> list[tuple[ast.AST, Scope]]:
    """Bind the names of a text, and return what may be worth a look; it is judged when all is bound."""
    uses = list[tuple[ast.AST, Scope]]()
    stack: list[tuple[ast.AST, Scope]] = [(tree, shared)]
    while stack:
        node, scope = stack.pop()
        if type(node) in _USES:
            uses.append((node, scope))
        if not isinstance(node, _EMPTY):
            stack += reversed(_parts(node, scope))
        if not isinstance(node, _BINDS_NOTHING):
            for name, paths in _bound(node, scope):
                scope.bind(name, paths)
    return uses


def _bound(node: ast.AST, scope: Scope) -> Iterator[tuple[str, set[str]]]:
    """Yield the names that a node binds, with what they may stand for."""
    match node:
        case ast.Import():
            for alias in node.names:
                yield alias.asname or _root(alias.name), {alias.name if alias.asname else _root(alias.name)}
        case ast.ImportFrom():
            yield from ((alias.asname or alias.name, {path}) for alias, path in _imported(node))
        case ast.Assign(targets=targets, value=value):
            yield from ((each.id, _paths(value, scope)) for each in targets if isinstance(each, ast.Name))
        case (
            ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            | ast.NamedExpr(target=ast.Name(id=name), value=value)
        ):
            yield name, _paths(value, scope)
        case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=values) | ast.List(elts=values)):
            yield from ((name, _paths(value, scope)) for value in values)
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name, set()
        case _ if isinstance(
            known := getattr(node, "name", None), str
        ):  # functions, classes, caught errors, matches
            yield known, set()


def _parts(node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
    """Return the parts of a node, each with the scope that it stands in, without those that a use of the whole covers."""
    match node:
        case ast.Attribute(value=base):
            while isinstance(base, ast.Attribute):
                base = base.value
            return [] if isinstance(base, ast.Name) else [(base, scope)]
        case ast.Compare(
            left=ast.Constant(),
            ops=[ast.In() | ast.NotIn()],
            comparators=[ast.Attribute(attr="modules", value=base)],
        ):
            return [(base, scope)]  # `"google.colab" in sys.modules` is what notebooks ask
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            inside = scope.inside()
            for parameter in ast.iter_child_nodes(node.args):
                if isinstance(parameter, ast.arg):
                    inside.bind(parameter.arg)
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            around = (
                [node.args]
                if isinstance(node, ast.Lambda)
                else [*node.decorator_list, node.args, node.returns or _NOTHING]
            )
        case ast.ClassDef():
            inside, body = scope.inside(of_class=True), node.body
            around = [*node.decorator_list, *node.bases, *node.keywords]
        case _:
            inside = scope.inside() if type(node) in _COMPREHENSIONS else scope
            return [(each, inside) for each in ast.iter_child_nodes(node)]
    return [*((each, scope) for each in around), *((each, inside) for each in body)]


# --- paths ---


def _root(path: str) -> str:
    return path.partition(".")[0]


def _imported(node: ast.Import | ast.ImportFrom) -> list[tuple[ast.alias, str]]:
    """Return what an import names, with its path; what lies beside the submission has one that no library has."""
    module = f"{'.' * node.level}{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return [(alias, f"{module}{alias.name}") for alias in node.names]


def _unwind(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """Take the attributes off an expression, in whichever way they are written: `a.b`, `getattr(a, "b")`, `(c := a).b`."""
    names = list[str]()
    for _ in range(SEVERAL):
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        match node:
            case ast.NamedExpr(value=inner):
                node = inner
            case ast.Call(func=ast.Name(id="getattr"), args=[inner, ast.Constant(value=str(name)), *_]):
                names.append(name)
                node = inner
            case _:
                break
    return node, names[::-1]


def _paths(node: ast.expr, scope: Scope) -> set[str]:
    """Return the dotted paths that an expression may stand for; none where it is not a name, an import or a part of one."""
    base, names = _unwind(node)
    match base:
        case ast.Name(id=name):
            roots = scope.find(name)
        case ast.Call(
            func=ast.Name() | ast.Attribute(value=ast.Name()), args=[ast.Constant(value=str(module)), *_]
        ):
            roots = {module, _root(module)} if _paths(base.func, scope) & IMPORTERS else set()
        case _:
            roots = set()
    return {".".join((root, *names[:SEVERAL])) for root in roots}


def _is_library(node: ast.expr, scope: Scope) -> bool:
    """Tell whether an expression may stand for a module or class of Python, PyTorch or NumPy, a setting of theirs apart."""
    return any(
        _root(path) in LIBRARIES and not path.startswith(NOT_OF_LIBRARY) for path in _paths(node, scope)
    )


# --- signs ---


def _signs(node: ast.AST, scope: Scope) -> Iterator[tuple[int, str]]:
    """Find the lines and signs of a use."""
    match node:
        case ast.Name(id=name, lineno=line):
            yield from ((line, sign) for path in scope.find(name) for sign in _known(path))
        case ast.Attribute(lineno=line) | ast.Call(lineno=line):
            yield from ((line, sign) for path in _paths(node, scope) for sign in _known(path))
            signs = (
                _signs_of_attribute(node, scope)
                if isinstance(node, ast.Attribute)
                else _signs_of_call(node, scope)
            )
            yield from ((line, sign) for sign in signs)
        case ast.Constant(value=str(text), lineno=line):
            if text in USED:
                yield line, text
            if f"{text}/".startswith(SYSTEM_FILES):
                yield line, "file"
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.lineno, sign) for alias, path in _imported(node) for sign in _known(path))
        case ast.FunctionDef(name=name, lineno=line) | ast.AsyncFunctionDef(name=name, lineno=line) if (
            name in DEFINED
        ):
            yield line, name


def _known(path: str) -> Iterator[str]:
    """Yield the sign that a path is, or begins with."""
    parts = path.split(".", SEVERAL)
    if parts[0] not in ROOTS:
        return
    beginnings = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    if sign := next((each for each in beginnings if each in NAMES), None):
        yield sign.removeprefix("builtins.")
    elif (
        len(parts) > 1
        and not parts[1].startswith("__")
        and not (parts[0] == "torch_judge" and parts[1] in PUBLIC)
    ):
        yield from (family for family in FAMILIES if path.startswith(family))


def _signs_of_attribute(node: ast.Attribute, scope: Scope) -> Iterator[str]:
    if not isinstance(node.ctx, ast.Load):
        yield from _signs_of_change(node.value, node.attr, scope)
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        if inner.attr in USED:
            yield inner.attr
        if inner.attr in TABLES_OF_NAMES and _is_library(inner.value, scope):
            yield "computed attribute"
        inner = inner.value


def _signs_of_change(owner: ast.expr, name: str, scope: Scope) -> Iterator[str]:
    """Find the signs of an attribute that is set or deleted."""
    if name in ASSIGNED:
        yield name
    if _is_library(owner, scope):
        yield "patched"


def _signs_of_call(node: ast.Call, scope: Scope) -> Iterator[str]:
    """Find the signs of a call by what is called and how its first arguments are written."""
    called = _paths(node.func, scope) if isinstance(node.func, ast.Name | ast.Attribute) else set()
    first, second, *_ = (*node.args, *(each.value for each in node.keywords), _NOTHING, _NOTHING)
    literal = second.value if isinstance(second, ast.Constant) and isinstance(second.value, str) else ""
    if called & OPENERS and isinstance(first, ast.Constant) and "torch_judge" in str(first.value):
        yield "file"
    if called & IMPORTERS and not isinstance(first, ast.Constant):
        yield "computed import"
    if "importlib.reload" in called and _is_library(first, scope):
        yield "reloaded"
    if called & {"builtins.setattr", "builtins.delattr"}:
        yield from _signs_of_change(first, literal, scope)
    if ("builtins.vars" in called or ("builtins.getattr" in called and not literal)) and _is_library(
        first, scope
    ):
        yield "computed attribute"
    if "operator.attrgetter" in called and not isinstance(first, ast.Constant):
        yield "computed attribute"


# --- letters ---


def _letters(source: str) -> Iterator[tuple[int, str]]:
    """Find characters that hide something, and names that are not what they look like."""
    if source.isascii():
        return
    for sign, pattern in (("bidirectional control", BIDIRECTIONAL), ("zero-width character", ZERO_WIDTH)):
        if seen := pattern.search(source):
            yield len(LINE_END.findall(source, 0, seen.start())) + 1, sign
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline=None).readline):
            if token.type == tokenize.NAME and not token.string.isascii():
                yield from ((token.start[0], sign) for sign in _signs_of_name(token.string))
    except (
        SyntaxError,
        tokenize.TokenError,
    ):  # it knows fewer texts than the parser, which has read this one
        return


def _signs_of_name(name: str) -> Iterator[str]:
    # That a name is not in its normal form matters where it hides an ASCII name: \N{MICRO SIGN} for a Greek mu is honest.
    if any(
        not each.isascii() and any(map(str.isascii, unicodedata.normalize("NFKC", each))) for each in name
    ):
        yield "look-alike letters"
    for word in name.split("_"):
        scripts = {unicodedata.name(each, "").partition(" ")[0] for each in word if each.isalpha()}
        if "LATIN" in scripts and (scripts & LIKE_LATIN or GREEK_LIKE_LATIN & set(word)):
            yield "mixed scripts"
