"""How often a diagnosis is right, and what it costs: `python -m tests.benchmarks.diagnosis [PROBLEM...]`.

A mistake is known by the hands in which it is written: in a hand that is left out, it is one that the judge has
not seen. Two mistakes at once are two mistakes' edits of the same base. An answer is right if it names mistakes
that were made, and wrong if it names any other.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.diagnosis import SECONDS
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.edits import EditError, edit_module
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.submission import Submission, from_source

KINDS: Final = ("one mistake", "in another hand", "two mistakes", "two in other hands", "with an error")
PATIENCE: Final = 10.0
"""What a diagnosis may take where only its names are looked at."""
TRIES: Final = 40


@dataclass(frozen=True, slots=True)
class LeavingOut(Problem):
    """A problem some of whose samples the judge does not know."""

    left_out: frozenset[str] = frozenset()

    def samples(self, claim: Verdict) -> tuple[Sample, ...]:
        """Return the samples with a claim, but for those that are left out."""
        return tuple(sample for sample in Problem.samples(self, claim) if sample.name not in self.left_out)

    @classmethod
    def make(cls, problem: Problem, names: Iterable[str]) -> LeavingOut:
        """Make it of a problem."""
        values = {field.name: getattr(problem, field.name) for field in fields(Problem)}
        return cls(**values, left_out=frozenset(names))


@dataclass(frozen=True, slots=True)
class Trial:
    """A submission, the mistakes that are in it, and the samples that the judge must not know."""

    kind: str
    submission: Submission
    mistakes: frozenset[str]
    left_out: frozenset[str] = frozenset()


def list_trials(problem: Problem, pairs: int) -> Iterator[Trial]:
    """List what a problem's own samples give to try the diagnosis on."""
    gotchas = problem.samples(Verdict.WRONG_ANSWER)
    hands = Counter(sample.mistake for sample in gotchas)
    for sample in gotchas:
        yield Trial(KINDS[0], sample.read_submission(), frozenset({sample.mistake}))
        if hands[sample.mistake] > 1:
            left_out = frozenset({sample.name})
            yield Trial(KINDS[1], sample.read_submission(), frozenset({sample.mistake}), left_out)
    source = random.Random(problem.slug)
    edited = [sample for sample in gotchas if sample.change]
    yield from (Trial(KINDS[2], *pair) for pair in _draw_pairs(problem, edited, source, pairs))
    known = [sample for sample in edited if hands[sample.mistake] > 1]
    for submission, mistakes, names in _draw_pairs(problem, known, source, pairs):
        yield Trial(KINDS[3], submission, mistakes, names)


def _draw_pairs(
    problem: Problem, samples: list[Sample], source: random.Random, count: int
) -> Iterator[tuple[Submission, frozenset[str], frozenset[str]]]:
    """Draw two mistakes of one base, and make a submission that has both."""
    seen = set[frozenset[str]]()
    for _ in range(count * TRIES):
        if len(seen) == count or len(samples) < 2:
            return
        first = source.choice(samples)
        others = [
            each for each in samples if each.change and first.change and each.change.base == first.change.base
        ]
        second = source.choice(others)
        names = frozenset({first.name, second.name})
        if first.mistake == second.mistake or names in seen:
            continue
        text = _compose(problem, first, second)
        if text is not None:
            seen.add(names)
            yield from_source(text), frozenset({first.mistake, second.mistake}), names


def _compose(problem: Problem, first: Sample, second: Sample) -> str | None:
    """Make both samples' edits in their base; None where they touch each other."""
    assert first.change and second.change
    base = first.change.base
    texts = {sample.name: sample.read_text() for sample in problem.samples(Verdict.ACCEPTED)}
    try:
        edits = first.change.edits + second.change.edits
        return edit_module(texts.get(base, problem.read_solution()), base, "Two mistakes.", edits)
    except EditError:
        return None


def try_all(
    problem: Problem, trials: Iterable[Trial], server: ForkServer, seed: int
) -> Counter[tuple[str, str]]:
    """Judge all and count, by kind, whether what was named is right."""
    counts = Counter[tuple[str, str]]()
    for trial in trials:
        known = LeavingOut.make(problem, trial.left_out)
        report = judge(
            known,
            trial.submission,
            server=server,
            seed=seed,
            seconds_to_diagnose=PATIENCE,
            counterexample=False,
        )
        if report.passed:
            continue
        kind = KINDS[4] if report.verdict is Verdict.RUN_TIME_ERROR else trial.kind
        counts[kind, _rate(report, trial.mistakes, problem)] += 1
    return counts


def _rate(report: Report, mistakes: frozenset[str], problem: Problem) -> str:
    named = {each.gotcha for each in (report.diagnosis, *report.explanations) if each}
    right = mistakes | {problem.equivalents.get(name, name) for name in mistakes}
    return "none" if not named else "right" if named <= right else "wrong"


def measure_cost(problem: Problem, server: ForkServer, rounds: int) -> list[float]:
    """Measure by which factor a diagnosis makes failing checks longer; with and without it take turns."""
    ratios = []
    for sample in problem.samples(Verdict.WRONG_ANSWER)[::4]:
        submission = sample.read_submission()
        without, with_ = list[float](), list[float]()
        for seed in range(rounds):
            for diagnosing, taken in ((0.0, without), (SECONDS, with_)):
                started = time.perf_counter()
                judge(
                    problem,
                    submission,
                    server=server,
                    seed=seed,
                    seconds_to_diagnose=diagnosing,
                    counterexample=False,
                )
                taken.append(time.perf_counter() - started)
        ratios.append(statistics.median(with_) / statistics.median(without))
    return ratios


@click.command()
@click.argument("problems", nargs=-1)
@click.option("--pairs", default=30, help="How many pairs of mistakes a problem.")
@click.option("--rounds", default=5, help="How often a check is timed; 0 for not at all.")
@click.option("--seed", default=1)
def main(problems: tuple[str, ...], pairs: int, rounds: int, seed: int) -> None:
    """Print what was named right, wrong and not at all, and what a diagnosis costs."""
    bank, console = find_bank(), Console(width=140)
    table = Table("problem", *KINDS, "cost")
    whole = Counter[tuple[str, str]]()
    for slug in problems or bank.names():
        problem = bank.load(slug)
        with ForkServer(problem.framework) as server:
            counts = try_all(problem, list_trials(problem, pairs), server, seed)
            ratios = measure_cost(problem, server, rounds) if rounds else []
        whole += counts
        cost = f"{statistics.median(ratios):.2f}" if ratios else ""
        table.add_row(slug, *(_write(counts, kind) for kind in KINDS), cost)
        console.print(slug, dict(counts))
    table.add_section()
    table.add_row("all", *(_write(whole, kind) for kind in KINDS), "")
    console.print(table, "right / wrong / not named")


def _write(counts: Counter[tuple[str, str]], kind: str) -> str:
    return " / ".join(str(counts[kind, rating]) for rating in ("right", "wrong", "none"))


if __name__ == "__main__":
    main()
