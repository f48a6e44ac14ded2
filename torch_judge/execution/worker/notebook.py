"""A notebook is judged by what it defines: its cells as plain Python, and the statements that are needed.

Nothing is run here: names are followed as far as a text tells.
"""

from __future__ import annotations

import ast
import re
import symtable
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

from torch_judge.model.submission import Cell

from .effects import Definition, Statement, analyse, find_future_flags, find_root

_CELL_MAGIC: Final = re.compile(r"\s*%%(\w+)[^\n]*\n?")
KEPT_CELL_MAGICS: Final = {"time", "timeit", "capture", "prun"}
_LINE_MAGIC: Final = re.compile(r"([ \t]*)(?:[%!?]|[\w., ]+=[ \t]*[%!]|[\w.]+\?{1,2}\s*$)")
_BARE_MAGIC: Final = re.compile(
    r"()(?:cd|ls|ll|pip|conda|mkdir|cat|cp|mv|rm|run|time|timeit|load_ext|reload_ext|autoreload|matplotlib)"
    r"[ \t]+[^\s=]"
)
"""What IPython takes for a magic without its %, where it is no Python."""
_RUN: Final = re.compile(r"[ \t]*%?run[ \t]+(?:-[inetGN][ \t]+)*[\"']?(?:\./)?([\w/]+)\.(?:py|ipynb)\b")
_SETTING: Final = re.compile(r"[ \t]*%(?:set_)?env[ \t]+(\w+)(?:[ \t]*=|[ \t])[ \t]*([^\s${][^${\n]*?)[ \t]*")
_DEFINED: Final = re.compile(r"\b(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", re.MULTILINE)
MOST_ROUNDS: Final = 16
"""So many functions deep is followed what a call changes."""


@contextmanager
def name_cell(cell: Cell) -> Iterator[None]:
    """Turn what the compiler raises into a syntax error of this cell.

    On a NUL, a lone surrogate or bottomless nesting that is another error, or one without a file.
    """
    try:
        yield
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and error.filename:
            raise
        raise SyntaxError(str(error) or type(error).__name__, (cell.name, 1, None, None)) from None


def plain_python(source: str) -> str:
    """Take magics and shell lines out of a cell, each line staying where it was.

    A cell in another language is empty.
    """
    if cell_magic := _CELL_MAGIC.match(source):
        if cell_magic[1] not in KEPT_CELL_MAGICS:
            return ""
        source = "\n" * cell_magic[0].count("\n") + source[cell_magic.end() :]
    return blank_magics(source, bare=True)


def blank_magics(source: str, *, bare: bool = False) -> str:
    """Take line magics and shell lines out of a text; `%run` of a file imports all that it defines.

    `bare` ones, without their %, are those of a notebook's cell; in a file they are mistakes.
    """
    lines = source.split("\n")
    while (wrong := _find_wrong_line(lines)) is not None and _silence(lines, wrong, bare=bare):
        pass
    return "\n".join(lines)


def _find_wrong_line(lines: Sequence[str]) -> int | None:
    """Find the line where a text stops being Python, None if it does not."""
    try:
        ast.parse("\n".join(lines))
    except SyntaxError as error:
        return (error.lineno or 1) - 1
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _silence(lines: list[str], wrong: int, *, bare: bool) -> bool:
    """Replace the magic that begins on a line or goes on there, by `pass`; tell whether there is one.

    Only where Python stumbles: a line that begins with % inside a string is text.
    """
    first = wrong = min(wrong, len(lines) - 1)
    while first and lines[first - 1].endswith("\\"):
        first -= 1
    magic = _LINE_MAGIC.match(lines[first]) or (bare and _BARE_MAGIC.match(lines[first]))
    if not magic:
        return False
    last = first
    while last + 1 < len(lines) and lines[last].endswith("\\"):
        last += 1
    python = _find_run(lines[first]) or _find_setting(lines[first]) or "pass"
    lines[first : last + 1] = [f"{magic[1]}{python}", *[""] * (last - first)]
    return True


def _find_run(line: str) -> str:
    """Turn a `%run` of a file into the import that does the same here; empty if it is none."""
    ran = _RUN.match(line)
    module = ran[1].replace("/", ".") if ran else ""
    if not module or module.partition(".")[0] in sys.stdlib_module_names:
        return ""
    return f"from {module} import *" if all(map(str.isidentifier, module.split("."))) else ""


def _find_setting(line: str) -> str:
    """Turn an `%env` that sets a variable to a plain text into Python; empty if it is none."""
    setting = _SETTING.fullmatch(line)
    return f"import os; os.environ[{setting[1]!r}] = {setting[2]!r}" if setting else ""


