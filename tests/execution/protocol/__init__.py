"""Tests of `execution.protocol`."""
