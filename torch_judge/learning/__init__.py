"""The learner's day as values, no pages.

`history.find_history` and `record` keep attempts, `hints.give_hint` helps, `standing.find_standing` says what
is solved, `archive` takes a history elsewhere, `workspace` lays out files. A `draft` is typed on a page.
"""
