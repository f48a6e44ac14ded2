"""Prove a problem package against its own samples."""

from __future__ import annotations

import ast
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path

from torch_judge.judging.batch import BatchJudge, Plan
from torch_judge.judging.pool import Job, JudgePool
from torch_judge.judging.signatures import Gotcha
from torch_judge.model.errors import BankError
from torch_judge.model.problem import Framework, Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.submission import from_path

from .dry_run import Rehearsal, rehearse
from .output_mutants import OutputMutant, bent_answers, inapplicable
from .signing import PATIENCE, find_misdiagnosed
from .source_mutants import EQUIVALENTS, Equivalent, Mutant, equivalents, mutants

Progress = Callable[[str], None]
SEEDS_OF_ACCEPTED_SAMPLES = 50
SEEDS_OF_WRONG_SAMPLES = 3
SEEDS_THROUGH_A_WORKER = 5
"""Under so many seeds a right sample is judged as a learner's is; under the rest it runs beside the jury solution."""
SEEDS_OF_MUTANTS = 3
SECONDS_OF_A_MUTANT = 2.0
"""A mutant that loops is killed all the same; a case takes milliseconds."""
CLAIMS = tuple(each for each in Verdict if each is not Verdict.JUDGE_ERROR)
_FILES = ("statement.md", "starter.py", "cases.py", "solution.py", "hints.md", "debug.py")
NO_SPACE = "cases.py describes no space of small inputs: a failure is shown without a counterexample"
_NO_PROOF = {Verdict.JUDGE_ERROR, Verdict.RULE_VIOLATION, Verdict.COMPILE_ERROR}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: under how many seeds accepted samples are judged, and whether mutants are made."""

    seeds: int = SEEDS_OF_ACCEPTED_SAMPLES
    mutants: bool = True


QUICK = Effort(seeds=3, mutants=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a package was tried with: numbers that can be added over a bank."""

    cases: int = 0
    samples: int = 0
    accepted: int = 0
    gotchas: int = 0
    checks: int = 0
    bent: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    survivors: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Sample:
    """A submission of the package, and the verdict that its folder claims."""

    path: Path
    claim: Verdict | None
    """None for the starter: any verdict but accepted."""

    @property
    def name(self) -> str:
        """Return the sample's name, which is the gotcha's where it is one."""
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one sample under several seeds: its reports."""

    sample: Sample
    reports: tuple[Report, ...]
    examined: int = 0
    """Under so many seeds more it did as the jury solution does."""

    def verdicts(self, case: str) -> set[Verdict]:
        """Return the verdicts that a case gave."""
        return {each.verdict for report in self.reports for each in report.cases if each.name == case}

    def always_rejected_by(self, case: str) -> bool:
        """Tell whether the case rejected the sample under every seed; one that once did not is not asked again."""
        verdicts = self.verdicts(case)
        return bool(verdicts) and Verdict.ACCEPTED not in verdicts


@dataclass(frozen=True, slots=True)
class Trials:
    """What became of the bent answers and of the mutants, the last report on each."""

    bent: tuple[tuple[OutputMutant, Report], ...] = ()
    mutants: tuple[tuple[Mutant, Report], ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a package: the matrix of samples and cases, numbers, complaints, and what did not apply."""

    problem: str
    cases: tuple[str, ...]
    rows: tuple[Row, ...]
    complaints: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)
    seeds: int = 0
    seconds: float = 0.0

    @property
    def judge_failed(self) -> bool:
        """Tell whether some check ended in a judge error, which is no finding about the package's samples."""
        return any(report.verdict is Verdict.JUDGE_ERROR for row in self.rows for report in row.reports)

    def to_json(self) -> str:
        """Return the numbers, the complaints and the matrix as one line of JSON."""
        matrix = {
            f"{row.sample.path.parent.name}/{row.sample.name}": {
                "verdicts": sorted({report.verdict for report in row.reports}),
                "seeds": len(row.reports) + row.examined,
                "cases": {case: sorted(row.verdicts(case)) for case in self.cases},
            }
            for row in self.rows
        }
        facts = {
            "problem": self.problem,
            "sound": not self.complaints,
            "seeds": self.seeds,
            "seconds": round(self.seconds, 3),
            "counts": asdict(self.counts),
            "complaints": self.complaints,
            "notes": self.notes,
            "samples": matrix,
        }
        return json.dumps(facts, ensure_ascii=False)


