"""Prove a problem package against its own samples: judge them all, and say what does not hold."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from torch_judge.execution.protocol.messages import FaultsTried
from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.pool import Job, JudgePool, Pool
from torch_judge.judging.signatures import Gotcha, read_signatures
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample

from .checks import (
    CLAIMS,
    check_claims,
    check_files,
    check_hints,
    check_idle_cases,
    check_output_mutants,
    check_small_inputs,
    check_source_mutants,
    check_verdicts,
    collect_failures,
    find_subsuming,
    is_killed,
)
from .conditional_faults import (
    Allowances,
    check_conditional_faults,
    describe_faults,
    make_table,
    read_allowances,
)
from .dry_run import Rehearsal, rehearse
from .findings import Counts, Effort, FaultMark, FaultTable, Row, Trials, Verification
from .output_mutants import OutputMutant, describe_inapplicable, make_output_mutants
from .signing import PATIENCE, find_misdiagnosed
from .source_mutants import Equivalent, Mutant, make_mutants, read_equivalents

Progress = Callable[[str], None]
Reports = tuple[Report, ...]
T = TypeVar("T")
SEEDS_OF_WRONG_SAMPLES: Final = 3
SEEDS_THROUGH_A_WORKER: Final = 2
"""Under so many seeds a right sample is judged as a learner's is; under the rest beside the jury solution."""
SEEDS_OF_MUTANTS: Final = 3
SEEDS_OF_FAULTS: Final = 2
"""What no case rejects under the first seed has another chance."""
SECONDS_OF_A_MUTANT: Final = 2.0
"""A mutant that loops is killed all the same; a case takes milliseconds."""
NO_SPACE: Final = "cases.py describes no space of small inputs: a failure is shown without a counterexample"


