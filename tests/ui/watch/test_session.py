"""`torch-judge watch` in a real terminal and without one: saves, keys, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import psutil
import pytest

from tests.support import ROOT
from tests.support.packages import SOLUTION, TOML, write_package
from torch_judge.learning.history import find_history

WRONG = "def double(x, scale=2.0):\n    return x + 0\n"
ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
COMMAND = ["-m", "torch_judge", "watch"]
PATIENCE = 30


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a bank of a NumPy problem, whose server starts in no time, and of a second one."""
    write_package(tmp_path / "bank", framework="numpy")
    (tmp_path / "bank" / "double" / "hints.md").write_text("First hint.\n---\nSecond hint.\n")
    other = tmp_path / "bank" / "again"
    write_package(tmp_path / "two", framework="numpy")
    (tmp_path / "two" / "double").rename(other)
    (other / "problem.toml").write_text(TOML.format(framework="numpy").replace("number = 1", "number = 2"))
    monkeypatch.setenv("TORCH_JUDGE_BANK", str(tmp_path / "bank"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TERM", "xterm-256color")
    return tmp_path / "bank"


@pytest.fixture
def answer(bank: Path, tmp_path: Path) -> Path:
    """Write an answer into a folder of its own."""
    path = tmp_path / "work" / "double.py"
    path.parent.mkdir()
    path.write_text(WRONG)
    return path


@pytest.fixture
def terminal(answer: Path) -> Iterator[pexpect.spawn]:
    """Start a watch in a terminal, and wait for its first verdict."""
    child = spawn(answer)
    child.expect("q quit")
    yield child
    child.close(force=True)


def spawn(path: Path, *options: str) -> pexpect.spawn:
    child = pexpect.spawn(
        sys.executable,
        [*COMMAND, str(path), *options],
        cwd=str(path.parent),
        dimensions=(50, 100),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    child.expect(r"judging|torch-judge:|double")
    return child


def processes_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def all_gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=5)
    return not alive


def attempts() -> int:
    return find_history().count(str(Path(os.environ["TORCH_JUDGE_BANK"]).resolve()), "double")


def test_a_save_is_judged_and_the_screen_drawn_again(terminal: pexpect.spawn, answer: Path) -> None:
    assert "wrong answer" in terminal.before
    answer.write_text(SOLUTION)
    terminal.expect("accepted")
    terminal.expect("q quit")
    assert "1 of 1 cases passed" in terminal.before
    answer.write_text("def double(\n")
    terminal.expect(r"\x1b\[2J.*compile error")


def test_an_editor_that_saves_by_renaming_is_followed(terminal: pexpect.spawn, answer: Path) -> None:
    for text, verdict in ((SOLUTION, "accepted"), (WRONG, "wrong answer"), (SOLUTION, "accepted")):
        fresh = answer.with_name("double.py.swp")
        fresh.write_text(text)
        fresh.rename(answer)
        terminal.expect(f"double: .*{verdict}")
        terminal.expect("q quit")


def test_a_file_that_goes_away_is_waited_for(terminal: pexpect.spawn, answer: Path) -> None:
    answer.unlink()
    terminal.expect("is not there; waiting for it")
    terminal.expect("q quit")
    answer.write_text(SOLUTION)
    terminal.expect("accepted")


def test_a_file_that_is_emptied_before_it_is_filled_is_judged_once_it_is_full(
    terminal: pexpect.spawn, answer: Path
) -> None:
    with answer.open("w") as file:
        file.flush()
        time.sleep(0.1)
        file.write(SOLUTION)
    terminal.expect("double: .{0,20}(accepted|compile error|wrong answer)")
    assert terminal.match[1] == "accepted"


def test_of_many_saves_in_a_row_the_last_one_counts(terminal: pexpect.spawn, answer: Path) -> None:
    before = attempts()
    for number in range(40):
        answer.write_text(f"{WRONG}# {number}\n")
        time.sleep(0.004)
    answer.write_text(SOLUTION)
    terminal.expect("accepted")
    terminal.expect("q quit")
    time.sleep(0.7)
    assert attempts() - before < 20
    (last,) = find_history().list_latest(
        str(Path(os.environ["TORCH_JUDGE_BANK"]).resolve()), "double", most=1
    )
    assert last.attempt.code == SOLUTION


def test_a_save_ends_the_check_of_the_text_before(terminal: pexpect.spawn, answer: Path) -> None:
    answer.write_text(ENDLESS)
    terminal.expect("judging")
    time.sleep(0.3)
    start = time.monotonic()
    answer.write_text(SOLUTION)
    terminal.expect("accepted")
    assert time.monotonic() - start < 0.9  # a case may take a second, and this one had most of it left
    assert attempts() == 2


def test_enter_judges_again_and_a_save_that_changes_nothing_does_not(
    terminal: pexpect.spawn, answer: Path
) -> None:
    terminal.send("\r")
    terminal.expect("double: .*wrong answer")
    terminal.expect("q quit")
    assert attempts() == 2
    answer.chmod(0o600)
    time.sleep(0.8)
    assert attempts() == 2


def test_keys_give_hints_and_the_solution_after_a_confirmation(terminal: pexpect.spawn) -> None:
    terminal.send("h")
    terminal.expect("First hint")
    terminal.send("h")
    terminal.expect("Second hint")
    terminal.send("s")
    terminal.expect("Press s again")
    terminal.send("x")
    terminal.send("s")
    terminal.expect("Press s again")
    terminal.send("s")
    terminal.expect("the jury solution")
    terminal.expect(r"return x \* scale")


def test_the_key_n_asks_and_then_lays_out_the_next_problem_and_watches_it(
    terminal: pexpect.spawn, answer: Path
) -> None:
    laid = answer.with_name("again.py")
    for key in ("x", "n"):
        terminal.send("n")
        terminal.expect(r"not solved double yet\. Press n again to leave it for again")
        assert not laid.exists()
        terminal.send(key)
    terminal.expect("again: ")
    terminal.expect("nothing is written yet")
    terminal.expect("q quit")
    assert laid.read_text().startswith("# 2. Double (easy): write double.")
    laid.write_text(SOLUTION)
    terminal.expect("again: .*accepted")
    assert answer.read_text() == WRONG


def test_an_accepted_answer_opens_the_next_problem_at_once(terminal: pexpect.spawn, answer: Path) -> None:
    answer.write_text(SOLUTION)
    terminal.expect(r"Solved on attempt 2, with no hint\. 1 of 2 problems solved\.")
    terminal.expect("Compare it with the jury solution: `s`")
    terminal.expect("Next: again, Double .easy.. `n` gives you its starter")
    terminal.send("n")
    terminal.expect("again: ")
    assert answer.with_name("again.py").exists()


def test_beside_a_notebook_the_next_problem_is_one_too(answer: Path) -> None:
    answer.unlink()
    begun = subprocess.run(
        [sys.executable, "-m", "torch_judge", "start", "double", "--notebook"],
        cwd=answer.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    name = re.search(r"torch-judge watch (\S+)", begun.stdout)[1]
    child = spawn(answer.with_name(name))
    child.expect("nothing is written yet")
    for key in "nn":
        child.send(key)
    child.expect("again: ")
    assert answer.with_name("02_again.ipynb").exists()
    child.close(force=True)


def test_without_a_file_the_next_problem_is_laid_out_and_watched(answer: Path) -> None:
    answer.unlink()
    for arguments, name in (([], "double.py"), (["again"], "again.py"), (["2"], "again.py")):
        child = pexpect.spawn(
            sys.executable, [*COMMAND, *arguments], cwd=str(answer.parent), encoding="utf-8", timeout=PATIENCE
        )
        child.expect(f"{name}: written" if not arguments or arguments == ["again"] else name)
        child.expect("nothing is written yet")
        child.close(force=True)
        assert answer.with_name(name).exists()


@pytest.mark.parametrize("end", ["q", "interrupt", "SIGTERM", "SIGHUP"])
def test_whatever_ends_it_the_terminal_is_as_it_was_and_nothing_is_left(answer: Path, end: str) -> None:
    child = pexpect.spawn(
        "/bin/bash",
        ["--norc"],
        cwd=str(answer.parent),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(50, 100),
    )
    child.sendline("stty -a | md5sum; PS1='ready> '")
    before = child.expect(r"([0-9a-f]{32})") == 0 and child.match[1]
    child.sendline(f"{sys.executable} {' '.join(COMMAND)} {answer}; echo ended with $?")
    child.expect("q quit")
    (watching,) = psutil.Process(child.pid).children()
    left = watching.children(recursive=True)
    if end == "q":
        child.send("q")
    elif end == "interrupt":
        child.sendintr()
    else:
        watching.send_signal(signal.Signals[end])
    child.expect(r"ended with (\d+)")
    assert child.match[1] == {"q": "0", "interrupt": "130", "SIGTERM": "143", "SIGHUP": "129"}[end]
    assert left and all_gone(left)
    child.sendline("stty -a | md5sum")
    child.expect(r"([0-9a-f]{32})")
    assert child.match[1] == before
    child.close(force=True)


def test_it_can_be_stopped_and_goes_on_in_the_same_terminal(terminal: pexpect.spawn, answer: Path) -> None:
    os.kill(terminal.pid, signal.SIGSTOP)
    attributes = termios.tcgetattr(terminal.child_fd)
    attributes[3] |= termios.ICANON | termios.ECHO  # as a shell sets them
    termios.tcsetattr(terminal.child_fd, termios.TCSANOW, attributes)
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.expect("q quit")
    assert not termios.tcgetattr(terminal.child_fd)[3] & termios.ICANON
    terminal.send("h")
    terminal.expect("First hint")


def test_without_a_terminal_it_prints_plain_lines_and_reads_no_keys(answer: Path) -> None:
    with subprocess.Popen(
        [sys.executable, *COMMAND, str(answer)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith("double: wrong answer"):
            assert line
        answer.write_text(SOLUTION)
        while not (line := process.stdout.readline()).startswith("double: accepted"):
            assert line
            assert "\x1b" not in line
        left = processes_of(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (130, "torch-judge: interrupted\n")
    assert left and all_gone(left)


def test_the_problem_comes_from_the_files_name_or_is_given(bank: Path, tmp_path: Path) -> None:
    path = tmp_path / "doubel.py"
    path.write_text(SOLUTION)
    child = pexpect.spawn(sys.executable, [*COMMAND, str(path)], encoding="utf-8", timeout=PATIENCE)
    child.expect("no problem 'doubel'; did you mean 'double'. say which one it is for: torch-judge watch ")
    child.expect("--problem NAME")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    child = spawn(path, "--problem", "double")
    child.expect("accepted")
    child.close(force=True)
    for name in ("01_double.py", "double.1.py"):
        path.rename(path := path.with_name(name))
        child = spawn(path)
        child.expect("accepted")
        child.close(force=True)


def test_a_file_that_is_not_there_yet_is_waited_for_and_a_folder_that_is_not_is_wrong_usage(
    bank: Path, tmp_path: Path
) -> None:
    child = spawn(tmp_path / "double.py")
    child.expect("is not there; waiting for it")
    (tmp_path / "double.py").write_text(SOLUTION)
    child.expect("accepted")
    child.close(force=True)
    done = subprocess.run(
        [sys.executable, *COMMAND, str(tmp_path / "no" / "double.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, f"torch-judge: {tmp_path}/no: no such folder\n")


def test_what_cannot_be_kept_is_said_and_judging_goes_on(
    answer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_JUDGE_HOME", "/dev/null/home")
    child = spawn(answer)
    child.expect("wrong answer")
    child.expect("this attempt is not kept")
    child.expect("q quit")
    answer.write_text(SOLUTION)
    child.expect("accepted")
    child.send("h")
    child.expect("First hint")
    child.close(force=True)


def servers_of(pid: int) -> set[int]:
    program = "torch_judge.execution.forkserver.program"
    return {process.pid for process in processes_of(pid) if program in " ".join(process.cmdline())}


def test_the_server_stays_warm_between_checks(terminal: pexpect.spawn, answer: Path) -> None:
    servers = servers_of(terminal.pid)
    answer.write_text(SOLUTION)
    terminal.expect("accepted")
    terminal.expect("q quit")
    assert servers
    assert servers_of(terminal.pid) == servers
    assert not re.search("Traceback", terminal.before)
