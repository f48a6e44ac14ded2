"""What in a submission's text a grader may want to look at: shown beside a verdict, never part of it.

The tree is read; nothing is run or imported. Names are followed through imports, aliases and scopes, as far
as a text tells: it points at what is unusual, and does not stop anyone who wants to hide.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from torch_judge.model.report import MOST_FLAGS, Flag

from .signs import (
    ASSIGNED,
    BIDIRECTIONAL,
    DEFINED,
    GREEK_LIKE_LATIN,
    IMPORTERS,
    LIBRARIES,
    LIKE_LATIN,
    NOT_OF_LIBRARY,
    OPENERS,
    SAYS,
    SEVERAL,
    SYSTEM_FILES,
    TABLES_OF_NAMES,
    USED,
    ZERO_WIDTH,
    find_signs_of_path,
)

LONGEST_TEXT: Final = 120
LINE_END: Final = re.compile(r"\r\n?|\n")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_USES: Final = {
    *(ast.Name, ast.Attribute, ast.Call, ast.Constant),
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef),
}
_EMPTY: Final = (ast.Name, ast.Constant, ast.expr_context, ast.Import, ast.ImportFrom)
# looked at before a text is searched for names to bind, for most nodes are of these kinds
_BINDS_NOTHING: Final = (ast.Attribute, ast.Call, ast.Constant, ast.BinOp, ast.expr_context)
_COMPREHENSIONS: Final = {ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp}
_NOTHING: Final[ast.expr] = ast.Constant(None)  # in the place of an argument that is not there


@dataclass(slots=True)
class Scope:
    """The names that are bound somewhere in a scope, and the dotted paths that each may stand for."""

    outer: Scope | None = None
    of_class: bool = False
    names: dict[str, set[str]] = field(default_factory=dict)

    def bind(self, name: str, paths: Iterable[str] = ()) -> None:
        """Add a name, and what it may stand for."""
        known = self.names.setdefault(name, set())
        if len(known) < SEVERAL:
            known.update(paths)

    def find(self, name: str) -> set[str]:
        """Find what a name may stand for: an own or an outer name, or else a built-in one."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return {f"builtins.{name}"}

    def nest(self, *, of_class: bool = False) -> Scope:
        """Open a new scope in this one; the names of a class are not seen from its methods."""
        return Scope(self.outer if self.of_class else self, of_class)


def audit(cells: Iterable[tuple[str, str]]) -> tuple[Flag, ...]:
    """Flag what is worth a look in texts (name, plain Python): at most 20 flags, one for each sign and name.

    The cells of a notebook share their global names; a text called `*.py` is a file, with names of its own,
    which it shares with the cells in it that are called by its name and what follows a comma.
    """
    scopes = defaultdict[str, Scope](Scope)
    texts = []
    for name, source in cells:
        if (tree := _parse(source)) is not None:
            file = name.partition(", ")[0]
            scope = scopes[file if file.endswith(".py") else ""]
            texts.append((name, source, _collect_uses(tree, scope)))
    # only when all cells are bound: a name may be used in a cell before the one that sets it
    flags: dict[tuple[str, str], Flag] = {}
    for name, source, uses in texts:
        lines = LINE_END.split(source)
        places = [
            *_find_letters(source),
            *(place for node, scope in uses for place in _find_signs(node, scope)),
        ]
        for line, sign in sorted(places):
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


def _collect_uses(tree: ast.Module, shared: Scope) -> list[tuple[ast.AST, Scope]]:
    """Bind the names of a text, and collect what may be worth a look; it is judged when all is bound."""
    uses = list[tuple[ast.AST, Scope]]()
    stack: list[tuple[ast.AST, Scope]] = [(tree, shared)]  # of our own: a tree may be deeper than Python's
    while stack:
        node, scope = stack.pop()
        if type(node) in _USES:
            uses.append((node, scope))
        if not isinstance(node, _EMPTY):
            stack += reversed(_list_parts(node, scope))
        if not isinstance(node, _BINDS_NOTHING):
            for name, paths in _list_bound(node, scope):
                scope.bind(name, paths)
    return uses


