"""Nothing a submission does can fool, crash, stall or escape the judge, or spoil the next check.

Each file of `hostile`, `honest` and `flagged` is a submission to `batchnorm`; `harness` says what its
docstring holds. After every one the same things are looked at: its verdict, its report, what it read, wrote
and sent, what it left behind, and the next honest check.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import select
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.attacks.harness import (
    ABSTRACT_NAME,
    CANARY,
    FOLDER,
    MARKER,
    TCP_PORT,
    UDP_PORT,
    Sample,
    read_sample,
    read_samples,
)
from tests.support import ROOT
from torch_judge.execution.forkserver import client as server_module
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.example import EXAMPLE, run_example
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_path, from_source

pytestmark = [
    pytest.mark.attacks,
    pytest.mark.skipif(
        sys.platform != "linux",
        reason="the attacks are written against Linux; elsewhere the judge promises less",
    ),
]

LARGEST_REPORT = 256 << 10
SECONDS_OF_GRACE = 60.0
"""What a busy machine may take besides: a check that does not end is told from one that is late."""
SECONDS_TO_GO = 20.0
INVISIBLE = {
    0x034F,
    0x061C,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x3164,
    0xFEFF,
    0xFFA0,
    *range(0x200B, 0x2010),
    *range(0x2060, 0x2070),
}
HOSTILE, HONEST, FLAGGED = map(read_samples, ("hostile", "honest", "flagged"))
REPRESENTATIVE = [sample for sample in HOSTILE if sample.representative]
"""What is run again as another user and with each layer off; none could harm this machine if it worked."""


# --- what the attacks aim at --------------------------------------------------------------------------------


@dataclass
class Targets:
    """A secret, a file that must not appear, and listeners that must hear nothing."""

    secret: str
    heard: list[str] = field(default_factory=list)

    def renew(self) -> None:
        """Put the canary back and take the marker away."""
        _remove(MARKER)
        _remove(CANARY)
        CANARY.write_text(self.secret)
        CANARY.chmod(0o644)  # that everybody may read it is the point: only the sandbox forbids it
        self.heard.clear()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def targets() -> Iterator[Targets]:
    targets = Targets(f"canary-{secrets.token_hex(16)}")
    with _alone_on_this_machine():
        targets.renew()
        with _listeners(targets.heard):
            yield targets
        _remove(MARKER)
        _remove(CANARY)


@contextmanager
def _alone_on_this_machine() -> Iterator[None]:
    """Wait until no other run of this suite, of another checkout perhaps, uses the same files and ports."""
    import fcntl  # where there is none, this suite is skipped

    path = Path("/tmp/one_run_at_a_time.lock")
    if not path.exists():
        path.touch()
    with path.open() as lock:  # to read is enough, and is allowed where another user made it
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _listeners(heard: list[str]) -> Iterator[None]:
    """Listen on loopback, TCP and UDP, and on an abstract Unix address, until the block ends."""
    tcp, udp, unix = socket.socket(), socket.socket(type=socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX)
    stop, stopping = os.pipe()
    sockets = {tcp: "TCP", udp: "UDP", unix: "abstract Unix"}
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind(("127.0.0.1", TCP_PORT))
    udp.bind(("127.0.0.1", UDP_PORT))
    unix.bind(ABSTRACT_NAME)
    for server in (tcp, unix):
        server.listen()
    thread = threading.Thread(target=_listen, args=(sockets, stop, heard), daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(stopping, b"x")
        thread.join(5)
        for listener in sockets:
            listener.close()
        os.close(stop)
        os.close(stopping)


def _listen(sockets: dict[socket.socket, str], stop: int, heard: list[str]) -> None:
    while True:
        ready, _, _ = select.select([*sockets, stop], [], [])
        if stop in ready:
            return
        for listener in ready:
            heard.append(sockets[listener])
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(1 << 16)


# --- what is left behind ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Traces:
    """All that a check could leave behind: descriptors, threads, children, orphans, files."""

    descriptors: int
    descriptors_of_the_server: int
    threads: int
    threads_of_the_server: int
    processes: frozenset[int]
    files: frozenset[str]


def find_traces(server: ForkServer) -> Traces:
    process = _program(server)
    return Traces(
        descriptors=psutil.Process().num_fds(),
        descriptors_of_the_server=process.num_fds(),
        threads=threading.active_count(),
        threads_of_the_server=process.num_threads(),
        processes=frozenset(child.pid for child in process.children(recursive=True)) | _orphans(process),
        files=frozenset(_files()),
    )


def _program(server: ForkServer) -> psutil.Process:
    return psutil.Process(server._programs[0]._process.pid)


def _orphans(process: psutil.Process) -> frozenset[int]:
    """Find the forks of a server, which keep its command line, that nobody but the system looks after."""
    command, started = process.cmdline(), process.create_time()
    return frozenset(
        other.pid
        for other in psutil.process_iter(["ppid", "create_time", "cmdline"])
        if other.info["ppid"] == 1
        and other.info["create_time"] >= started
        and other.info["cmdline"] == command
    )


_OURS = re.compile(
    r"torch_judge|result\.json|attack|sitecustomize|usercustomize|conftest|torch\.py|pymp-|psm_|sem\.|torch_\d"
    r"|torchinductor_sub"
)


def _files() -> Iterator[str]:
    """Find what a check may have made: by name, or because it belongs to a worker's own user."""
    for folder in {"/tmp", "/dev/shm", "/var/tmp", tempfile.gettempdir()}:
        with suppress(OSError):
            for entry in os.scandir(folder):
                with suppress(OSError):
                    if _OURS.search(entry.name) or entry.stat(follow_symlinks=False).st_uid >= 61_184:
                        yield entry.path


