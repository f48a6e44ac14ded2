"""The client: the same report as here, the same card, and sentences for whatever is wrong there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.support import ROOT
from tests.support.commands import torch_judge
from tests.support.packages import NUMPY_CASES, SAMPLES
from tests.support.services import Running, reach, run_server, wait_until, write_bank
from torch_judge.model.errors import JudgeError, UsageError
from torch_judge.model.report import CaseResult, Report, Verdict
from torch_judge.model.submission import Carried, Cell, Submission, from_source
from torch_judge.service import client as module
from torch_judge.service.client import BusyError, Remote, connect
from torch_judge.service.ledger import Entry
from torch_judge.service.queue import State
from torch_judge.service.store import open_store
from torch_judge.service.users import Role
from torch_judge.ui.notebook.check import check

RIGHT, WRONG = SAMPLES["accepted/adds_twice.py"], SAMPLES["wrong_answer/returns_x.py"]
CONTROL = NUMPY_CASES.replace("the result is twice x", "the result is \\x1b[31mtwice\\x1b[0m x")


@dataclass(frozen=True, slots=True)
class Away:
    """A server, the tokens of a learner and a teacher, and where it keeps what it knows."""

    server: Running
    ada: str
    tina: str
    data: Path
    bank: Path

    def connect(self, monkeypatch: pytest.MonkeyPatch, token: str | None = None) -> Remote:
        """Make a client with a token from the environment, the learner's by default."""
        monkeypatch.setenv("TORCH_JUDGE_TOKEN", token or self.ada)
        return connect(self.server.address, folder=None)


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    folder = tmp_path_factory.mktemp("away")
    bank = write_bank(folder / "bank", cases=CONTROL)
    with open_store(folder / "data") as store:
        ada, tina = store.accounts.add("ada"), store.accounts.add("tina", Role.TEACHER)
    with run_server(bank, "--data", folder / "data", "--jobs", 1, "--per-minute", 1000) as server:
        yield Away(server, ada, tina, folder / "data", bank)


