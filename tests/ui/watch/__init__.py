"""Tests of `ui.watch`."""
