"""`torch-judge prompts` and `evaluate`: what a model is asked, and what its answers are worth."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.support import ROOT
from tests.support.commands import torch_judge
from tests.support.packages import SAMPLES, SOLUTION, give_time, write_package

WRONG = SAMPLES["wrong_answer/ignores_scale.py"]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    write_package(tmp_path / "bank")
    return tmp_path / "bank"


def write_lines(path: Path, *texts: str) -> Path:
    path.write_text("".join(json.dumps({"task_id": "double", "solution": text}) + "\n" for text in texts))
    return path


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_prompt_holds_the_statement_and_the_starter_and_nothing_hidden(bank: Path) -> None:
    done = torch_judge("prompts", "--bank", bank)
    (line,) = done.stdout.splitlines()
    prompt = json.loads(line)
    assert prompt["task_id"] == prompt["entry_point"] == "double"
    assert (bank / "double" / "statement.md").read_text().strip() in prompt["prompt"]
    assert "raise NotImplementedError" in prompt["prompt"]
    assert prompt["rule"] == "Multiply by yourself."
    assert prompt["limits"]["seconds_per_case"] == 1
    assert re.fullmatch(r"[0-9a-f]{16}", prompt["bank_version"])
    assert "doubles_by_default" not in line and "return x * scale" not in line


def test_an_unknown_problem_has_no_prompt(bank: Path) -> None:
    done = torch_judge("prompts", "doubel", "--bank", bank)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no problem 'doubel'; did you mean 'double'" in done.stderr


def test_every_answer_gets_a_line_and_all_a_summary(bank: Path, tmp_path: Path) -> None:
    source, out = write_lines(tmp_path / "s.jsonl", SOLUTION, WRONG, WRONG), tmp_path / "r.jsonl"
    done = torch_judge("evaluate", source, "-o", out, "--seed", 3, "--k", "1,2", "--jobs", 2, "--bank", bank)
    assert (done.returncode, done.stderr) == (1, "")
    lines = sorted(read(out), key=lambda line: str(line["sample_id"]))
    assert [line["verdict"] for line in lines] == ["accepted", "wrong answer", "wrong answer"]
    assert [line["passed"] for line in lines] == [True, False, False]
    assert lines[1]["diagnosis"] == ["ignores_scale"]
    summary = json.loads((tmp_path / "r.summary.json").read_text())
    assert summary["total"]["pass_at"] == {"1": pytest.approx(1 / 3), "2": pytest.approx(2 / 3)}
    assert summary["mistakes"] == {"double": {"ignores_scale": 2}}
    assert "2  double: ignores scale" in done.stdout
    assert done.stdout.endswith("1 of 3 answers accepted; 2 wrong answer; seed 3\n")


def test_what_cannot_be_judged_is_said_and_the_rest_is_judged(bank: Path, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s.jsonl", SOLUTION)
    source.write_text(source.read_text() + '{"task_id": "nothing", "solution": "x"}\n{torn')
    done = torch_judge("evaluate", source, "-o", tmp_path / "r.jsonl", "--bank", bank)
    assert done.returncode == 2
    assert f"torch-judge: {source}, line 2: no problem 'nothing'\n" in done.stderr
    assert f"torch-judge: {source}, line 3: no JSON: " in done.stderr
    assert "1 of 1 answers accepted; 2 not judged" in done.stdout


def test_results_that_are_there_are_kept_and_gone_on_with(bank: Path, tmp_path: Path) -> None:
    source, out = write_lines(tmp_path / "s.jsonl", SOLUTION, WRONG), tmp_path / "r.jsonl"
    command = ("evaluate", source, "-o", out, "--bank", bank)
    torch_judge(*command, "--seed", 8)
    before = out.read_text()
    again = torch_judge(*command)
    assert again.returncode == 2 and "--resume goes on with them" in again.stderr
    out.write_text(before[:-20])
    resumed = torch_judge(*command, "--resume")
    assert resumed.stdout.endswith("1 of 2 answers accepted; 1 wrong answer; seed 8\n")
    assert sorted(re.sub(r'"seconds": [^,]*', "", line) for line in before.splitlines()) == sorted(
        re.sub(r'"seconds": [^,]*', "", line) for line in out.read_text().splitlines()
    )
    other = torch_judge(*command, "--resume", "--seed", 9)
    assert other.returncode == 2 and "another seed: 8; this run has 9" in other.stderr


def test_standard_input_and_shards(bank: Path, tmp_path: Path) -> None:
    texts = [f"{SOLUTION}# {n}\n" for n in range(4)]
    source = write_lines(tmp_path / "s.jsonl", *texts)
    judged = []
    for part in ("1/2", "2/2"):
        out = tmp_path / f"r{part[0]}.jsonl"
        done = torch_judge(
            "evaluate", "-", "-o", out, "--shard", part, "--bank", bank, typed=source.read_text()
        )
        assert done.returncode == 0
        judged += [line["sample_id"] for line in read(out)]
    assert sorted(judged) == ["0", "1", "2", "3"]


def test_raw_looks_for_no_markdown(bank: Path, tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s.jsonl", f"```python\n{SOLUTION}```\n")
    raw = torch_judge("evaluate", source, "-o", tmp_path / "r.jsonl", "--raw", "--bank", bank)
    assert "0 of 1 answers accepted; 1 compile error" in raw.stdout
    found = torch_judge("evaluate", source, "-o", tmp_path / "f.jsonl", "--bank", bank)
    assert "1 of 1 answers accepted" in found.stdout


@pytest.mark.parametrize("ks", ["0", "a", "1,,2", "-1"])
def test_a_k_that_is_none_is_said(bank: Path, tmp_path: Path, ks: str) -> None:
    source = write_lines(tmp_path / "s.jsonl", SOLUTION)
    done = torch_judge("evaluate", source, "-o", tmp_path / "r.jsonl", f"--k={ks}", "--bank", bank)
    assert done.returncode == 2 and "expected whole numbers from 1" in done.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_ctrl_c_says_how_to_go_on(bank: Path, tmp_path: Path) -> None:
    give_time(bank / "double")
    source = write_lines(tmp_path / "s.jsonl", SOLUTION, "while True: pass\n")
    command = [
        "-m",
        "torch_judge",
        "evaluate",
        str(source),
        "-o",
        str(tmp_path / "r.jsonl"),
        "--bank",
        str(bank),
    ]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", timeout=60, cwd=ROOT)
    child.expect("1/2")
    child.sendintr()
    child.expect("interrupted: 1 of 2 answers are in ")
    child.expect("--resume")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    assert [line["verdict"] for line in read(tmp_path / "r.jsonl")] == ["accepted"]


def test_a_run_that_was_killed_loses_nothing_that_it_wrote(bank: Path, tmp_path: Path) -> None:
    give_time(bank / "double")
    source, out = write_lines(tmp_path / "s.jsonl", SOLUTION, "while True: pass\n"), tmp_path / "r.jsonl"
    command = [
        sys.executable,
        "-m",
        "torch_judge",
        "evaluate",
        str(source),
        "-o",
        str(out),
        "--bank",
        str(bank),
    ]
    with subprocess.Popen([*command, "--seed", "5"], cwd=ROOT) as process:
        while not (out.exists() and out.read_bytes().endswith(b"\n")):
            assert process.poll() is None
        process.kill()
    source.write_text("".join(source.read_text().splitlines(keepends=True)[:1]))
    done = torch_judge("evaluate", source, "-o", out, "--resume", "--bank", bank)
    assert done.stdout.endswith("1 of 1 answers accepted; seed 5\n")
    assert len(read(out)) == 1
