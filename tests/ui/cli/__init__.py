"""Tests of `ui.cli`."""