def find_defined(source: str) -> Iterator[str]:
    """Find what a text that is no Python was to define, by its looks."""
    for defined in _DEFINED.finditer(source):
        yield from filter(None, defined.groups())


def parse_statements(cells: Sequence[Cell]) -> tuple[list[Statement], list[tuple[Cell, SyntaxError]]]:
    """Take the cells of a notebook apart; those that are no Python come with their errors.

    A `from __future__ import` holds for all that comes after it, as it does in IPython.
    """
    parsed, broken = list[tuple[Cell, ast.stmt, int]](), list[tuple[Cell, SyntaxError]]()
    flags = 0
    for cell in cells:
        plain = Cell(cell.name, plain_python(cell.source))
        try:
            body = _parse(plain)
        except SyntaxError as error:
            broken.append((cell, error))
            continue
        for node in body:
            flags |= find_future_flags(node)
        parsed += [(plain, node, flags) for node in body]
    nodes = (inner for _, node, _ in parsed for inner in ast.walk(node))
    imported = frozenset(_name_imported(node) for node in nodes if isinstance(node, ast.alias))
    return [analyse(cell, node, imported, flags=flags) for cell, node, flags in parsed], broken


def _parse(cell: Cell) -> list[ast.stmt]:
    """Parse a cell, as far as can be known without running it that Python would take it."""
    with name_cell(cell):
        tree = ast.parse(cell.source, cell.name)
        try:
            symtable.symtable(cell.source, cell.name, "exec")
        except SyntaxError:
            # what a notebook allows beyond a file: `await`, and the imports of the future further down
            body = [node for node in tree.body if not find_future_flags(node)]
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            compile(ast.Module(body, []), cell.name, "exec", flags, dont_inherit=True)
        return tree.body