def verify_package(
    problem: Problem,
    *,
    effort: Effort | None = None,
    lanes: JudgePool | None = None,
    template: tuple[Path, str] | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Judge every sample, bent answer and mutant of a package, and say what does not hold.

    `template` is the file of the template notebook and what it must say. Lanes may be shared by many packages.
    Raises UsageError where mutants are wanted and cannot be made.
    """
    started = time.monotonic()
    effort = effort or Effort()
    complaints = list(_incomplete(problem, template))
    if complaints:
        return Verification(problem.slug, (), (), tuple(complaints))
    listed = equivalents(problem)
    with nullcontext(lanes) if lanes else JudgePool() as given, ThreadPoolExecutor(1) as aside:
        (progress or _silence)(f"{problem.slug}: rehearsing the jury solution")
        making = aside.submit(mutants, problem.solution) if effort.mutants else None
        (rehearsal,) = given.map(problem, [lambda bench: rehearse(bench.problem, bench.server)])
        changes = making.result() if making else ()
        if rehearsal.complaints:  # whatever was judged by such a suite would mean nothing
            return Verification(problem.slug, tuple(rehearsal.observed), (), rehearsal.complaints)
        rows, trials = _try_all(problem, effort, (rehearsal, changes), given, progress or _silence)
    (progress or _silence)("")
    concluded = _conclude(
        problem, rows, rehearsal=rehearsal, trials=trials, listed=listed if effort.mutants else ()
    )
    return replace(concluded, seeds=effort.seeds, seconds=time.monotonic() - started)


def _silence(_text: str) -> None:
    pass


def _try_all(
    problem: Problem,
    effort: Effort,
    given: tuple[Rehearsal, Sequence[Mutant]],
    lanes: JudgePool,
    progress: Progress,
) -> tuple[list[Row], Trials]:
    """Judge the samples, the bent answers and the mutants, side by side; what takes longest comes first."""
    samples, (rehearsal, changes) = list(_samples(problem)), given
    bent = tuple(bent_answers(rehearsal.parts))
    judging: list[Job[tuple[Report, ...]]] = [
        partial(_judge_sample, effort.seeds, rehearsal.rejects, sample) for sample in samples
    ]
    trying: list[Job[tuple[Report, ...]]] = [
        *(partial(_judge_bent, each) for each in bent),
        *(partial(_judge_mutant, each) for each in changes),
    ]
    total = len(judging) + len(trying)

    def work(each: Problem, jobs: Sequence[Job[tuple[Report, ...]]], before: int) -> list[tuple[Report, ...]]:
        return lanes.map(
            each, jobs, lambda done: progress(f"{problem.slug}: {before + done} of {total} judged")
        )

    rows = [
        _row(sample, reports, effort.seeds)
        for sample, reports in zip(samples, work(problem, judging, 0), strict=True)
    ]
    last = [each[-1] for each in work(_without_rules(problem), trying, len(judging))]
    return rows, Trials(
        tuple(zip(bent, last, strict=False)), tuple(zip(changes, last[len(bent) :], strict=True))
    )


def _row(sample: Sample, reports: tuple[Report, ...], seeds: int) -> Row:
    """Return what became of a sample; a right one was examined under the seeds on which there is no report."""
    right = sample.claim is Verdict.ACCEPTED and all(each.passed for each in reports)
    return Row(sample, reports, seeds - len(reports) if right else 0)


def _without_rules(problem: Problem) -> Problem:
    """Return the problem for what is made of the jury solution, which breaks no rule: forbidding takes a third of a worker's start."""
    return replace(problem, forbidden=()) if problem.framework is Framework.TORCH else problem


def _judge_sample(
    seeds: int, rejects: Mapping[str, Sequence[str]], sample: Sample, bench: BatchJudge
) -> tuple[Report, ...]:
    """Judge a sample as its folder says, each time in another order of cases."""
    if sample.claim is Verdict.ACCEPTED:
        return _judge_right_sample(seeds, sample, bench)
    times = SEEDS_OF_WRONG_SAMPLES if sample.claim is Verdict.WRONG_ANSWER else 1
    plan = Plan(
        until_rejected=sample.claim
        is Verdict.TIME_LIMIT_EXCEEDED,  # one that waits need not wait in each case
        later_cases=[case for case, names in rejects.items() if sample.name in names],
        seconds_to_diagnose=PATIENCE if sample.claim is Verdict.WRONG_ANSWER else 0.0,
    )
    return bench.reports(from_path(sample.path), _seeds(bench.problem, times), plan)


def _judge_right_sample(seeds: int, sample: Sample, bench: BatchJudge) -> tuple[Report, ...]:
    """Judge it under some seeds as a learner's, and under the others beside the jury solution; where these differ, judge it once more."""
    drawn, submission = _seeds(bench.problem, seeds), from_path(sample.path)
    reports = bench.reports(submission, drawn[:SEEDS_THROUGH_A_WORKER], Plan(in_the_small=True))
    if not all(each.passed for each in reports):
        return reports
    doubtful = bench.find_doubtful(Gotcha(sample.path), drawn[SEEDS_THROUGH_A_WORKER:])
    return reports if not doubtful else (*bench.reports(submission, doubtful), *reports)


def _judge_bent(bent: OutputMutant, bench: BatchJudge) -> tuple[Report, ...]:
    problem = bench.problem
    return bench.reports(
        bent.submission(problem.solution, problem.entry_point), _seeds(problem, 1), Plan(until_rejected=True)
    )


def _judge_mutant(mutant: Mutant, bench: BatchJudge) -> tuple[Report, ...]:
    seeds = _seeds(bench.problem, SEEDS_OF_MUTANTS)
    plan = Plan(until_rejected=True, seconds_per_case=SECONDS_OF_A_MUTANT)
    return bench.reports(mutant.submission, seeds, plan)


def _seeds(problem: Problem, count: int) -> list[int]:
    """Return the first seeds of a problem, the same for all its samples: the jury answers each only once."""
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
    complaints = [
        *_false_verdicts(rows),
        *_small_differences(rows),
        *_broken_claims(rows, rehearsal.rejects),
        *_idle_cases(rows, cases),
        *find_misdiagnosed(problem, {row.sample.path: row.reports[:1] for row in rows}),
        *rehearsal.find_neglected(),
        *_straightened(problem, trials.bent),
        *_survivors(problem, trials.mutants, listed),
    ]
    notes = (*inapplicable(rehearsal.parts), *(() if rehearsal.has_space else (NO_SPACE,)))
    counts = _counts(cases, rows, trials, listed)
    return Verification(problem.slug, cases, tuple(rows), tuple(complaints), notes, counts)


def _counts(
    cases: Sequence[str], rows: Sequence[Row], trials: Trials, listed: Sequence[Equivalent]
) -> Counts:
    survivors = [mutant for mutant, report in trials.mutants if report.passed]
    equivalent = sum(any(each.covers(mutant) for each in listed) for mutant in survivors)
    claims = [row.sample.claim for row in rows]
    return Counts(
        cases=len(cases),
        samples=len(rows),
        accepted=claims.count(Verdict.ACCEPTED),
        gotchas=claims.count(Verdict.WRONG_ANSWER),
        checks=sum(len(row.reports) + row.examined for row in rows) + len(trials.bent) + len(trials.mutants),
        bent=len(trials.bent),
        mutants=len(trials.mutants),
        killed=sum(_killed(report) for _, report in trials.mutants),
        equivalent=equivalent,
        survivors=len(survivors) - equivalent,
    )


def _incomplete(problem: Problem, template: tuple[Path, str] | None) -> Iterator[str]:
    """Make check 1: the folder is whole, every sample says what it is, and the template notebook is no older."""
    for name in _FILES:
        try:
            problem.read(name)
        except BankError as error:
            yield str(error)
    for claim in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER):
        if not problem.samples(claim):
            yield f"{problem.folder / 'submissions' / claim.folder}: holds no sample"
    folders = {each.folder for each in CLAIMS}
    for folder in sorted((problem.folder / "submissions").glob("*/")):
        if folder.is_dir() and folder.name not in folders and folder.name != "__pycache__":
            yield f"{folder}: {folder.name} is no verdict"
    for path in problem.samples(Verdict.WRONG_ANSWER):
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path}: has no docstring; it is the diagnosis that a learner reads"
    if template and not _says(*template):
        yield f"{template[0]}: stale; write it anew with torch-judge template {problem.slug}"


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _samples(problem: Problem) -> Iterator[Sample]:
    yield Sample(problem.folder / "solution.py", Verdict.ACCEPTED)
    for claim in CLAIMS:
        yield from (Sample(path, claim) for path in problem.samples(claim))
    yield Sample(problem.folder / "starter.py", None)


