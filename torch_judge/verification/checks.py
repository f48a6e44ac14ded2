"""The checks of `torch-judge verify`, by their numbers: each yields a sentence for what does not hold.

Checks 6, 10 and 11 are made beside what they look at: `dry_run`, `signing` and `conditional_faults`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from torch_judge.judging.signatures import UNKNOWN, Signature
from torch_judge.model.bank import Bank
from torch_judge.model.errors import BankError
from torch_judge.model.hints import FILE as HINTS
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report, Verdict
from torch_judge.model.sample import Sample
from torch_judge.model.suggestion import suggest_near

from .findings import Row
from .output_mutants import OutputMutant
from .source_mutants import EQUIVALENTS, Equivalent, Mutant

CLAIMS: Final = tuple(verdict for verdict in Verdict if verdict is not Verdict.JUDGE_ERROR)
FILES: Final = ("statement.md", "starter.py", "cases.py", "solution.py", "hints.md", "debug.py")
_TEXTS: Final = {".py", ".md", ".toml"}
_TODO: Final = re.compile(r"\bTODO\b[^\"]*")
_NO_PROOF: Final = {Verdict.JUDGE_ERROR, Verdict.RULE_VIOLATION, Verdict.COMPILE_ERROR}
"""Verdicts that say nothing about whether the suite notices a mutant."""


def check_files(problem: Problem, template: tuple[Path, str] | None) -> Iterator[str]:
    """Make check 1: the folder is whole, every sample says what it is, the template notebook is no older."""
    for name in FILES:
        try:
            problem.read_hints() if name == HINTS else problem.read(name)
        except BankError as error:
            yield str(error)
    yield from _check_todos(problem)
    yield from _check_imports(problem)
    yield from _check_rule(problem)
    for folder in Bank(problem.bank).find_number(problem.number):
        if folder != problem.folder:
            yield f"{problem.folder}: number {problem.number} is taken by {folder}"
    yield from _check_samples(problem)
    if template and not _says(*template):
        yield f"{template[0]}: stale; write it anew with torch-judge template {problem.slug}"


def _check_todos(problem: Problem) -> Iterator[str]:
    """Find what the author of a new package has yet to write; each place says it itself."""
    for path in sorted(problem.folder.rglob("*")):
        if path.suffix in _TEXTS and path.is_file():
            with suppress(BankError):  # a sample may be no text on purpose
                text = problem.read(path.relative_to(problem.folder).as_posix())
                for number, line in enumerate(text.splitlines(), 1):
                    if todo := _TODO.search(line):
                        yield f"{path}:{number}: {todo[0].strip()}"


def _check_imports(problem: Problem) -> Iterator[str]:
    """Find what cases import while they run: by then a submission may have put anything in its place."""
    with suppress(BankError, SyntaxError, ValueError):  # which are said elsewhere
        functions = [
            node
            for node in ast.walk(ast.parse(problem.read_cases()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        inside = {
            node.lineno
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        says = "imports in a function, which finds what a submission has put there; import at the top"
        yield from (f"{problem.folder / 'cases.py'}:{line}: {says}" for line in sorted(inside))


def _check_rule(problem: Problem) -> Iterator[str]:
    """Find what the rule allows and the statement does not say."""
    with suppress(BankError):  # a missing statement has been named already
        said = problem.read_statement()
        for name in problem.allowed:
            if not re.search(rf"\b{re.escape(name)}\b", said):
                yield f"{problem.folder / 'statement.md'}: does not say that {name} is allowed"


def _check_samples(problem: Problem) -> Iterator[str]:
    try:
        gotchas = problem.samples(Verdict.WRONG_ANSWER)
    except BankError as error:
        yield str(error)
        return
    for claim in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER):
        if not problem.samples(claim):
            yield f"{problem.folder / 'submissions' / claim.folder}: holds no sample"
    folders = {verdict.folder for verdict in CLAIMS}
    for folder in sorted((problem.folder / "submissions").glob("*/")):
        if folder.is_dir() and folder.name not in folders and folder.name != "__pycache__":
            yield f"{folder}: {folder.name} is no verdict"
    for sample in gotchas:
        try:
            yield from _check_gotcha(sample)
        except BankError as error:
            yield str(error)


def _check_gotcha(sample: Sample) -> Iterator[str]:
    """See that a gotcha is Python with a docstring, and is more than a right sample written otherwise."""
    try:
        tree = ast.parse(sample.read_text())
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        yield f"{sample.where}: its text is no Python{line}: {error.args[0]}"
        return
    if not ast.get_docstring(tree):
        yield f"{sample.where}: has no docstring; it is the diagnosis that a learner reads"
    if sample.change and _dump_code(tree) == _dump_code(ast.parse(sample.read_base())):
        yield f"{sample.where}: its edits change only how {sample.change.base} is written, not what it does"


def _dump_code(module: ast.Module) -> str:
    """Write a syntax tree without the docstrings, which do nothing."""
    for node in ast.walk(module):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() if ast.get_docstring(node) is not None:
                del node.body[0]
    return ast.dump(module)


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def check_verdicts(rows: Sequence[Row]) -> Iterator[str]:
    """Make checks 2, 3 and 7: every sample gets the verdict that its folder claims, the starter no pass."""
    for row in rows:
        report = next((report for report in row.reports if not _is_as_claimed(row, report)), None)
        if report:
            claim = row.sample.claim.value if row.sample.claim else "any verdict but accepted"
            yield (
                f"{row.sample.where}: expected {claim}, found {report.verdict.value} (seed {report.seed})"
                f"{describe_failure(report)}"
            )


def _is_as_claimed(row: Row, report: Report) -> bool:
    if row.sample.claim is None:
        return not report.passed and report.verdict is not Verdict.JUDGE_ERROR
    return report.verdict is row.sample.claim


def check_small_inputs(rows: Sequence[Row]) -> Iterator[str]:
    """See that the space of small inputs tells no right sample from the jury."""
    for row in rows:
        if row.sample.claim is Verdict.ACCEPTED and (example := row.reports[-1].counterexample) is not None:
            inputs = "; ".join(f"{name} = {text}" for name, text in example.inputs)
            differs = ", ".join(example.differs)
            yield (
                f"{row.sample.where}: is right, and differs from the jury in {differs} "
                f"on small inputs ({inputs}); mend their space"
            )


def collect_failures(rows: Sequence[Row], known: Mapping[str, Signature]) -> dict[str, frozenset[str]]:
    """Collect which cases each gotcha fails under every seed; a variant is no gotcha of its own.

    Signatures have seen more seeds than the rows. One that fails now here, now there, has the row's.
    """
    gotchas = [row for row in rows if row.sample.claim is Verdict.WRONG_ANSWER and not row.sample.is_variant]
    return {
        row.sample.name: known.get(row.sample.name, UNKNOWN).fails or row.list_failures() for row in gotchas
    }


def find_subsuming(failures: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Find the gotchas whose failed cases hold those of no other: a suite that rejects these rejects all."""
    return frozenset(
        name
        for name, failed in failures.items()
        if failed and not any(other < failed for other in failures.values() if other)
    )


