"""One check, a batch, a pool.

`judge.judge`, `batch.BatchJudge`, `pool.JudgePool`, `background.BackgroundJudge`;
`diagnosis.diagnose` and `counterexample.find_counterexample` say what was wrong.
"""
