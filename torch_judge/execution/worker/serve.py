"""The sandboxed process's side: load the submission, run it through cases, hand over observations.

Nothing that this process says is a verdict on a value: it hands over numbers, and the checker decides
what they are worth.
"""

from __future__ import annotations

import linecache
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from types import FrameType
from typing import Any

import torch_judge.authoring  # noqa: F401 - all of it, for cases: once the sandbox is shut, its files cannot be read
from torch_judge.authoring.inputs import space_beside
from torch_judge.authoring.suite import Case, WrongAnswer, load_suite
from torch_judge.execution.protocol import codec, frames
from torch_judge.execution.runtime import LONGEST_MESSAGE, ancestry, compiled, read_exactly, reset_settings
from torch_judge.model.errors import WireError
from torch_judge.model.isolation import Isolation
from torch_judge.model.report import Verdict
from torch_judge.model.submission import Carried, Cell, Submission

from .audit import audit
from .forbidden_operators import ForbiddenOperator, forbid
from .forbidden_packages import ForbiddenPackage, forbid_packages
from .loader import Unfit, describe_misfit, list_files, list_texts, load_entry_point
from .stub import hide_the_judge

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

    def __init__(self, job: frames.Header, pickled: bytes) -> None:
        self._job = job
        self._submission = _submission(job["submission"], pickled)
        self._files = list_files(self._submission)
        self._cases = {case.name: case for case in load_suite(compiled(job["cases"]))}
        self._violations: list[Violation] = []
        self._entry_point: Any = None
        forbid(job["forbidden"], self._record)
        forbid_packages(job["packages"])

    def flags(self) -> frames.Header:
        """Say what in the submission's text is worth a look; asked before any of it runs."""
        return {"flags": [list(astuple(each)) for each in audit(list_texts(self._submission).items())]}

    def load(self) -> frames.Header:
        """Load the submission's entry point and say how that went."""
        self._hidden = hide_the_judge()
        name = self._job["entry_point"]
        try:
            self._entry_point = self._loaded(name)
            if unfit := describe_misfit(self._entry_point, name, self._job["starter"]):
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

    def run(self, name: str, *, seed: int) -> tuple[frames.Header, bytes]:
        """Run one case and return its outcome: an observation, or why there is none."""
        reset_settings(self._cases[name].seed(seed))
        header: frames.Header = {"case": name, "verdict": None, "message": "", "observation": None}
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

    def attempt(self, choices: Sequence[int]) -> tuple[frames.Header, bytes]:
        """Run the entry point on small inputs, and return what was observed or raised; neither if that is not to be shown."""
        reset_settings(self._job["seed"])
        answer: tuple[frames.Header, bytes] = {}, b""
        try:
            space = space_beside(self._cases.values())
            observation, body = codec.encode(space.observe(self._entry_point, choices) if space else None)
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

    def _observe(self, case: Case, seed: int) -> tuple[codec.Tree, bytes]:
        return codec.encode(case.observe(self._entry_point, seed=seed))

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

    job, pickled = frames.read_frame(read, largest_body=frames.LARGEST_JOB)
    worker = Worker(job, pickled)
    channel.sendall(
        frames.pack({"up": True, "layers": list(isolation.layers), "missing": isolation.reasons()})
    )
    if sys.platform != "win32":
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    channel.sendall(frames.pack(worker.flags()))
    channel.sendall(frames.pack(worker.load()))
    while True:
        request, _ = frames.read_frame(read)
        channel.sendall(
            frames.pack(
                *(
                    worker.attempt(request["try"])
                    if "try" in request
                    else worker.run(request["case"], seed=request["seed"])
                )
            )
        )
