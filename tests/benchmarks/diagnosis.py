"""How often a diagnosis is right, and what it costs: `python -m tests.benchmarks.diagnosis [PROBLEM...]`.

A mistake is known by the hands in which it is written: in a hand that is left out, it is one that the judge
has not seen. Two mistakes at once are two mistakes' edits of the same base. An answer is right if it names
mistakes that were made, and wrong if it names any other.

`--answers FOLDER` tries answers of strangers besides: `FOLDER/PROBLEM/*.py`, and `FOLDER/labels.json`, which
says of each the names that are right: `{PROBLEM: {ANSWER: {"mistakes": [[NAME, ...], ...]}}}`.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.diagnosis import SECONDS
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.submission import Submission, from_path, from_source

KINDS: Final = ("one mistake", "in another hand", "two mistakes", "two in other hands", "with an error")
STRANGERS: Final = ("a stranger's", "a stranger's two", "a stranger's error", "a stranger's, no gotcha of it")
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
    yield from (Trial(KINDS[2], *pair) for pair in _draw_pairs(edited, source, pairs))
    known = [sample for sample in edited if hands[sample.mistake] > 1]
    for submission, mistakes, names in _draw_pairs(known, source, pairs):
        yield Trial(KINDS[3], submission, mistakes, names)


def _draw_pairs(
    samples: list[Sample], source: random.Random, count: int
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
        text = first.compose_with(second)
        if text is not None:
            seen.add(names)
            yield from_source(text), frozenset({first.mistake, second.mistake}), names


def list_answers(problem: Problem, folder: Path) -> Iterator[Trial]:
    """List the answers of strangers to a problem, as their labels say what is right."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8")).get(problem.slug, {})
    for name, label in sorted(labels.items()):
        mistakes = frozenset(itertools.chain(*label["mistakes"]))
        several = len(label["mistakes"]) > 1
        kind = STRANGERS[3] if not mistakes else STRANGERS[2 if "error" in name else int(several)]
        yield Trial(kind, from_path(folder / problem.slug / f"{name}.py"), mistakes)


def try_all(
    problem: Problem, trials: Iterable[Trial], server: ForkServer, seed: int, *, verbose: bool = False
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
        stops = report.verdict is Verdict.RUN_TIME_ERROR and trial.kind in KINDS
        rating = _rate(report, trial.mistakes, problem)
        counts[KINDS[4] if stops else trial.kind, rating] += 1
        if verbose and rating != "right":
            named = [each.gotcha for each in (report.diagnosis, *report.explanations) if each]
            click.echo(f"  {trial.kind}: {trial.submission.name} {sorted(trial.mistakes)}: {rating} {named}")
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
@click.option("--answers", type=click.Path(path_type=Path), help="A folder of strangers' answers.")
@click.option("--own/--no-own", default=True, help="Whether the bank's own samples are tried.")
@click.option("-v", "verbose", is_flag=True, help="Print each that was not named right.")
def main(
    problems: tuple[str, ...],
    pairs: int,
    rounds: int,
    seed: int,
    answers: Path | None,
    *,
    own: bool,
    verbose: bool,
) -> None:
    """Print what was named right, wrong and not at all, and what a diagnosis costs."""
    bank, console = find_bank(), Console(width=180)
    kinds = (*(KINDS if own else ()), *(STRANGERS if answers else ()))
    table = Table("problem", *kinds, "cost")
    whole = Counter[tuple[str, str]]()
    for slug in problems or bank.names():
        problem = bank.load(slug)
        with ForkServer(problem.framework) as server:
            trials = list(list_trials(problem, pairs)) if own else []
            trials += list_answers(problem, answers) if answers else ()
            counts = try_all(problem, trials, server, seed, verbose=verbose)
            ratios = measure_cost(problem, server, rounds) if rounds else []
        whole += counts
        cost = f"{statistics.median(ratios):.2f}" if ratios else ""
        table.add_row(slug, *(_write(counts, kind) for kind in kinds), cost)
        console.print(slug, {f"{kind}, {rating}": count for (kind, rating), count in sorted(counts.items())})
    table.add_section()
    table.add_row("all", *(_write(whole, kind) for kind in kinds), "")
    console.print(table, "right / wrong / not named")


def _write(counts: Counter[tuple[str, str]], kind: str) -> str:
    return " / ".join(str(counts[kind, rating]) for rating in ("right", "wrong", "none"))


if __name__ == "__main__":
    main()
