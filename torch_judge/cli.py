"""The command `torch-judge`: parse, call, show, exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

import click

from . import __version__
from .errors import TorchJudgeError, UsageError
from .isolation import REQUIRE_VARIABLE, Layer, required_layers
from .problem import BANK_VARIABLE, Problem, find_bank

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .verdict import Report

ACCEPTED, NOT_ACCEPTED, WRONG_USAGE, JUDGE_ERROR, INTERRUPTED = 0, 1, 2, 3, 130

P = ParamSpec("P")


class Format(StrEnum):
    """How reports are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


require_option = click.option(
    "--require-isolation",
    "required",
    metavar="LEVEL",
    help=f"Run nothing unless this holds: process, sandbox, full, or layers with commas between; ${REQUIRE_VARIABLE} says the same.",
)
bank_option = click.option("--bank", metavar="DIR", help=f"A folder of problems; ${BANK_VARIABLE} says the same.")


def exits(command: Callable[P, int]) -> Callable[P, NoReturn]:
    """Make what a command returns its exit status, and an error a sentence with the right one."""

    @wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> NoReturn:
        try:
            sys.exit(command(*arguments, **options))
        except UsageError as error:
            _complain(str(error), WRONG_USAGE)
        except TorchJudgeError as error:
            _complain(str(error), JUDGE_ERROR)
        except BrokenPipeError:  # `torch-judge list | head`
            sys.stderr.close()
            sys.exit(ACCEPTED)
        except KeyboardInterrupt:
            _complain("interrupted", INTERRUPTED)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="torch-judge")
def main() -> None:
    """Judge machine-learning code that you wrote from scratch.

    Exit status: 0 accepted, 1 not accepted, 2 wrong usage, 3 judge error.
    """


@main.command()
@click.argument("problem")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice([each.value for each in Format]), default=Format.TEXT.value, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Replay the check that showed this seed.")
@click.option("--counterexample/--no-counterexample", default=True, help="Look for the smallest one after a failure (on by default).")
@require_option
@bank_option
@exits
def run(
    *, problem: str, paths: tuple[str, ...], form: str, seed: int | None, counterexample: bool, required: str | None, bank: str | None
) -> int:
    """Judge files (.py or .ipynb) against a problem's hidden suite."""
    reports = []
    for report in _judged(find_bank(bank).load(problem), paths, seed=seed, required=_required(required), counterexample=counterexample):
        reports.append(report)
        if form == Format.JSON:
            click.echo(report.to_json())
        if form == Format.TEXT:
            _show(_rich_report(report))
    if form == Format.JUNIT:
        click.echo(_junit(reports))
    return _status(reports)


@main.command("list")
@bank_option
@exits
def list_problems(bank: str | None) -> int:
    """List the problems."""
    from .render import problems_table

    _show(problems_table(find_bank(bank).problems()))
    return ACCEPTED


@main.command()
@click.argument("problem")
@bank_option
@exits
def show(problem: str, bank: str | None) -> int:
    """Show what a problem asks for."""
    from rich.markdown import Markdown

    facts = find_bank(bank).load(problem)
    if sys.stdout.isatty():
        _show(Markdown(facts.statement))
    else:
        click.echo(facts.statement.rstrip())
    return ACCEPTED


@main.command()
@click.argument("problems", nargs=-1, metavar="[PROBLEM]...")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("templates"), show_default=True)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail if a template is stale.")
@bank_option
@exits
def template(problems: tuple[str, ...], into: Path, only_check: bool, bank: str | None) -> int:
    """Write the template notebooks of problems, by default of all."""
    from .notebook import template_name, template_text

    stale = 0
    for each in _chosen(problems, bank):
        path, text = into / template_name(each), template_text(each)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        click.echo(f"{path}: {'stale' if only_check else 'written'}")
        if not only_check:
            into.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return NOT_ACCEPTED if only_check and stale else ACCEPTED


