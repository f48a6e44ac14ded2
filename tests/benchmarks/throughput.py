"""Many answers: threads and Ray against what the processor could do: `python -m tests.benchmarks.throughput`.

--answers N judges N samples of the bank, drawn under --seed, and sees that each is what its folder claims;
--kill also kills an actor every 500 answers and the driver twice, tears the last line, and goes on (Ray).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.grading.engine import judge_submission
from torch_judge.judging.batch import BatchJudge
from torch_judge.judging.pool import JudgePool, Pool
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Verdict
from torch_judge.model.submission import Submission, from_source

CHECKS = 60
CHECKS_SIDE_BY_SIDE = 200
WARM_UP = 6
KILL_EVERY = 500
SECONDS_FOR_ALL = 7200
CLAIMS = (Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.RULE_VIOLATION)


def list_submissions(problem: Problem, count: int) -> list[Submission]:
    """List the samples of a problem over and over, each with a text of its own."""
    texts = [sample.read_text() for claim in CLAIMS for sample in problem.samples(claim)]
    return [from_source(f"{texts[n % len(texts)]}\n# {n}\n") for n in range(count)]


def read_processor_time(processes: Sequence[psutil.Process]) -> float:
    """Sum up what processes used, those included that they have waited for."""
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system + each.children_user + each.children_system for each in times)


def measure_one_judge(problem: Problem, submissions: Sequence[Submission]) -> dict[str, float]:
    """Measure the processor time of a warm check, by who uses it, and the memory of what stays."""
    with ForkServer(problem.framework) as server, BatchJudge(problem, server) as judge:

        def check(submission: Submission, seed: int) -> None:
            judge_submission(submission, seed, True, False, judge)  # noqa: FBT003

        for seed, submission in enumerate(submissions[:WARM_UP]):
            check(submission, seed)
        (program,) = psutil.Process().children()
        (checker,) = program.children()
        rows = [program], [checker], [psutil.Process()]
        before, started = [read_processor_time(row) for row in rows], time.perf_counter()
        own = resource.getrusage(resource.RUSAGE_SELF)
        for seed, submission in enumerate(submissions):
            check(submission, seed)
        seconds = time.perf_counter() - started
        after, now = [read_processor_time(row) for row in rows], resource.getrusage(resource.RUSAGE_SELF)
        count = len(submissions)
        conductor = now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime
        return {
            "server and workers": (after[0] - before[0]) / count,
            "checker": (after[1] - before[1]) / count,
            "conductor": conductor / count,
            "elapsed": seconds / count,
            "server MiB": program.memory_full_info().pss / 2**20,
            "checker MiB": checker.memory_full_info().pss / 2**20,
        }


def measure_pool(pool: Pool, problem: Problem, submissions: Sequence[Submission]) -> float:
    """Measure how many checks a warm pool does in a second."""
    jobs = [partial(judge_submission, each, n, True, False) for n, each in enumerate(submissions)]  # noqa: FBT003
    pool.map(problem, jobs[: 4 * WARM_UP])
    started = time.perf_counter()
    pool.map(problem, jobs)
    return len(jobs) / (time.perf_counter() - started)


def compare() -> None:
    """Measure and print the table."""
    problem, cores = find_bank().load("batchnorm"), os.cpu_count() or 1
    many = list_submissions(problem, CHECKS_SIDE_BY_SIDE)
    one = measure_one_judge(problem, many[:CHECKS])
    processor = one["server and workers"] + one["checker"] + one["conductor"]
    limit = cores / processor
    table = Table(title=f"batchnorm, samples with diagnosis, {cores} cores")
    for heading in ("what", "measured", "bound"):
        table.add_column(heading)
    parts = ", ".join(
        f"{name} {one[name] * 1e3:.0f}" for name in ("server and workers", "checker", "conductor")
    )
    table.add_row("processor time of a check", f"{processor * 1e3:.0f} ms: {parts}", "")
    table.add_row("limit: cores / processor time", f"{limit:.1f}/s", "")
    table.add_row("one judge", f"{1 / one['elapsed']:.1f}/s = {1 / one['elapsed'] / limit:.0%}", "")
    with JudgePool(cores) as pool:
        threads = measure_pool(pool, problem, many)
    table.add_row("threads / limit", f"{threads:.1f}/s = {threads / limit:.0%}", "88%")
    if importlib.util.find_spec("ray") is None:
        table.add_row("Ray / threads", "Ray is not installed", "90%")
    else:
        from torch_judge.grading.ray_pool import RayPool

        with RayPool(count=cores) as actors:
            rate = measure_pool(actors, problem, many)
        table.add_row("Ray / threads", f"{rate:.1f}/s = {rate / threads:.0%}", "90%")
    memory = f"server {one['server MiB']:.0f}, checker {one['checker MiB']:.0f} MiB (PSS)"
    table.add_row("memory that stays for a judge", memory, "")
    Console(width=110).print(table)


def write_answers(path: Path, *, count: int, seed: int) -> dict[str, str]:
    """Draw answers from the samples of the bank, and write them; return what each claims."""
    source = random.Random(seed)
    pool = [
        (problem.slug, sample.read_text(), claim.value)
        for problem in find_bank().problems()
        for claim in CLAIMS
        for sample in problem.samples(claim)
    ]
    claims: dict[str, str] = {}
    with path.open("w") as file:
        for n in range(count):
            slug, text, claim = source.choice(pool)
            claims[str(n)] = claim
            line = {"task_id": slug, "sample_id": str(n), "solution": f"{text}\n# {n}\n"}
            file.write(f"{json.dumps(line)}\n")
    return claims


def run_to_the_end(command: list[str], out: Path, *, count: int, killing: bool) -> Iterator[str]:
    """Run `evaluate`, and again after each kill of the driver; say what was killed."""
    drivers = [count // 3, 2 * count // 3] if killing else []
    next_actor = KILL_EVERY
    while True:
        more = ["--resume"] if out.exists() else []
        with psutil.Popen([*command, *more], stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.2)
                lines = out.read_bytes().count(b"\n") if out.exists() else 0
                if killing and lines >= next_actor:
                    next_actor += KILL_EVERY
                    if workers := [p for p in process.children(recursive=True) if _is_actor(p)]:
                        workers[0].kill()
                        yield f"an actor at {lines}"
                if drivers and lines >= drivers[0]:
                    drivers.pop(0)
                    process.kill()
                    yield f"the driver at {lines}"
                    break
            else:
                return
        out.write_bytes(out.read_bytes()[:-9])
        yield "a line torn"


def _is_actor(process: psutil.Process) -> bool:
    try:
        return "ray::RayWorker" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def judge_many(count: int, *, seed: int, ray: bool, killing: bool) -> None:
    """Judge answers drawn from the bank, and compare each verdict with what its folder claims."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "answers.jsonl"), Path(folder, "results.jsonl")
        claims = write_answers(source, count=count, seed=seed)
        command = [sys.executable, "-m", "torch_judge", "evaluate", str(source), "-o", str(out)]
        command += ["--seed", str(seed), *(["--ray"] if ray else [])]
        started = time.perf_counter()
        for said in run_to_the_end(command, out, count=count, killing=killing):
            print(f"killed: {said}" if "line" not in said else said)  # noqa: T201
        seconds = time.perf_counter() - started
        records = [json.loads(line) for line in out.read_text().splitlines()]
    ids = {record["sample_id"] for record in records}
    other = [record for record in records if record["verdict"] != claims[record["sample_id"]]]
    for record in other[:20]:
        said = record["verdict"], record["message"][:200]
        print(f"{record['task_id']} {record['sample_id']}: {claims[record['sample_id']]}, found {said}")  # noqa: T201
    middle = statistics.median(record["seconds"] for record in records)
    print(  # noqa: T201
        f"{count} answers: {len(records)} records, {len(records) - len(ids)} twice, {count - len(ids)} "
        f"missing, {len(other)} other verdicts than claimed; "
        f"{count / seconds:.1f}/s, a check {middle * 1e3:.0f} ms"
    )
    if len(records) != count or len(ids) != count or other:
        raise SystemExit(1)


def main() -> None:
    """Measure, or judge many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--kill", action="store_true", help="implies --ray")
    given = parser.parse_args()
    if given.answers:
        judge_many(given.answers, seed=given.seed, ray=given.ray or given.kill, killing=given.kill)
    else:
        compare()


if __name__ == "__main__":
    main()
