"""Tests of `ui.web`."""
