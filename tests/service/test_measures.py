"""Measures: what Prometheus reads is counted as it happened."""

from __future__ import annotations

from dataclasses import replace

from torch_judge.model.report import Verdict
from torch_judge.service.measures import Measures
from torch_judge.service.queue import State

from .test_queue import REPORT


def read(measures: Measures) -> dict[str, float]:
    """Read the values by their names with labels."""
    text = measures.write({State.WAITING: 3, State.RUNNING: 1})
    assert text.endswith("\n")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_checks_are_counted_by_verdict_and_in_the_bucket_of_their_seconds() -> None:
    measures = Measures()
    for seconds in (0.05, 0.07, 100.0):
        measures.count_check(replace(REPORT, elapsed_seconds=seconds))
    measures.count_check(replace(REPORT, verdict=Verdict.JUDGE_ERROR, elapsed_seconds=0.0))
    measures.count_again()
    measures.count_refused()
    values = read(measures)
    assert values['torch_judge_checks_total{verdict="wrong answer"}'] == 3
    assert values['torch_judge_check_seconds_bucket{le="0.05"}'] == 2
    assert values['torch_judge_check_seconds_bucket{le="0.1"}'] == 3
    assert values['torch_judge_check_seconds_bucket{le="60.0"}'] == 3
    assert values['torch_judge_check_seconds_bucket{le="+Inf"}'] == 4
    assert values["torch_judge_check_seconds_count"] == 4
    assert values["torch_judge_check_seconds_sum"] == 100.12
    assert values["torch_judge_judge_errors_total"] == 2  # one was judged once more, one is given up
    assert values["torch_judge_refused_total"] == 1
    assert values['torch_judge_queue{state="waiting"}'] == 3


def test_every_verdict_is_there_from_the_beginning_and_every_measure_is_described() -> None:
    text = Measures().write({})
    for verdict in Verdict:
        assert f'verdict="{verdict.value}"}} 0' in text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    for line in text.splitlines():
        if not line.startswith("#"):
            name = line.partition("{")[0].split()[0]
            assert name in names or name.rpartition("_")[0] in names