def check_claims(
    rows: Sequence[Row],
    rejects: Mapping[str, Sequence[str]],
    failures: Mapping[str, frozenset[str]],
    standard: Collection[str] = (),
) -> Iterator[str]:
    """Make check 4: every name in `rejects` is a sample which that case rejects; the subsuming are named.

    One that a standard case rejects need not be: nobody had to write that case for it.
    """
    wrong = {row.sample.name: row for row in rows if row.sample.claim is not Verdict.ACCEPTED}
    for case, names in rejects.items():
        for name in names:
            if name not in wrong:
                yield f"case {case}: rejects {name!r}, which is no sample"
            elif not wrong[name].is_always_rejected_by(case):
                yield f"case {case}: declares that it rejects {name}, and does not under every seed"
    claimed = {name for names in rejects.values() for name in names}
    for name in sorted(name for name, failed in failures.items() if not failed):
        yield f"{wrong[name].sample.where}: no case rejects it under every seed"
    by_hand = {name for name, failed in failures.items() if failed.isdisjoint(standard)}
    for name in sorted((find_subsuming(failures) & by_hand) - claimed):
        yield (
            f"{wrong[name].sample.where}: no case declares that it rejects this gotcha, "
            "and no other gotcha is as hard to reject"
        )


def check_hints(problem: Problem, cases: Collection[str]) -> Iterator[str]:
    """See that each hint says of gotchas and cases alone that it fits them."""
    known = {sample.mistake for sample in problem.samples(Verdict.WRONG_ANSWER)} | set(cases)
    for hint in problem.read_hints():
        for name in hint.fits:
            if name not in known:
                yield (
                    f"{problem.folder / HINTS}:{hint.line}: {name!r} is neither a gotcha nor a case of "
                    f"{problem.slug}{suggest_near(name, known)}"
                )


