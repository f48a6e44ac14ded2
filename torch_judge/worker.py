"""The sandboxed process's side: load the submission, run it through cases, hand over observations.

Nothing that this process says is a verdict on a value: it hands over numbers, and the checker decides
what they are worth.
"""

from __future__ import annotations

import base64
import linecache
import marshal
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from types import CodeType, FrameType
from typing import Any

import numpy as np

from . import drawing, modules, wire  # noqa: F401 - the first two are for cases, which cannot read their files
from .errors import WireError
from .isolation import Isolation
from .lint import lint
from .loading import Unfit, files, hide_the_judge, load_entry_point, misfit, texts
from .rules import ForbiddenOperator, ForbiddenPackage, forbid, forbid_packages
from .space import space_beside
from .submission import Carried, Cell, Submission
from .suite import Case, WrongAnswer, load_suite
from .verdict import Verdict

LONGEST_MESSAGE = 500
_SHOWN = {Verdict.WRONG_ANSWER, Verdict.RUN_TIME_ERROR}
"""What a counterexample shows; a limit or a rule is not told by small inputs."""
_OUT_OF_MEMORY = (
    "DefaultCPUAllocator",
    "not enough memory",
    "can't allocate memory",
    "Cannot allocate memory",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A use of a forbidden operator, and where in the submission it happened."""

    operator: str
    where: str


class Worker:
    """One submission, loaded once and run through the cases that the conductor names."""

    def __init__(self, job: wire.Header, pickled: bytes) -> None:
        self._job = job
        self._submission = _submission(job["submission"], pickled)
        self._files = files(self._submission)
        self._cases = {case.name: case for case in load_suite(compiled(job["cases"]))}
        self._violations: list[Violation] = []
        self._entry_point: Any = None
        forbid(job["forbidden"], self._record)
        forbid_packages(job["packages"])

    def flags(self) -> wire.Header:
        """Say what in the submission's text is worth a look; asked before any of it runs."""
        return {"flags": [list(astuple(each)) for each in lint(texts(self._submission).items())]}

    def load(self) -> wire.Header:
        """Load the submission's entry point and say how that went."""
        self._hidden = hide_the_judge()
        name = self._job["entry_point"]
        try:
            self._entry_point = self._loaded(name)
            if unfit := misfit(self._entry_point, name, self._job["starter"]):
                return {"loaded": False, "verdict": Verdict.RUN_TIME_ERROR, "message": unfit}
        except (SyntaxError, Unfit) as error:
            return {"loaded": False, "verdict": Verdict.COMPILE_ERROR, "message": self._describe(error)}
        except BaseException as error:  # a submission may raise anything, sys.exit included
            verdict, message = self._blame(error)
            return {"loaded": False, "verdict": verdict, "message": message}
        self._violations.clear()  # what raised and was caught while loading has answered no case
        return {"loaded": True}

    def _loaded(self, name: str) -> Any:
        """Load the entry point; where a file compares itself with a forbidden operator, load only what it needs."""
        try:
            return load_entry_point(self._submission, name)
        except Exception:  # whatever a submission makes of a forbidden operator
            if not self._violations or self._submission.pickled is not None:
                raise
        self._violations.clear()
        entry_point = load_entry_point(replace(self._submission, notebook=True), name)
        if self._violations:
            raise ForbiddenOperator(self._violations[0].operator)
        return entry_point

    def run(self, name: str, *, seed: int) -> tuple[wire.Header, bytes]:
        """Run one case and return its outcome: an observation, or why there is none."""
        reset_settings(self._cases[name].seed(seed))
        header: wire.Header = {"case": name, "verdict": None, "message": "", "observation": None}
        body = b""
        try:
            header["observation"], body = self._observe(self._cases[name], seed)
        except WireError as error:
            header |= {"verdict": Verdict.WRONG_ANSWER, "message": str(error)}
        except BaseException as error:  # a submission may raise anything, sys.exit included
            verdict, message = self._blame(error)
            header |= {"verdict": verdict, "message": message}
        if self._violations:
            header |= {"verdict": Verdict.RULE_VIOLATION, "message": self._broken_rule(), "observation": None}
            body = b""
        _flush()
        return header, body

    def attempt(self, choices: Sequence[int]) -> tuple[wire.Header, bytes]:
        """Run the entry point on small inputs, and return what was observed or raised; neither if that is not to be shown."""
        reset_settings(self._job["seed"])
        answer: tuple[wire.Header, bytes] = {}, b""
        try:
            space = space_beside(self._cases.values())
            observation, body = wire.encode(space.observe(self._entry_point, choices) if space else None)
            answer = {"observation": observation}, body
        except WireError as error:
            answer = {"raised": ["WireError"], "words": str(error)}, b""
        except BaseException as error:  # a submission may raise anything, sys.exit included
            verdict, message = self._blame(error)
            if verdict in _SHOWN:
                answer = {"raised": ancestry(error), "words": message}, b""
        if self._violations:
            self._violations.clear()
            answer = {}, b""
        _flush()
        return answer

    def _observe(self, case: Case, seed: int) -> tuple[wire.Tree, bytes]:
        return wire.encode(case.observe(self._entry_point, seed=seed))

    def _record(self, operator: str) -> None:
        self._violations.append(Violation(operator, self._place(sys._getframe())))

    def _broken_rule(self) -> str:
        """Say which rule was broken, and forget it, so that each case answers for itself."""
        first = self._violations[0]
        self._violations.clear()
        return f"{first.operator} was called{first.where}: {self._rule}"

    @property
    def _rule(self) -> str:
        return self._job["forbidden_rule"] or "this is forbidden here"

    def _blame(self, error: BaseException) -> tuple[Verdict, str]:
        if isinstance(error, WrongAnswer):
            return Verdict.WRONG_ANSWER, str(error)[:LONGEST_MESSAGE]
        if isinstance(error, ForbiddenOperator) and self._violations:
            return Verdict.RULE_VIOLATION, self._broken_rule()
        if isinstance(error, ForbiddenPackage):
            return Verdict.RULE_VIOLATION, f"{self._describe(error)}: {self._rule}"
        message = self._describe(error)
        if isinstance(error, MemoryError) or (
            isinstance(error, RuntimeError) and any(sign in message for sign in _OUT_OF_MEMORY)
        ):
            return Verdict.MEMORY_LIMIT_EXCEEDED, message
        return Verdict.RUN_TIME_ERROR, message

    def _describe(self, error: BaseException) -> str:
        """Say what was raised, and where in the submission."""
        if isinstance(error, Unfit):
            return str(error)[:LONGEST_MESSAGE]
        try:
            text = (
                _syntax(error)
                if isinstance(error, SyntaxError)
                else _PLAIN_WORDS.get(type(error), _name_and_text)(error)
            )
            said = str(text)[:LONGEST_MESSAGE]
        except BaseException:  # a hostile __str__ may raise anything
            said = f"{type(error).__name__}: its message cannot be printed"
        if isinstance(error, SyntaxError):
            return said
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        line = {id(frame): number for frame, number in traceback.walk_tb(error.__traceback__)}
        own = next((each for each in reversed(frames) if each.f_code.co_filename in self._files), None)
        return said + (_quote(own.f_code.co_filename, line[id(own)]) if own else "")

    def _place(self, frame: FrameType | None) -> str:
        """Quote the innermost line of the submission in a stack; empty if a thread or TorchScript hides it."""
        while frame is not None and frame.f_code.co_filename not in self._files:
            frame = frame.f_back
        return _quote(frame.f_code.co_filename, frame.f_lineno) if frame else ""


def ancestry(error: BaseException) -> tuple[str, ...]:
    """Return the names of an error's classes, its own first."""
    return tuple(each.__name__ for each in type(error).__mro__)


_PLAIN_WORDS: dict[type[BaseException], Callable[[Any], str]] = {
    SystemExit: lambda error: f"the submission called sys.exit({error.code!r})",
    ForbiddenPackage: str,
    EOFError: lambda error: (
        f"EOFError: {error}; input() has nothing to read here, take the arguments of the function"
    ),
}


def _name_and_text(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _syntax(error: SyntaxError) -> str:
    return f"{type(error).__name__}: {error.msg}{_quote(error.filename or '', error.lineno or 0)}"


def _quote(file: str, line: int) -> str:
    text = linecache.getline(file, line).strip()[:120]
    place = f"line {line}" if file.endswith(".py") or "ipykernel" in file else f"{file}, line {line}"
    return f" ({place}: `{text}`)" if text else f" ({place})"


def _submission(facts: dict[str, Any], pickled: bytes) -> Submission:
    return Submission(
        name=facts["name"],
        cells=tuple(Cell(*each) for each in facts["cells"]),
        notebook=facts["notebook"],
        pickled=pickled or None,
        modules={name: Carried(*each) for name, each in facts["modules"].items()},
    )


def reset_settings(seed: int) -> None:
    """Give a case the settings that every case starts with, whatever ran before it."""
    np.seterr(all="warn", under="ignore")
    np.random.seed(seed % 2**32)  # noqa: NPY002 - learners may draw from the global generator
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(
            seed
        )  # torch.manual_seed also asks for every device that is not here


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: S112 - the submission may have put anything there
            continue


def serve(channel: socket.socket, isolation: Isolation) -> None:
    """Answer the conductor until it hangs up: a job first, then cases by name."""

    def read(count: int) -> bytes:
        return read_exactly(channel, count)

    job, pickled = wire.read_frame(read, largest_body=wire.LARGEST_JOB)
    worker = Worker(job, pickled)
    channel.sendall(wire.pack({"up": True, "layers": list(isolation.layers), "missing": isolation.reasons()}))
    if sys.platform != "win32":
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    channel.sendall(wire.pack(worker.flags()))
    channel.sendall(wire.pack(worker.load()))
    while True:
        request, _ = wire.read_frame(read)
        channel.sendall(
            wire.pack(
                *(
                    worker.attempt(request["try"])
                    if "try" in request
                    else worker.run(request["case"], seed=request["seed"])
                )
            )
        )


def compiled(text: str) -> CodeType:
    """Return the code that the conductor has compiled from a file of the bank."""
    code: CodeType = marshal.loads(base64.b64decode(text))  # noqa: S302 - from the conductor, to whom we are a stranger
    return code


def read_exactly(channel: socket.socket, count: int) -> bytes:
    """Read so many bytes; EOFError when the other side has hung up."""
    chunks = bytearray()
    while len(chunks) < count:
        chunk = channel.recv(min(count - len(chunks), 1 << 20))
        if not chunk:
            raise EOFError
        chunks += chunk
    return bytes(chunks)