def verify_package(
    problem: Problem,
    *,
    effort: Effort | None = None,
    pool: Pool | None = None,
    template: tuple[Path, str] | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Judge every sample and mutant of a package, and say what does not hold.

    `template` is the file of the template notebook and what it must say. Many packages may share a pool.
    Raises UsageError where mutants are wanted and cannot be made.
    """
    started = time.monotonic()
    effort, progress = effort or Effort(), progress or _say_nothing
    if complaints := tuple(check_files(problem, template)):
        return Verification(problem.slug, complaints=complaints)
    listed, allowances = read_equivalents(problem), read_allowances(problem)
    with nullcontext(pool) if pool else JudgePool() as judges, ThreadPoolExecutor(1) as aside:
        progress(f"{problem.slug}: rehearsing the jury solution")
        # mutants are made by this process while a checker rehearses: each takes seconds
        making = aside.submit(_make_mutants, problem) if effort.mutants else None
        (rehearsal,) = judges.map(problem, [_rehearse])
        mutants = making.result() if making else ()
        if rehearsal.complaints:  # whatever was judged by such a suite would mean nothing
            return Verification(problem.slug, tuple(rehearsal.observed), complaints=rehearsal.complaints)
        rows, trials, tried = _try_all(problem, effort, rehearsal, mutants, pool=judges, progress=progress)
    progress("")
    verification = _conclude(
        problem, rows, rehearsal=rehearsal, trials=trials, listed=listed if effort.mutants else ()
    )
    if tried is not None:
        verification = _add_faults(problem, verification, tried, allowances)
    return replace(verification, seeds=effort.seeds, seconds=time.monotonic() - started)


def _make_mutants(problem: Problem) -> tuple[Mutant, ...]:
    return make_mutants(problem.read_solution(), problem.entry_point)


def _rehearse(judge: BatchJudge) -> Rehearsal:
    return rehearse(judge.problem, judge.server)


def _try_faults(judge: BatchJudge) -> FaultsTried:
    return judge.try_faults(_draw_seeds(judge.problem, SEEDS_OF_FAULTS))


def _say_nothing(_text: str) -> None:
    pass


def _try_all(
    problem: Problem,
    effort: Effort,
    rehearsal: Rehearsal,
    mutants: Sequence[Mutant],
    *,
    pool: Pool,
    progress: Progress,
) -> tuple[list[Row], Trials, FaultsTried | None]:
    """Judge the samples and the mutants, and try the conditional faults, side by side."""
    samples, outputs = list(_list_samples(problem)), tuple(make_output_mutants(rehearsal.parts))
    # the faults first of all: they are one long job
    judging: list[Job[Reports | FaultsTried]] = [
        *([_try_faults] if effort.faults else []),
        *(partial(_judge_sample, effort.seeds, rehearsal.rejects, sample) for sample in samples),
    ]
    trying: list[Job[Reports]] = [
        *(partial(_judge_output_mutant, mutant) for mutant in outputs),
        *(partial(_judge_mutant, mutant) for mutant in mutants),
    ]
    total = len(judging) + len(trying)

    def work(problem: Problem, jobs: Sequence[Job[T]], before: int) -> list[T]:
        return pool.map(
            problem, jobs, lambda done: progress(f"{problem.slug}: {before + done} of {total} judged")
        )

    # the samples first: they take longer, and what is left over at the end is then soon done
    done = work(problem, judging, 0)
    tried = next((each for each in done if isinstance(each, FaultsTried)), None)
    first = [each for each in done if not isinstance(each, FaultsTried)]
    judged = _look_further(problem, samples, first, seeds=effort.seeds, pool=pool)
    rows = [_row(sample, reports, effort.seeds) for sample, reports in zip(samples, judged, strict=True)]
    last = [reports[-1] for reports in work(_without_rules(problem), trying, len(judging))]
    trials = Trials(
        tuple(zip(outputs, last[: len(outputs)], strict=True)),
        tuple(zip(mutants, last[len(outputs) :], strict=True)),
    )
    return rows, trials, tried


def _list_samples(problem: Problem) -> Iterator[Sample]:
    yield Sample(problem.folder / "solution.py", Verdict.ACCEPTED)
    for claim in CLAIMS:
        yield from problem.samples(claim)
    yield Sample(problem.folder / "starter.py", None)


def _row(sample: Sample, reports: Reports, seeds: int) -> Row:
    """Put together what became of a sample.

    A right one was examined under the seeds on which there is no report.
    """
    right = _is_run_beside_the_jury(sample) and all(report.passed for report in reports)
    return Row(sample, reports, seeds - len(reports) if right else 0)


def _is_run_beside_the_jury(sample: Sample) -> bool:
    """Tell whether a sample is one of those in accepted/; the jury solution itself was rehearsed."""
    return sample.claim is Verdict.ACCEPTED and sample.path.name != "solution.py"


def _without_rules(problem: Problem) -> Problem:
    """Lift the rules for what is made of the jury solution, which breaks none.

    Forbidding operators takes a third of a worker's start.
    """
    return replace(problem, forbidden=()) if problem.framework is Framework.TORCH else problem


def _judge_sample(
    seeds: int, rejects: Mapping[str, Sequence[str]], sample: Sample, judge: BatchJudge
) -> Reports:
    """Judge a sample as its folder says, each time in another order of cases."""
    if sample.claim is Verdict.ACCEPTED:  # under the first seeds; see _look_further
        drawn = _draw_seeds(judge.problem, min(seeds, SEEDS_THROUGH_A_WORKER))
        return judge.reports(sample.read_submission(), drawn, Plan(in_the_small=True))
    times = SEEDS_OF_WRONG_SAMPLES if sample.claim is Verdict.WRONG_ANSWER else 1
    plan = Plan(
        # one that waits need not wait in each case
        until_rejected=sample.claim is Verdict.TIME_LIMIT_EXCEEDED,
        later_cases=[case for case, names in rejects.items() if {sample.name, sample.mistake} & set(names)],
        seconds_to_diagnose=PATIENCE if sample.claim is Verdict.WRONG_ANSWER else 0.0,
    )
    return judge.reports(sample.read_submission(), _draw_seeds(judge.problem, times), plan)


def _look_further(
    problem: Problem, samples: Sequence[Sample], judged: Sequence[Reports], *, seeds: int, pool: Pool
) -> list[Reports]:
    """Run the right samples under the seeds that are left, beside the jury solution.

    Where one differs, it is judged once more as a learner's, for the report. A job is a seed, and all samples
    run the same cases under it, so that the jury answers once for all of them, and those cases alone.
    """
    right = [
        (number, Gotcha(sample))
        for number, (sample, reports) in enumerate(zip(samples, judged, strict=True))
        if _is_run_beside_the_jury(sample) and all(report.passed for report in reports)
    ]
    drawn = _draw_seeds(problem, seeds)[SEEDS_THROUGH_A_WORKER:]
    if not right or not drawn:
        return list(judged)
    looking: list[Job[list[int]]] = [
        partial(_find_doubtful_samples, right, seed, turn) for turn, seed in enumerate(drawn)
    ]
    doubtful: dict[int, list[int]] = {}
    for seed, numbers in zip(drawn, pool.map(problem, looking), strict=True):
        for number in numbers:
            doubtful.setdefault(number, []).append(seed)
    again: list[Job[Reports]] = [
        partial(_judge_again, samples[number], seeds) for number, seeds in doubtful.items()
    ]
    found = list(judged)
    for number, reports in zip(doubtful, pool.map(problem, again) if again else [], strict=True):
        found[number] = (*reports, *found[number])
    return found


def _find_doubtful_samples(
    samples: Sequence[tuple[int, Gotcha]], seed: int, turn: int, judge: BatchJudge
) -> list[int]:
    return [number for number, sample in samples if judge.is_doubtful(sample, seed, turn=turn)]


def _judge_again(sample: Sample, seeds: Sequence[int], judge: BatchJudge) -> Reports:
    return judge.reports(sample.read_submission(), seeds)


def _judge_output_mutant(mutant: OutputMutant, judge: BatchJudge) -> Reports:
    problem = judge.problem
    submission = mutant.submission(problem.read_solution(), problem.entry_point)
    return judge.reports(submission, _draw_seeds(problem, 1), Plan(until_rejected=True))


def _judge_mutant(mutant: Mutant, judge: BatchJudge) -> Reports:
    plan = Plan(until_rejected=True, seconds_per_case=SECONDS_OF_A_MUTANT)
    return judge.reports(mutant.submission, _draw_seeds(judge.problem, SEEDS_OF_MUTANTS), plan)


def _draw_seeds(problem: Problem, count: int) -> list[int]:
    """Draw the first seeds of a problem, the same for all its samples: the jury answers each only once."""
    source = random.Random(problem.slug)  # noqa: S311 - the same seeds each time
    return [source.randrange(2**32) for _ in range(count)]


def _conclude(
    problem: Problem,
    rows: Sequence[Row],
    *,
    rehearsal: Rehearsal,
    trials: Trials,
    listed: Sequence[Equivalent],
) -> Verification:
    cases = tuple(rehearsal.observed)
    failures = collect_failures(rows, read_signatures(problem).known)
    complaints = (
        *check_verdicts(rows),
        *check_small_inputs(rows),
        *check_claims(rows, rehearsal.rejects, failures, rehearsal.standard),
        *check_hints(problem, cases),
        *check_idle_cases(rows, [case for case in cases if case not in rehearsal.standard]),
        *find_misdiagnosed(problem, {row.sample: row.reports[:1] for row in rows}),
        *rehearsal.find_neglected(),
        *check_output_mutants(problem, trials.outputs),
        *check_source_mutants(problem, trials.sources, listed),
    )
    notes = (*describe_inapplicable(rehearsal.parts), *(() if rehearsal.has_space else (NO_SPACE,)))
    counts = replace(_count(cases, rows, trials, listed), subsuming=len(find_subsuming(failures)))
    return Verification(problem.slug, cases, tuple(rows), complaints, notes, counts)


def _count(cases: Sequence[str], rows: Sequence[Row], trials: Trials, listed: Sequence[Equivalent]) -> Counts:
    survivors = [mutant for mutant, report in trials.sources if report.passed]
    equivalent = sum(any(entry.covers(mutant) for entry in listed) for mutant in survivors)
    claims = [row.sample.claim for row in rows if not row.sample.is_variant]
    judged = sum(len(row.reports) + row.examined for row in rows)
    return Counts(
        cases=len(cases),
        samples=len(rows),
        accepted=claims.count(Verdict.ACCEPTED),
        gotchas=claims.count(Verdict.WRONG_ANSWER),
        checks=judged + len(trials.outputs) + len(trials.sources),
        bent=len(trials.outputs),
        mutants=len(trials.sources),
        killed=sum(is_killed(report) for _, report in trials.sources),
        equivalent=equivalent,
        survivors=len(survivors) - equivalent,
    )


def _add_faults(
    problem: Problem, verification: Verification, tried: FaultsTried, allowances: Allowances
) -> Verification:
    """Add what became of the conditional faults."""
    table = make_table(tried, allowances)
    return replace(
        verification,
        faults=table,
        complaints=(
            *verification.complaints,
            *check_conditional_faults(problem, tried, table, allowances),
        ),
        notes=(*verification.notes, *describe_faults(table, allowances)),
        counts=verification.counts + _count_faults(table),
    )


def _count_faults(table: FaultTable) -> Counts:
    return Counts(
        conditions=len(table.conditions),
        met=sum(cases > 0 for cases in table.met),
        faults=table.cells,
        rejected=table.count(FaultMark.REJECTED),
        allowed=table.count(FaultMark.ALLOWED),
        open=table.count(FaultMark.SURVIVES) + table.count(FaultMark.IDLE),
    )