def check_idle_cases(rows: Sequence[Row], cases: Sequence[str]) -> Iterator[str]:
    """Make check 5: a case that rejects no sample has never been seen to fail."""
    gotchas = [row for row in rows if row.sample.claim is Verdict.WRONG_ANSWER]
    for case in cases:
        if not any(row.is_always_rejected_by(case) for row in gotchas):
            yield f"case {case}: rejects no wrong sample, it has never been seen to fail"


def check_output_mutants(problem: Problem, trials: Sequence[tuple[OutputMutant, Report]]) -> Iterator[str]:
    """Make check 8: some case rejects each output mutant."""
    for mutant, report in trials:
        if report.passed:
            yield (
                f"{problem.folder / 'cases.py'}: no case rejects {mutant.name} in the place of the jury "
                "answer; compare it by value"
            )
        elif report.verdict in _NO_PROOF or not report.cases:
            yield (
                f"bent answers: {mutant.name} could not be tried: {report.verdict.value}"
                f"{describe_failure(report)}"
            )


def check_source_mutants(
    problem: Problem, trials: Sequence[tuple[Mutant, Report]], listed: Sequence[Equivalent]
) -> Iterator[str]:
    """Make check 9: some case rejects each mutant, but for those that are listed as equivalent."""
    path = problem.folder / "solution.py"
    for mutant, report in trials:
        if report.passed and not any(entry.covers(mutant) for entry in listed):
            yield (
                f"{path}:{mutant.line}: no case notices `{mutant.before}` -> `{mutant.after}`; "
                f"add a case that does, or list it in {EQUIVALENTS} with the reason"
            )
        elif report.verdict is Verdict.JUDGE_ERROR:
            yield (
                f"{path}:{mutant.line}: the mutant `{mutant.after}` could not be judged"
                f"{describe_failure(report)}"
            )
    for entry in listed:
        yield from _check_equivalent(
            problem, entry, [report for mutant, report in trials if entry.covers(mutant)]
        )


def _check_equivalent(problem: Problem, entry: Equivalent, reports: Sequence[Report]) -> Iterator[str]:
    change = f"{problem.folder / EQUIVALENTS}: `{entry.before}` -> `{entry.after}`"
    if not reports:
        yield f"{change}: no mutant makes this change any more; remove the entry"
    elif killed := next(filter(is_killed, reports), None):
        reason = describe_failure(killed)
        yield f"{change}: is listed as equivalent, and is rejected{reason}; remove the entry"


def is_killed(report: Report) -> bool:
    """Tell whether the report on a mutant shows that the suite notices it."""
    return not report.passed and report.verdict is not Verdict.JUDGE_ERROR


def describe_failure(report: Report) -> str:
    """Say, after a colon, in which case a verdict was given, and why; empty where there is nothing to say."""
    failures = (case for case in report.cases if case.verdict is report.verdict and not case.passed)
    case = next(failures, None)
    reason = report.message
    if case:
        reason = f"{case.name}: {case.message.splitlines()[-1] if case.message else ''}"
    return f": {reason}" if reason else ""