def test_a_report_comes_from_there_and_its_cases_as_they_are_decided(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    suites: list[list[str]] = []
    cases: list[CaseResult] = []
    report = away.connect(monkeypatch).judge(
        "double",
        from_source(WRONG),
        on_suite=lambda suite: suites.append([case.name for case in suite]),
        on_case=cases.append,
    )
    assert report.verdict is Verdict.WRONG_ANSWER
    assert report.diagnosis is not None and report.diagnosis.gotcha == "returns_x"
    assert report.counterexample is None or report.counterexample.differs
    assert suites == [["doubles_by_default"]]
    assert [case.verdict for case in cases] == [Verdict.WRONG_ANSWER]
    assert "\x1b" not in report.to_json() and "\x1b" not in report.cases[0].message


def test_a_notebook_with_modules_is_judged_there(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = Submission(
        "mine.ipynb",
        (Cell("cell 1", "from beside import half\ndouble = lambda x, scale=2.0: 2 * half(x) * scale"),),
        notebook=True,
        modules={"beside": Carried("def half(x):\n    return x / 2\n")},
    )
    report = away.connect(monkeypatch).judge("double", submission)
    assert (report.verdict, report.submission) == (Verdict.ACCEPTED, "mine.ipynb")


def test_a_teacher_replays_a_seed_and_a_learner_is_told_why_not(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert away.connect(monkeypatch, away.tina).judge("double", from_source(RIGHT), seed=7).seed == 7
    with pytest.raises(UsageError, match="a learner's inputs are drawn afresh each time"):
        away.connect(monkeypatch).judge("double", from_source(RIGHT), seed=7)


def test_check_judges_there_what_is_defined_here_and_shows_the_same(
    away: Away, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_TOKEN", away.ada)

    report = check("double", RIGHT, server=away.server.address)
    assert report.passed
    there = capsys.readouterr().out
    assert "✓ doubles by default" in there and "accepted, 1 of 1 cases passed" in there
    monkeypatch.setenv("TORCH_JUDGE_SERVER", away.server.address)
    assert not check(1, WRONG, quiet=True).passed
    assert capsys.readouterr().out == ""
    for options in ({"bank": "x"}, {"require_isolation": "full"}):
        with pytest.raises(UsageError, match="is the server's own"):
            check("double", RIGHT, **options)  # type: ignore[arg-type]


def test_check_sends_the_source_of_a_live_function(
    away: Away, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"from torch_judge import check\n\n{RIGHT}\n"
        f"report = check('double', server={away.server.address!r}, quiet=True)\n"
        "print(report.verdict, report.notes)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TORCH_JUDGE_TOKEN": away.ada}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.startswith("accepted "), done.stderr
    assert "this session's source, not the live object: a judge elsewhere is sent text" in done.stdout


def test_run_judges_there_and_exits_as_ever(away: Away, tmp_path: Path) -> None:
    for name, text in (("right.py", RIGHT), ("wrong.py", WRONG)):
        (tmp_path / name).write_text(text)
    environment = {"TORCH_JUDGE_TOKEN": away.ada, "TORCH_JUDGE_SERVER": away.server.address}
    done = torch_judge("run", "double", tmp_path / "right.py", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith("double: accepted, 1 of 1 cases passed")
    done = torch_judge("run", "double", tmp_path / "right.py", tmp_path / "wrong.py", **environment)
    assert done.returncode == 1
    assert "accepted" in done.stdout and "wrong answer" in done.stdout
    done = torch_judge("run", "doubl", tmp_path / "right.py", **environment)
    assert done.returncode == 2
    assert "no problem 'doubl'; did you mean 'double'?" in done.stderr
    for options in (("--bank", tmp_path), ("--require-isolation", "full"), ("--record",)):
        done = torch_judge("run", "double", tmp_path / "right.py", *options, **environment)
        assert done.returncode == 2
        assert f"{options[0]} is the server's own" in done.stderr


ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"


def interrupt(process: subprocess.Popen[str], holds: Callable[[], bool]) -> str:
    """Send Ctrl-C to a program as soon as something holds; return what it said."""
    wait_until(holds)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return said


@pytest.mark.parametrize("program", ["run", "check"])
def test_ctrl_c_withdraws_what_was_submitted(away: Away, tmp_path: Path, program: str) -> None:
    (tmp_path / "mine.py").write_text(ENDLESS)
    script = tmp_path / "script.py"
    script.write_text(f"from torch_judge import check\n\n{ENDLESS}\ncheck('double', double)\n")
    command = ["-m", "torch_judge", "run", "double", tmp_path / "mine.py"] if program == "run" else [script]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TORCH_JUDGE_TOKEN": away.ada,
        "TORCH_JUDGE_SERVER": away.server.address,
    }
    with open_store(away.data) as store:
        before = {entry.id for entry in store.ledger.list_history(1, most=1000)}

        def find_new() -> list[Entry]:
            return [entry for entry in store.ledger.list_history(1, most=1000) if entry.id not in before]

        with subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            said = interrupt(process, lambda: [one.state for one in find_new()] == [State.RUNNING])
        (entry,) = find_new()
    assert entry.state is State.WITHDRAWN
    assert process.returncode in {130, -signal.SIGINT}
    if program == "run":
        assert said == "torch-judge: interrupted: the submission is withdrawn\n"


def test_ctrl_c_before_the_server_s_answer_is_read_withdraws_too(
    away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt_behind(self: Remote, *arguments: object, **options: object) -> object:
        ask(self, *arguments, **options)
        raise KeyboardInterrupt

    remote, ask = away.connect(monkeypatch), Remote._ask
    monkeypatch.setattr(Remote, "_ask", interrupt_behind)
    with open_store(away.data) as store:
        before = {entry.id for entry in store.ledger.list_history(1, most=1000)}
        with pytest.raises(KeyboardInterrupt, match="the submission is withdrawn"):
            remote.judge("double", from_source(ENDLESS))
        (entry,) = [each for each in store.ledger.list_history(1, most=1000) if each.id not in before]
    assert entry.state is State.WITHDRAWN


def test_what_is_withdrawn_elsewhere_is_said(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    def withdraw(_cases: object) -> None:
        with open_store(away.data) as store:
            (last,) = store.ledger.list_history(1, most=1)
            store.queue.withdraw(1, last.id)

    with pytest.raises(UsageError, match="this submission was withdrawn"):
        away.connect(monkeypatch).judge("double", from_source(ENDLESS), on_suite=withdraw)


# --- what goes wrong ---


def test_a_wrong_token_is_said(away: Away, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not know your token; a teacher gives you another one"):
        away.connect(monkeypatch, "tj_wrong").find_problem("double")
    (tmp_path / "right.py").write_text(RIGHT)
    environment = {"TORCH_JUDGE_TOKEN": "tj_wrong", "TORCH_JUDGE_SERVER": away.server.address}
    done = torch_judge("run", "double", tmp_path / "right.py", **environment)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_no_server_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_JUDGE_TOKEN", "tj_x")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(
        JudgeError, match=rf"no judge answers at http://127\.0\.0\.1:{port}: Connection refused"
    ):
        connect(f"http://127.0.0.1:{port}", folder=None).find_problem("double")
    with pytest.raises(JudgeError, match=r"no judge answers at https://no\.invalid: "):
        connect("https://no.invalid", folder=None).find_problem("double")


def test_what_cannot_be_sent_is_said_here(away: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"submission\.py holds no code"):
        away.connect(monkeypatch).judge("double", from_source(" "))


def test_who_asks_too_often_is_told_and_who_is_patient_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = write_bank(tmp_path / "bank")
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
        with run_server(bank, "--data", tmp_path / "data", "--jobs", 1, "--per-minute", 1) as server:
            monkeypatch.setenv("TORCH_JUDGE_TOKEN", token)
            remote = connect(server.address, folder=None)
            assert remote.judge("double", from_source(RIGHT)).passed
            with pytest.raises(BusyError, match="1 submissions in a minute are the most; try again in"):
                remote.judge("double", from_source(RIGHT))
            with store.database.transaction(alone=True) as transaction:
                transaction.run("UPDATE submissions SET asked_at = asked_at - 57")
            assert remote.judge("double", from_source(RIGHT), is_patient=True).passed


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (200, "hello", "is no torch_judge of this release: it answered no JSON"),
        (200, "[]", "is no torch_judge of this release: it answered no JSON object"),
        (200, '{"slug": 7}', "is no torch_judge of this release: it answered Expected `str`, got `int`"),
        (404, "<html>", "answered 404"),
        (500, '{"error": "\\u001b[31mred"}', r"answered 500: \\x1b\[31mred"),
        (302, "", "answered 302"),
    ],
)
def test_a_server_that_is_no_judge_is_said(
    monkeypatch: pytest.MonkeyPatch, status: int, text: str, said: str
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_TOKEN", "tj_x")

    async def answer(_request: Request) -> Response:
        return PlainTextResponse(text, status)

    app = Starlette(routes=[Route("/{path:path}", answer)])
    with reach(app) as client, pytest.raises(JudgeError, match=said):
        connect(str(client.base_url), folder=None).find_problem("double")


def test_a_server_that_ends_and_comes_back_in_the_middle_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = write_bank(tmp_path / "bank")
    slow = RIGHT.replace("    return", "    import time\n    time.sleep(1)\n    return")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    options = ("--data", tmp_path / "data", "--jobs", 1, "--port", port, "--lease", 1)
    with open_store(tmp_path / "data") as store:
        monkeypatch.setenv("TORCH_JUDGE_TOKEN", store.accounts.add("ada"))
        remote = connect(f"http://127.0.0.1:{port}", folder=None)
        verdicts: list[Verdict] = []
        asker = threading.Thread(
            target=lambda: verdicts.append(remote.judge("double", from_source(slow)).verdict)
        )
        follows, follow = threading.Event(), module._Follower.follow

        def follow_and_tell(self: module._Follower) -> Report:
            follows.set()
            return follow(self)

        monkeypatch.setattr(module._Follower, "follow", follow_and_tell)
        with run_server(bank, *options) as server:
            asker.start()
            assert follows.wait(60)  # it knows that the submission has arrived
            wait_until(lambda: any(store.queue.count().values()))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
        with run_server(bank, *options):
            asker.join(120)
    assert verdicts == [Verdict.ACCEPTED]


def test_a_server_that_never_comes_back_is_said_with_where_the_submission_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_COME_BACK", 1.0)
    bank = write_bank(tmp_path / "bank")
    slow = RIGHT.replace("    return", "    import time\n    time.sleep(30)\n    return")
    with open_store(tmp_path / "data") as store:
        monkeypatch.setenv("TORCH_JUDGE_TOKEN", store.accounts.add("ada"))
        with run_server(bank, "--data", tmp_path / "data", "--jobs", 1) as server:
            remote = connect(server.address, folder=None)

            def end(_cases: object) -> None:
                server.process.kill()
                server.process.wait()

            with pytest.raises(
                JudgeError, match=r"stopped answering .*; the submission is kept there as [0-9a-f]+"
            ):
                remote.judge("double", from_source(slow), on_suite=end)


def test_a_token_is_in_no_representation() -> None:
    remote = Remote(module.parse_url("http://localhost", allow_http=False), "tj_secret")
    assert "secret" not in repr(remote)
