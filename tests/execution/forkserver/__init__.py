"""Tests of `execution.forkserver`."""