def _false_verdicts(rows: Sequence[Row]) -> Iterator[str]:
    """Make checks 2, 3 and 7: every sample gets the verdict that its folder claims; the starter is rejected."""
    for row in rows:
        for report in row.reports:
            if report.verdict is row.sample.claim or (
                row.sample.claim is None and not report.passed and report.verdict is not Verdict.JUDGE_ERROR
            ):
                continue
            claim = row.sample.claim.value if row.sample.claim else "any verdict but accepted"
            yield f"{row.sample.path}: expected {claim}, found {report.verdict.value} (seed {report.seed}){_reason(report)}"
            break


def _small_differences(rows: Sequence[Row]) -> Iterator[str]:
    """See that the space of small inputs tells no right sample from the jury."""
    for row in rows:
        if row.sample.claim is Verdict.ACCEPTED and (example := row.reports[-1].counterexample) is not None:
            inputs = "; ".join(f"{name} = {text}" for name, text in example.inputs)
            differs = ", ".join(example.differs)
            yield f"{row.sample.path}: is right, and differs from the jury in {differs} on small inputs ({inputs}); mend their space"


def _reason(report: Report) -> str:
    case = next((each for each in report.cases if each.verdict is report.verdict and not each.passed), None)
    said = f"{case.name}: {case.message.splitlines()[-1] if case.message else ''}" if case else report.message
    return f": {said}" if said else ""


