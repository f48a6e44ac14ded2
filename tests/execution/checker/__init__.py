"""Tests of `execution.checker`."""