def _list_bound(node: ast.AST, scope: Scope) -> Iterator[tuple[str, set[str]]]:
    """List the names that a node binds, with what they may stand for."""
    match node:
        case ast.Import():
            for alias in node.names:
                yield (
                    alias.asname or _take_root(alias.name),
                    {alias.name if alias.asname else _take_root(alias.name)},
                )
        case ast.ImportFrom():
            yield from ((alias.asname or alias.name, {path}) for alias, path in _list_imported(node))
        case ast.Assign(targets=targets, value=value):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from ((name, _follow(value, scope)) for name in names)
        case (
            ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            | ast.NamedExpr(target=ast.Name(id=name), value=value)
        ):
            yield name, _follow(value, scope)
        case ast.For(target=ast.Name(id=name), iter=ast.Tuple(elts=values) | ast.List(elts=values)):
            yield from ((name, _follow(value, scope)) for value in values)
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name, set()
        case _ if isinstance(known := getattr(node, "name", None), str):
            yield known, set()  # functions, classes, caught errors, matches


def _list_parts(node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
    """List the parts of a node, each with its scope, without those that a use of the whole covers."""
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
            inside = scope.nest()
            for parameter in ast.iter_child_nodes(node.args):
                if isinstance(parameter, ast.arg):
                    inside.bind(parameter.arg)
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            around: list[ast.AST] = [node.args]  # what stands around a body is read outside it
            if not isinstance(node, ast.Lambda):
                around = [*node.decorator_list, node.args, node.returns or _NOTHING]
        case ast.ClassDef():
            inside, body = scope.nest(of_class=True), node.body
            around = [*node.decorator_list, *node.bases, *node.keywords]
        case _:
            inside = scope.nest() if type(node) in _COMPREHENSIONS else scope
            return [(part, inside) for part in ast.iter_child_nodes(node)]
    return [*((part, scope) for part in around), *((part, inside) for part in body)]


# --- paths ---


def _take_root(path: str) -> str:
    return path.partition(".")[0]


def _list_imported(node: ast.Import | ast.ImportFrom) -> list[tuple[ast.alias, str]]:
    """List what an import names, with its path; that of a file beside the submission begins with a dot."""
    module = f"{'.' * node.level}{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return [(alias, f"{module}{alias.name}") for alias in node.names]


def _unwind(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """Take the attributes off an expression, however written: `a.b`, `getattr(a, "b")`, `(c := a).b`."""
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


def _follow(node: ast.expr, scope: Scope) -> set[str]:
    """Follow an expression to the dotted paths that it may stand for.

    There are none where it is not a name, an import or a part of one.
    """
    base, names = _unwind(node)
    match base:
        case ast.Name(id=name):
            roots = scope.find(name)
        case ast.Call(
            func=ast.Name() | ast.Attribute(value=ast.Name()), args=[ast.Constant(value=str(module)), *_]
        ):
            roots = {module, _take_root(module)} if _follow(base.func, scope) & IMPORTERS else set()
        case _:
            roots = set()
    return {".".join((root, *names[:SEVERAL])) for root in roots}


def _is_library(node: ast.expr, scope: Scope) -> bool:
    """Tell whether an expression may stand for a module or class of a library, a setting of theirs apart."""
    paths = _follow(node, scope)
    return any(_take_root(path) in LIBRARIES and not path.startswith(NOT_OF_LIBRARY) for path in paths)


# --- signs ---


def _find_signs(node: ast.AST, scope: Scope) -> Iterator[tuple[int, str]]:
    """Find the lines and signs of a use."""
    match node:
        case ast.Name(id=name, lineno=line):
            yield from ((line, sign) for path in scope.find(name) for sign in find_signs_of_path(path))
        case ast.Attribute(lineno=line) | ast.Call(lineno=line):
            yield from ((line, sign) for path in _follow(node, scope) for sign in find_signs_of_path(path))
            signs = (
                _find_signs_of_attribute(node, scope)
                if isinstance(node, ast.Attribute)
                else _find_signs_of_call(node, scope)
            )
            yield from ((line, sign) for sign in signs)
        case ast.Constant(value=str(text), lineno=line):
            if text in USED:
                yield line, text
            if f"{text}/".startswith(SYSTEM_FILES):
                yield line, "file"
        case ast.Import() | ast.ImportFrom():
            yield from (
                (alias.lineno, sign)
                for alias, path in _list_imported(node)
                for sign in find_signs_of_path(path)
            )
        case ast.FunctionDef(name=name, lineno=line) | ast.AsyncFunctionDef(name=name, lineno=line) if (
            name in DEFINED
        ):
            yield line, name


def _find_signs_of_attribute(node: ast.Attribute, scope: Scope) -> Iterator[str]:
    if not isinstance(node.ctx, ast.Load):
        yield from _find_signs_of_change(node.value, node.attr, scope)
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        if inner.attr in USED:
            yield inner.attr
        if inner.attr in TABLES_OF_NAMES and _is_library(inner.value, scope):
            yield "computed attribute"
        inner = inner.value


def _find_signs_of_change(owner: ast.expr, name: str, scope: Scope) -> Iterator[str]:
    """Find the signs of an attribute that is set or deleted."""
    if name in ASSIGNED:
        yield name
    if _is_library(owner, scope):
        yield "patched"


def _find_signs_of_call(node: ast.Call, scope: Scope) -> Iterator[str]:
    """Find the signs of a call by what is called and how its first arguments are written."""
    called = _follow(node.func, scope) if isinstance(node.func, ast.Name | ast.Attribute) else set()
    first, second, *_ = (*node.args, *(word.value for word in node.keywords), _NOTHING, _NOTHING)
    literal = second.value if isinstance(second, ast.Constant) and isinstance(second.value, str) else ""
    if called & OPENERS and isinstance(first, ast.Constant) and "torch_judge" in str(first.value):
        yield "file"
    if called & IMPORTERS and not isinstance(first, ast.Constant):
        yield "computed import"
    if "importlib.reload" in called and _is_library(first, scope):
        yield "reloaded"
    if called & {"builtins.setattr", "builtins.delattr"}:
        yield from _find_signs_of_change(first, literal, scope)
    computed = "builtins.vars" in called or ("builtins.getattr" in called and not literal)
    if computed and _is_library(first, scope):
        yield "computed attribute"
    if "operator.attrgetter" in called and not isinstance(first, ast.Constant):
        yield "computed attribute"


# --- letters ---


def _find_letters(source: str) -> Iterator[tuple[int, str]]:
    """Find characters that hide something, and names that are not what they look like."""
    if source.isascii():
        return
    for sign, pattern in (("bidirectional control", BIDIRECTIONAL), ("zero-width character", ZERO_WIDTH)):
        if seen := pattern.search(source):
            yield len(LINE_END.findall(source, 0, seen.start())) + 1, sign
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline=None).readline):
            if token.type == tokenize.NAME and not token.string.isascii():
                yield from ((token.start[0], sign) for sign in _find_signs_of_name(token.string))
    except (SyntaxError, tokenize.TokenError):
        return  # it knows fewer texts than the parser, which has read this one


def _find_signs_of_name(name: str) -> Iterator[str]:
    # That a name is not in its normal form matters where it hides an ASCII name:
    # \N{MICRO SIGN} for a Greek mu is honest.
    odd = [letter for letter in name if not letter.isascii()]
    if any(map(str.isascii, "".join(unicodedata.normalize("NFKC", letter) for letter in odd))):
        yield "look-alike letters"
    for word in name.split("_"):
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha()}
        if "LATIN" in scripts and (scripts & LIKE_LATIN or GREEK_LIKE_LATIN & set(word)):
            yield "mixed scripts"
