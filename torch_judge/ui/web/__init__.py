"""`torch-judge web`: statement, editor and hidden suite on a page of the learner's own machine.

`serve` runs it, `guard` decides what may reach it, `pages` and `calls` answer, `tabs` has submissions judged.
"""