def find_left_behind(server: ForkServer, before: Traces, *, but_for: str = "") -> list[str]:
    """Say what there is now that was not there before; wait for it to go."""
    deadline = time.monotonic() + SECONDS_TO_GO
    while (left := compare_traces(before, find_traces(server), but_for)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def compare_traces(before: Traces, after: Traces, but_for: str) -> list[str]:
    """Say in what two traces differ; one kind of trace may be left out."""
    differences = []
    for kind in fields(Traces):
        was, now = getattr(before, kind.name), getattr(after, kind.name)
        is_more = now - was if isinstance(now, frozenset) else now != was
        if is_more and kind.name != but_for:
            differences.append(f"{kind.name}: {now - was}")
    return differences


# --- the checks that follow every submission ----------------------------------------------------------------


@pytest.fixture(scope="module")
def problem() -> Problem:
    return find_bank().load("batchnorm")


@pytest.fixture(scope="module")
def server(problem: Problem) -> Iterator[ForkServer]:
    with ForkServer(Framework.TORCH) as server:
        assert judge(problem, from_source(problem.read_solution()), server=server).passed
        yield server


def judge_in_time(problem: Problem, path: Path, server: ForkServer) -> Report:
    """Judge a file and see that it ends."""
    started = time.monotonic()
    report = judge(problem, from_path(path), server=server)
    elapsed = time.monotonic() - started
    limit = problem.limits.seconds_in_all + SECONDS_OF_GRACE
    assert elapsed <= limit, f"{path.name} took {elapsed:.1f} seconds, the limit is {limit:g}"
    return report


def assert_safe_to_read(report: Report) -> None:
    """See that a report is small, is UTF-8, and holds no character that moves, hides or reorders text."""
    assert_text_is_safe(report.to_json())


def assert_text_is_safe(text: str) -> None:
    """See the same of a report's JSON, or of anything else that is shown."""
    assert len(text.encode("utf-8")) <= LARGEST_REPORT, (
        f"the report has {len(text.encode('utf-8'))} bytes, the limit is {LARGEST_REPORT}"
    )
    for said in _strings(json.loads(text)):
        said.encode("utf-8")
        unsafe = {f"U+{ord(character):04X}" for character in said if _is_unsafe(character)}
        assert not unsafe, f"the report holds {', '.join(sorted(unsafe))} in {said[:200]!r}"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _is_unsafe(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or ord(character) in INVISIBLE


def find_leaks(report: Report, targets: Targets) -> list[str]:
    """Say what a submission read, wrote, sent or reached that it should not have."""
    return search_for_leaks(report.to_json(), [case.stdout for case in report.cases], targets)


def search_for_leaks(said: str, printed: Iterable[str], targets: Targets) -> list[str]:
    """Say what was read, written, sent or reached, by all that is said and by what was printed."""
    leaks = [
        line[line.index("LEAKED") :] for text in printed for line in text.splitlines() if "LEAKED" in line
    ]
    if targets.secret in said:
        leaks.append("the canary is in the report")
    if MARKER.exists() or MARKER.is_symlink():
        leaks.append("the marker was written")
    if not CANARY.is_file() or CANARY.read_text() != targets.secret:
        leaks.append("the canary was changed")
    return leaks + [f"the {listener} listener heard something" for listener in targets.heard]


@pytest.mark.parametrize("sample", HOSTILE, ids=lambda sample: sample.name)
def test_a_hostile_submission_gains_nothing_and_leaves_nothing(
    sample: Sample, problem: Problem, server: ForkServer, targets: Targets
) -> None:
    targets.renew()
    before = find_traces(server)
    report = judge_in_time(problem, sample.path, server)
    assert find_left_behind(server, before) == []
    assert report.verdict.value in sample.expected, (
        f"{report.verdict}: {report.message or _first_failure(report)}"
    )
    assert Verdict.JUDGE_ERROR not in {case.verdict for case in report.cases}
    assert find_leaks(report, targets) == []
    assert_safe_to_read(report)
    following = judge(problem, from_source(problem.read_solution()), server=server)
    assert following.passed, f"the next honest submission: {following.message or _first_failure(following)}"
    assert find_left_behind(server, before) == []


@pytest.mark.parametrize("sample", HONEST, ids=lambda sample: sample.name)
def test_an_honest_submission_in_a_strange_style_is_accepted(
    sample: Sample, problem: Problem, server: ForkServer
) -> None:
    before = find_traces(server)
    report = judge_in_time(problem, sample.path, server)
    assert report.passed, report.message or _first_failure(report)
    assert_safe_to_read(report)
    assert find_left_behind(server, before) == []


@pytest.mark.parametrize("sample", FLAGGED, ids=lambda sample: sample.name)
def test_what_goes_past_the_operators_is_rejected_or_flagged(
    sample: Sample, problem: Problem, server: ForkServer
) -> None:
    """Rules for torch problems are enforced by detection; what only a submission's text shows is a flag."""
    report = judge_in_time(problem, sample.path, server)
    assert report.verdict.value in sample.expected
    assert not report.passed or getattr(report, "flags", ()), "accepted, and nobody is told what it uses"


CALL = "my_batch_norm(torch.randn(6, 4), torch.ones(4), torch.zeros(4), torch.zeros(4), torch.ones(4))"


@pytest.mark.parametrize("sample", REPRESENTATIVE, ids=lambda sample: sample.name)
def test_hostile_code_in_an_example_gains_nothing_beside_the_jury_solution_either(
    sample: Sample, problem: Problem, server: ForkServer, targets: Targets
) -> None:
    """The example is a learner's word too, and what it does, it does beside the jury solution as well."""
    targets.renew()
    before = find_traces(server)
    answer = from_source(problem.read_solution())
    code = f"{sample.path.read_text(encoding='utf-8')}\n{CALL}\n"
    run = run_example(problem, answer, code, server=server, jury=True)
    assert find_left_behind(server, before) == []
    assert run.jury is not None
    for side in (run, run.jury):
        assert side.verdict != Verdict.JUDGE_ERROR, side.raised
        leaks = search_for_leaks(json.dumps(asdict(side)), [side.printed], targets)
        # what calls it is its own example here, whose text it may well read
        assert [leak for leak in leaks if not leak.startswith(f"LEAKED: source of {EXAMPLE}")] == []
        assert_text_is_safe(json.dumps(asdict(side)))
    following = run_example(problem, answer, "print(1)\n2", server=server, jury=True)
    assert following.jury is not None
    assert [(side.printed, side.value) for side in (following, following.jury)] == [("1\n", "2")] * 2
    assert judge(problem, answer, server=server).passed
    assert find_left_behind(server, before) == []


def _first_failure(report: Report) -> str:
    return next(
        (f"{case.name}: {case.verdict}: {case.message}" for case in report.cases if not case.passed), ""
    )


def test_the_suite_is_as_large_as_promised_and_no_hostile_file_expects_acceptance() -> None:
    assert len(HOSTILE) >= 85
    assert len(HONEST) >= 12
    known = {verdict.value for verdict in Verdict}
    assert all(sample.expected <= known - {"accepted", "judge error"} for sample in HOSTILE)
    assert all(sample.expected == {"accepted"} for sample in HONEST)
    assert len({sample.name for sample in HOSTILE}) == len(HOSTILE)
    assert len(REPRESENTATIVE) >= 29
    assert not any(sample.representative for sample in HONEST + FLAGGED)


@pytest.mark.parametrize(
    "docstring",
    [
        "Loops.",
        "Loops.\n\nSlow: yes, it loops",
        "Loops.\n\nExpected: wrong answer\nSlow: yes",
        "Loops.\n\nExpected: ",
    ],
    ids=["a technique alone", "no verdict", "slow without a reason", "an empty verdict"],
)
def test_a_docstring_that_is_not_whole_is_an_error(docstring: str, tmp_path: Path) -> None:
    path = tmp_path / "e99_loops.py"
    path.write_text(f'"""{docstring}\n"""\n')
    with pytest.raises(ValueError, match=r"e99_loops\.py: the docstring is none"):
        read_sample(path)


def test_a_docstring_carries_all_that_a_test_needs(tmp_path: Path) -> None:
    path = tmp_path / "e99_loops.py"
    path.write_text(
        '"""Loops.\n\nExpected: wrong answer, run-time error\nSlow: yes, it loops\nRepresentative: yes\n"""\n'
    )
    sample = read_sample(path)
    expected = frozenset({"wrong answer", "run-time error", "time limit exceeded"})
    assert sample == Sample(path, "Loops.", expected, slow=True, representative=True)
    assert sample.burns_time


def test_what_is_not_slow_may_not_run_out_of_time(tmp_path: Path) -> None:
    path = tmp_path / "e99_returns.py"
    path.write_text('"""Returns.\n\nExpected: wrong answer\n"""\n')
    sample = read_sample(path)
    assert sample == Sample(path, "Returns.", frozenset({"wrong answer"}))
    assert not sample.burns_time


def test_the_name_of_a_file_is_the_submissions_word_too(
    problem: Problem, server: ForkServer, tmp_path: Path
) -> None:
    path = tmp_path / "\x1b[2J\u202eaccepted\u200b\n\ud800.py".encode("utf-8", "surrogatepass").decode(
        "utf-8", "surrogateescape"
    )
    path.write_text("def batch_norm(x):\n    return x\n")
    report = judge(problem, from_path(path), server=server)
    assert report.verdict is Verdict.COMPILE_ERROR
    assert "\n" not in report.submission, "its second line would read as one of ours"
    assert_safe_to_read(report)


# --- with each layer switched off ---------------------------------------------------------------------------

OFF = "lambda *_arguments, **_options: 'switched off by a test'"
SWITCHES = {
    "process": f"sandbox.separate_process = {OFF}",
    "limits": f"sandbox.limit_process = {OFF}",
    "files": f"sandbox.restrict_files = {OFF}",
    "calls": f"sandbox.restrict_calls = {OFF}",
    "signals": f"sandbox.restrict_signals = {OFF}; sandbox.has_signal_scope = lambda _rules: False",
    "identity": f"sandbox.change_user = {OFF}",
}
ALLOWED = {
    "files": r"LEAKED|the canary is in the report|the marker was written|the canary was changed",
    "calls": r"LEAKED|the (TCP|UDP) listener heard something",
    "signals": r"LEAKED: (kill|sigqueue|tgkill)",
}
"""What may happen where a layer is missing, because no other layer is there to prevent it."""


@pytest.fixture(params=SWITCHES)
def layer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Switch a layer off, in servers that are started from now on, without a word of the package changed."""
    entry = "from torch_judge.execution.forkserver.program import main"
    assert entry in server_module._BOOTSTRAP
    switch = SWITCHES[request.param]
    names = re.findall(r"sandbox\.\w+(?= = )", switch)
    assert names
    # a switch that nothing listens to would turn nothing off
    guarded = f"assert all(({', '.join(names)},)); {switch}"
    switched = server_module._BOOTSTRAP.replace(
        entry, f"from torch_judge.sandbox import enter as sandbox; {guarded}; {entry}"
    )
    monkeypatch.setattr(server_module, "_BOOTSTRAP", switched)
    name: str = request.param
    return name


def test_without_one_layer_the_others_and_the_report_still_hold(
    layer: str, problem: Problem, targets: Targets
) -> None:
    complaints = []
    with ForkServer(Framework.TORCH) as crippled:
        honest = judge(problem, from_source(problem.read_solution()), server=crippled)
        assert honest.passed, honest.message
        assert layer not in honest.isolation
        before = find_traces(crippled)
        for sample in REPRESENTATIVE:
            targets.renew()
            report = judge_in_time(problem, sample.path, crippled)
            assert_safe_to_read(report)
            if report.verdict.value not in sample.expected:
                complaints.append(
                    f"{sample.name}: {report.verdict}: {report.message or _first_failure(report)}"
                )
            allowed = ALLOWED.get(layer)
            complaints += [
                f"{sample.name}: {leak}"
                for leak in find_leaks(report, targets)
                if not (allowed and re.match(allowed, leak))
            ]
            left = find_left_behind(crippled, before, but_for="files")  # without a layer one may be written
            complaints += [f"{sample.name}: left {trace}" for trace in left]
        assert judge(problem, from_source(problem.read_solution()), server=crippled).passed
        _forget(before.files)
    assert complaints == []


def _forget(known: frozenset[str]) -> None:
    """Remove what attacks could leave where the layer that forbids it was off."""
    for path in set(_files()) - known:
        if "attack" in path and Path(path) not in {MARKER, CANARY}:
            _remove(Path(path))


# --- as an ordinary user ------------------------------------------------------------------------------------

ORDINARY = """
import json, sys
from pathlib import Path
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.model.submission import from_path, from_source

problem = find_bank().load("batchnorm")
with ForkServer(Framework.TORCH) as server:
    for path in sys.argv[1:]:
        report = judge(problem, from_path(Path(path)), server=server)
        following = judge(problem, from_source(problem.read_solution()), server=server)
        answer = {"path": path, "report": report.to_json(), "following": following.to_json()}
        print(json.dumps(answer), flush=True)
"""


@pytest.fixture(scope="module")
def ordinary(problem: Problem) -> Iterator[Callable[..., str]]:
    """Make a function that runs our Python as an ordinary user.

    Where our interpreter is in a closed home, it runs a copy of it.
    """
    if os.geteuid() != 0:
        pytest.skip("these tests run as an ordinary user already")
    if shutil.which("runuser") is None:
        pytest.skip("there is no runuser here, with which root can become another user")
    folder = Path(tempfile.mkdtemp(prefix="judge_of_nobody_"))
    try:
        folder.chmod(0o755)
        python = _python_for_nobody(folder)
        root = str(ROOT)

        def run(*arguments: str) -> str:
            command = [
                "runuser",
                "-u",
                "nobody",
                "--",
                "env",
                "-i",
                f"PYTHONPATH={root}",
                "PATH=/usr/bin:/bin",
                "HOME=/",
                python,
                *arguments,
            ]
            done = subprocess.run(command, capture_output=True, text=True, timeout=400, cwd="/", check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            return done.stdout

        try:
            run("-B", "-c", "import torch_judge.ui.cli.app, psutil")
        except AssertionError as error:
            pytest.skip(
                f"nobody cannot read an interpreter with our packages: {str(error).strip().splitlines()[-1]}"
            )
        yield run
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _python_for_nobody(folder: Path) -> str:
    """Choose an interpreter that nobody can run: ours, or a copy of it that finds our packages in place."""
    if (
        subprocess.run(
            ["runuser", "-u", "nobody", "--", sys.executable, "-c", ""], capture_output=True, check=False
        ).returncode
        == 0
    ):
        return sys.executable
    base, name = Path(sys.base_prefix), Path(os.path.realpath(sys.executable)).name
    library = Path(sysconfig.get_path("stdlib")).relative_to(base)
    unneeded = shutil.ignore_patterns(
        "site-packages", "test", "idlelib", "ensurepip", "tkinter", "__pycache__", "config-*"
    )
    shutil.copytree(base / library, folder / library, ignore=unneeded)
    (folder / "bin").mkdir()
    shutil.copy(os.path.realpath(sys.executable), folder / "bin" / name)
    for shared in (base / "lib").glob("libpython*"):
        shutil.copy(shared, folder / "lib", follow_symlinks=False)
    packages = folder / library / "site-packages"
    packages.mkdir()
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copy(shutil.which("env") or "/usr/bin/env", folder / "bin" / "env")
    (folder / "python").write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={folder}/lib exec {folder}/bin/{name} "$@"\n')
    (folder / "python").chmod(0o755)
    return str(folder / "python")


def test_as_an_ordinary_user_the_judge_holds_too(ordinary: Callable[..., str], targets: Targets) -> None:
    """Nobody owns the canary here, and it is open to all: the sandbox alone keeps it from the submission."""
    targets.renew()
    paths = [str(sample.path) for sample in REPRESENTATIVE]
    answers = [json.loads(line) for line in ordinary("-B", "-c", ORDINARY, *paths).splitlines()]
    assert len(answers) == len(REPRESENTATIVE)
    complaints = []
    for sample, answer in zip(REPRESENTATIVE, answers, strict=True):
        report, following = Report.from_json(answer["report"]), Report.from_json(answer["following"])
        assert_safe_to_read(report)
        if report.verdict.value not in sample.expected:
            complaints.append(f"{sample.name}: {report.verdict}: {report.message or _first_failure(report)}")
        if not following.passed:
            complaints.append(f"after {sample.name}: {following.message or _first_failure(following)}")
        complaints += [f"{sample.name}: {leak}" for leak in find_leaks(report, targets)]
        assert "identity" not in report.isolation
    assert complaints == []
    assert {"process", "limits"} <= set(following.isolation)


def test_a_hostile_file_says_its_technique_in_a_sentence() -> None:
    assert [
        sample.name
        for sample in HOSTILE + HONEST + FLAGGED
        if not re.fullmatch(r"[A-Z].+\.", sample.technique)
    ] == []
    assert {path.suffix for path in FOLDER.rglob("*") if path.is_file()} <= {".py", ".txt", ".pyc"}