def _name_imported(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


# --- what is needed ---


def choose_needed(statements: Sequence[Statement], name: str) -> list[Statement]:
    """Choose the statements that the entry point depends on, in the order of the notebook.

    A function that is defined again later is left out, with what it alone needs, unless it is used before.
    """
    sets = _find_all_set(statements, name)
    superseded, uses = _find_superseded(statements), _follow_uses(statements)
    while True:
        chosen = sorted(_choose(statements, name, sets, superseded.keys()))
        used = [
            place
            for place, later in superseded.items()
            if any(
                not statements[place].sets.isdisjoint(uses(other))
                for other in chosen
                if place < other < later
            )
        ]
        if not used:
            return [statements[place] for place in chosen]
        for place in used:
            del superseded[place]


def _choose(
    statements: Sequence[Statement], name: str, sets: Sequence[frozenset[str]], without: Collection[int]
) -> set[int]:
    needed, attributes, chosen, grown = {name, "*"}, set[str](), set[int](), True
    # To a fix point: a chosen statement reads names that others set, before it and after it. All that set a
    # needed name are chosen, not the last alone: `K += 1` and `CONFIG["a"] = 2` set what an earlier one made.
    while grown:
        grown = False
        for place, statement in enumerate(statements):
            patches = not statement.patches.isdisjoint(attributes)
            if (
                place not in chosen
                and place not in without
                and (patches or not needed.isdisjoint(sets[place]))
            ):
                chosen.add(place)
                needed |= statement.reads
                attributes |= statement.attributes
                grown = True
    return chosen


def _find_superseded(statements: Sequence[Statement]) -> dict[int, int]:
    """Find the plain functions that are defined again, and where they are for the last time."""
    last, superseded = dict[str, int](), dict[int, int]()
    for place, statement in reversed(list(enumerate(statements))):
        match statement.node:
            case (
                ast.FunctionDef(name=name, decorator_list=[])
                | ast.AsyncFunctionDef(name=name, decorator_list=[])
            ):
                if name in last:
                    superseded[place] = last[name]
                last.setdefault(name, place)
    return superseded


def _follow_uses(statements: Sequence[Statement]) -> Callable[[int], set[str]]:
    """Return what finds the names that a statement may use as it runs, directly or through functions."""
    table = dict[str, set[str]]()
    for statement in statements:
        for key in statement.sets:
            table.setdefault(key, set()).update(statement.reads)

    @cache
    def follow(place: int) -> set[str]:
        seen, waiting = set[str](), list(_find_read_at_once(statements[place]))
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                waiting += table.get(key, ())
        return seen

    return follow


def _find_read_at_once(statement: Statement) -> Iterator[str]:
    """Find what a statement reads as it runs; of a plain function, that is what its defaults read."""
    node = statement.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.decorator_list:
        yield from statement.reads
        return
    for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
        yield from (inner.id for inner in ast.walk(default) if isinstance(inner, ast.Name))


def _find_all_set(statements: Sequence[Statement], name: str) -> list[frozenset[str]]:
    """Find what each statement sets, also through the functions that it calls and through other names."""
    own = _find_own(statements, name)
    leaves = _map_functions(statements, [statement.leaves for statement in statements])
    changes = _spread(statements, [statement.changes for statement in statements])
    # What the entry point changes when it is called is its own affair: a debug cell that calls it is no need.
    nothing = frozenset[str]()
    foreign = _spread(
        statements,
        [nothing if statement.sets & own else statement.changes for statement in statements],
    )
    into = {key for statement in statements if statement.changes_arguments for key in statement.sets} - own
    aliases = dict(alias for statement in statements for alias in _find_alias(statement.node))
    found = list[frozenset[str]]()
    for statement in statements:
        defines = isinstance(statement.node, Definition)
        called = changes if defines else foreign
        found.append(
            statement.sets.union(
                *(leaves[key] for key in statement.reads & leaves.keys() if not defines),
                *(called[key] for key in statement.calls & called.keys()),
                _find_handed(statement.node, into),
                (aliases[key] for key in statement.alters & aliases.keys()),
            )
        )
    return found


def _find_own(statements: Sequence[Statement], name: str) -> set[str]:
    """Find the functions and classes that the entry point may call itself."""
    definitions = dict[str, set[str]]()
    for statement in statements:
        if isinstance(statement.node, Definition):
            definitions.setdefault(statement.node.name, set()).update(statement.reads)
    own, waiting = set[str](), [name]
    for statement in statements:
        if isinstance(statement.node, ast.Assign) and name in statement.sets - statement.alters:
            waiting += statement.reads
    while waiting:
        key = waiting.pop()
        if key in definitions and key not in own:
            own.add(key)
            waiting += definitions[key]
    return own


def _map_functions(
    statements: Sequence[Statement], effects: Sequence[frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Map the functions' names to what they do when they are called, those that do nothing left out."""
    table = dict[str, frozenset[str]]()
    for statement, effect in zip(statements, effects, strict=True):
        for key in statement.sets - statement.alters if effect else ():
            table[key] = table.get(key, frozenset()) | effect
    return table


def _spread(statements: Sequence[Statement], effects: list[frozenset[str]]) -> dict[str, frozenset[str]]:
    """Map the functions' names to what they do, also through other functions that they call."""
    for _ in range(MOST_ROUNDS):
        table, before = _map_functions(statements, effects), list(effects)
        for place, statement in enumerate(statements):
            if isinstance(statement.node, Definition):
                more = (table[key] for key in statement.reads & table.keys())
                effects[place] = effects[place].union(*more)
        if effects == before:
            break
    return _map_functions(statements, effects)


def _find_handed(node: ast.stmt, changing: set[str]) -> Iterator[str]:
    """Find what a call that stands alone hands to a function that changes its arguments."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=function)) as call) if function in changing:
            for argument in [*call.args, *(word.value for word in call.keywords)]:
                yield from find_root(argument)


def _find_alias(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Find the other name of an object or of its owner: after `w = P["w"]`, `w[0] = 1` changes P."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield from ((name, root) for root in find_root(value))


# --- what may be needed ---


def choose_widely(statements: Sequence[Statement], name: str) -> list[Statement]:
    """Choose all that could matter, in the order of the notebook, not what only prints, plots or loops."""
    needed = set(map(id, choose_needed(statements, name)))
    functions = {
        key for statement in statements if isinstance(statement.node, Definition) for key in statement.sets
    }
    calling = functions - _find_own(statements, name)
    return [
        statement
        for statement in statements
        if id(statement) in needed or _may_matter(statement, calling, name)
    ]


def _may_matter(statement: Statement, calling: set[str], name: str) -> bool:
    """Tell whether a statement may leave something behind; one that tries the entry point out does not."""
    node = statement.node
    if isinstance(node, Definition | ast.Import | ast.ImportFrom):
        return True
    if name in statement.reads or any(isinstance(inner, ast.While) for inner in ast.walk(node)):
        return bool(name in statement.sets)
    if isinstance(node, ast.Expr):
        return bool(statement.sets or statement.reads & calling or statement.reads & {"exec", "setattr"})
    if isinstance(node, ast.For | ast.AsyncFor):
        return bool(statement.alters or statement.patches or statement.reads & {"exec", "setattr"})
    return not isinstance(node, ast.Assert | ast.Pass)
