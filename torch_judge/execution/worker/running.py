"""How a submission is run: as a module, as IPython runs a cell, or as a notebook exported to a script."""

from __future__ import annotations

import ast
import inspect
import re
import signal
import threading
import time
import types
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from torch_judge.model.submission import Cell

from .effects import Statement
from .notebook import KEPT_CELL_MAGICS, blank_magics, name_cell

SECONDS_FOR_MORE: Final = 1.0
"""So much of the processor may take what is run only because it may be needed: it is no needed loop then."""
_SECONDS_BETWEEN_TICKS: Final = 0.1
_IDLE_SHARE: Final = 0.01
_EXPORTED: Final = re.compile(r"get_ipython\(\)\s*\.\s*(?:run_(?:line|cell)_magic|system|getoutput|magic)\b")


@dataclass(frozen=True, slots=True)
class Failed:
    """What failed on the way to the entry point, with the names it would have set or changed."""

    error: BaseException
    sets: frozenset[str]
    changes: bool = False


class TooLong(BaseException):
    """What might be needed takes too long; no `except Exception` of the submission catches it."""


# --- files ---


def make_python(cell: Cell) -> str:
    """Return the text of a file, without its magics if it is a notebook's that is Python but for them."""
    plain = blank_magics(cell.source)
    return plain if plain != cell.source and _is_python(plain) else cell.source


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def run_file(cell: Cell, namespace: dict[str, Any]) -> None:
    """Run a file as Python runs a module; `await` is for one that came from a notebook."""
    plain = make_python(cell)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if plain != cell.source or is_exported(cell.source) else 0
    with name_cell(cell):
        code = compile(plain, cell.name, "exec", flags, dont_inherit=True)
    execute(code, namespace)


def is_exported(source: str) -> bool:
    """Tell whether a text has the calls that a notebook's magics become when it is exported as a script."""
    return _EXPORTED.search(source) is not None


class Shell:
    """In the place of IPython's shell where a script came from a notebook: magics do nothing."""

    def __init__(self, namespace: dict[str, Any], cells: Iterable[Cell] = ()) -> None:
        self._namespace = namespace
        self._cells = {cell.source: cell for cell in cells}

    def __call__(self) -> Shell:
        """Return the shell, as `get_ipython()` does."""
        return self

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_arguments, **_options: None

    def getoutput(self, *_arguments: Any, **_options: Any) -> list[str]:
        """Return the lines that a command printed; there are none, for it did not run."""
        return []

    def run_cell_magic(self, name: str, _line: str, source: str) -> None:
        """Run the cell under a magic such as `%%time`, for what it defines.

        Only one whose text stands in the script: what was not seen when the script was looked through is
        not run.
        """
        cell = self._cells.get(blank_magics(source))
        if cell is not None and name in KEPT_CELL_MAGICS:
            run_file(cell, self._namespace)


def list_magic_cells(cell: Cell) -> Iterator[Cell]:
    """List the cells under magics that a script has as calls with their text, and those in these."""
    if not is_exported(cell.source):
        return
    try:
        tree = ast.parse(make_python(cell))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="run_cell_magic"),
                args=[ast.Constant(str(name)), ast.Constant(), ast.Constant(str(source))],
            ) if name in KEPT_CELL_MAGICS:
                inner = Cell(f"{cell.name}, %%{name} in line {node.lineno}", blank_magics(source))
                yield inner
                yield from list_magic_cells(inner)


# --- statements ---


def run_statements(
    statements: Sequence[Statement], namespace: dict[str, Any], *, optional: Collection[int] = ()
) -> Iterator[Failed]:
    """Run statements and yield those that failed: as in a notebook, they do not stop the next one.

    The `optional` ones, by id, share a time limit.
    """
    with _limit_time() as start_clock:
        for statement in statements:
            start_clock(id(statement) in optional)
            try:
                try:
                    _run_statement(statement, namespace)
                finally:
                    start_clock(False)  # noqa: FBT003 - as a clock is stopped
            except (Exception, SystemExit, TooLong) as error:  # whatever a cell raises
                yield Failed(error, statement.sets, bool(statement.alters or statement.patches))


def _run_statement(statement: Statement, namespace: dict[str, Any]) -> None:
    tree = ast.Module([statement.node], [])
    flags = statement.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    execute(compile(tree, statement.cell.name, "exec", flags, dont_inherit=True), namespace)


def execute(code: types.CodeType, namespace: dict[str, Any]) -> None:
    """Run what was compiled; what awaits something, to its end."""
    if code.co_flags & inspect.CO_COROUTINE:
        _wait_for(eval(code, namespace))  # noqa: S307 - we are the sandbox
    else:
        exec(code, namespace)  # noqa: S102 - we are the sandbox


@contextmanager
def _limit_time() -> Iterator[Callable[[bool], None]]:
    """Give a clock to start and stop; when it has run for long enough, it raises TooLong at each tick.

    It counts the processor's time: how busy the machine is does not decide what becomes of a notebook.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield lambda _run: None
        return
    left, used = SECONDS_FOR_MORE, 0.0

    def tick(_number: int, _frame: object) -> None:
        nonlocal left, used
        before, used = used, time.process_time()
        # what a busy machine gives to others does not count; a statement that only waits pays for it
        worked = min(used - before, _SECONDS_BETWEEN_TICKS)
        left -= worked if worked > _IDLE_SHARE * _SECONDS_BETWEEN_TICKS else _SECONDS_BETWEEN_TICKS
        if left <= 0:
            raise TooLong(f"takes longer than {SECONDS_FOR_MORE:g} s")

    def start(run: bool) -> None:  # noqa: FBT001 - on or off
        nonlocal used
        used = time.process_time()
        seconds = _SECONDS_BETWEEN_TICKS if run else 0
        signal.setitimer(signal.ITIMER_REAL, seconds, seconds)

    before = signal.signal(signal.SIGALRM, tick)
    try:
        yield start
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _wait_for(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a cell that awaits something to its end, as IPython does."""
    import asyncio  # slow to load, and few cells await

    class Loop(asyncio.BaseEventLoop):
        """An event loop without sockets, which the sandbox refuses: it knows timers and threads."""

        def __init__(self) -> None:
            super().__init__()
            self._selector, self._woken = self, threading.Event()

        def select(self, timeout: float | None) -> list[Any]:
            self._woken.wait(timeout)
            self._woken.clear()
            return []

        def _process_events(self, _events: list[Any]) -> None:
            """Take events from sockets; there are none."""

        def _write_to_self(self) -> None:
            self._woken.set()

    loop = Loop()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.close()


# --- why something is missing ---


def find_cause(error: BaseException, failures: Sequence[Failed]) -> BaseException | None:
    """Find the failed statement that explains an error: the one that would have set the name that is missing.

    Of an attribute or a key that is missing, one that would have changed something.
    """
    cause: BaseException | None = None
    for _ in range(len(failures) + 1):
        found = _find_failure(cause or error, failures)
        if found is None or found is cause:
            break
        cause = found
    return cause


def _find_failure(error: BaseException, failures: Sequence[Failed]) -> BaseException | None:
    if type(error) is NameError:
        return next((failed.error for failed in failures if error.name in failed.sets), None)
    if isinstance(error, KeyError | AttributeError):
        changing = (failed.error for failed in failures if failed.changes)
        return next((failure for failure in changing if failure is not error), None)
    return None
