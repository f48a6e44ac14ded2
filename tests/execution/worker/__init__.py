"""Tests of `execution.worker`."""