def _broken_claims(rows: Sequence[Row], rejects: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Make check 4: every name in `rejects` is a sample which that case rejects; every gotcha is named."""
    wrong = {row.sample.name: row for row in rows if row.sample.claim is not Verdict.ACCEPTED}
    for case, names in rejects.items():
        for name in names:
            if name not in wrong:
                yield f"case {case}: rejects {name!r}, which is no sample"
            elif not wrong[name].always_rejected_by(case):
                yield f"case {case}: declares that it rejects {name}, and does not under every seed"
    named = {name for names in rejects.values() for name in names}
    for name, row in wrong.items():
        if row.sample.claim is Verdict.WRONG_ANSWER and name not in named:
            yield f"{row.sample.path}: no case declares that it rejects this gotcha"


def _idle_cases(rows: Sequence[Row], cases: Sequence[str]) -> Iterator[str]:
    """Make check 5: a case that rejects no sample has never been seen to fail."""
    for case in cases:
        if not any(row.always_rejected_by(case) for row in rows if row.sample.claim is Verdict.WRONG_ANSWER):
            yield f"case {case}: rejects no wrong sample, it has never been seen to fail"


def _straightened(problem: Problem, trials: Sequence[tuple[OutputMutant, Report]]) -> Iterator[str]:
    """Make check 8: some case rejects each bent answer."""
    for bent, report in trials:
        if report.passed:
            yield f"{problem.folder / 'cases.py'}: no case rejects {bent.name} in the place of the jury answer; compare it by value"
        elif report.verdict in _NO_PROOF or not report.cases:
            yield f"bent answers: {bent.name} could not be tried: {report.verdict.value}{_reason(report)}"


def _survivors(
    problem: Problem, trials: Sequence[tuple[Mutant, Report]], listed: Sequence[Equivalent]
) -> Iterator[str]:
    """Make check 9: some case rejects each mutant, but for those that are listed as equivalent."""
    path = problem.folder / "solution.py"
    for mutant, report in trials:
        if report.passed and not any(each.covers(mutant) for each in listed):
            change = f"`{mutant.before}` -> `{mutant.after}`"
            yield f"{path}:{mutant.line}: no case notices {change}; add a case that does, or list it in {EQUIVALENTS} with the reason"
        elif report.verdict is Verdict.JUDGE_ERROR:
            yield f"{path}:{mutant.line}: the mutant `{mutant.after}` could not be judged{_reason(report)}"
    for each in listed:
        change = f"{problem.folder / EQUIVALENTS}: `{each.before}` -> `{each.after}`"
        covered = [report for mutant, report in trials if each.covers(mutant)]
        if not covered:
            yield f"{change}: no mutant makes this change any more; remove the entry"
        elif killed := next((report for report in covered if _killed(report)), None):
            yield f"{change}: is listed as equivalent, and is rejected{_reason(killed)}; remove the entry"


def _killed(report: Report) -> bool:
    return not report.passed and report.verdict is not Verdict.JUDGE_ERROR
