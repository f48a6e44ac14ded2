"""Shut a process in, and prove that it holds.

`policy.prepare` once in a server, `enter.enter` in each child, `probe.probe`, `scratch.Scratches`,
`removal.remove_tree`, `reaper.reap_orphans`. Each layer has a module of its own.
"""
