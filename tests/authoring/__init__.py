"""Tests of `authoring`."""
