"""Shut a process in, and prove that it holds.

`enter.prepare` and `enter.enter`, `probe.probe`, `scratch.Scratches`,
`reaper.reap_orphans`.
"""