@main.command()
@click.argument("problems", nargs=-1, metavar="[PROBLEM]...")
@click.option("--format", "form", type=click.Choice([Format.TEXT.value, Format.JSON.value]), default=Format.TEXT.value, show_default=True)
@click.option("--seeds", type=click.IntRange(min=1), help="How often each accepted sample is judged.  [default: 50]")
@click.option("--write-signatures", is_flag=True, help="First write anew which cases each gotcha fails, which makes diagnoses fast.")
@click.option("--quick", is_flag=True, help="Few seeds and no mutants, for an author at work.")
@bank_option
@exits
def verify(*, problems: tuple[str, ...], form: str, seeds: int | None, write_signatures: bool, quick: bool, bank: str | None) -> int:
    """Prove problem packages against their own samples; by default the whole bank.

    Exit status: 0 all are sound, 1 there are complaints, 3 a check ended in a judge error.
    """
    from .gotchas import sign
    from .lanes import Lanes
    from .render import as_matrix, as_totals
    from .verify import QUICK, Effort, verify_package

    effort = QUICK if quick else Effort()
    results = []
    with Lanes() as lanes:
        for each in _chosen(problems, bank):
            if write_signatures:
                sign(each, progress=_progress)
            result = verify_package(
                each, effort=replace(effort, seeds=seeds or effort.seeds), lanes=lanes, template=_template(each), progress=_progress
            )
            results.append(result)
            if form == Format.JSON:
                click.echo(result.to_json())
            else:
                _show(as_matrix(result))
    if form == Format.TEXT:
        _show(as_totals(results))
    if any(each.judge_failed for each in results):
        return JUDGE_ERROR
    return NOT_ACCEPTED if any(each.complaints for each in results) else ACCEPTED


@main.command()
@click.option("--format", "form", type=click.Choice([Format.TEXT.value, Format.JSON.value]), default=Format.TEXT.value, show_default=True)
@require_option
@exits
def doctor(form: str, required: str | None) -> int:
    """Say which layers keep a submission apart on this machine, and why the others do not."""
    from .doctor import examine

    found = examine(_required(required))
    if form == Format.JSON:
        click.echo(found.to_json())
    else:
        from .render import as_examination

        _show(as_examination(found))
    return JUDGE_ERROR if found.lacking else ACCEPTED


def _required(text: str | None) -> frozenset[Layer]:
    return required_layers(os.environ.get(REQUIRE_VARIABLE, "") if text is None else text)


def _chosen(names: Sequence[str], bank: str | None) -> Sequence[Problem]:
    found = find_bank(bank)
    return [found.load(name) for name in names] if names else found.problems()


def _template(problem: Problem) -> tuple[Path, str] | None:
    """Return the file of a problem's template notebook, if there are templates beside the bank, and what it must say."""
    folder = problem.folder.parent.parent / "templates"
    if not folder.is_dir():
        return None
    from .notebook import template_name, template_text

    return folder / template_name(problem), template_text(problem)


def _judged(
    problem: Problem, paths: Sequence[str], *, seed: int | None, required: frozenset[Layer], counterexample: bool
) -> Iterator[Report]:
    """Judge every path through one warm server; a path that is not there stops all before any is judged."""
    from .judge import judge
    from .server import Server
    from .submission import from_path

    with Server(problem.framework) as server:
        server.warm_up()
        for submission in [from_path(path, apart_from=paths) for path in paths]:
            yield judge(problem, submission, server=server, seed=seed, required=required, counterexample=counterexample)


def _status(reports: Sequence[Report]) -> int:
    from .verdict import Verdict

    if any(report.verdict is Verdict.JUDGE_ERROR for report in reports):
        return JUDGE_ERROR
    return ACCEPTED if all(report.passed for report in reports) else NOT_ACCEPTED


def _rich_report(report: Report) -> RenderableType:
    from .render import as_rich

    return as_rich(report)


def _junit(reports: Sequence[Report]) -> str:
    from .render import as_junit

    return as_junit(reports)


def _show(what: Any) -> None:
    """Print for a person: colour and width come from the terminal and vanish in a pipe."""
    from rich.console import Console

    from .render import as_text

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(what)
    else:
        click.echo(as_text(what))


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _complain(sentence: str, status: int) -> NoReturn:
    click.echo(f"torch-judge: {sentence}", err=True)
    sys.exit(status)
