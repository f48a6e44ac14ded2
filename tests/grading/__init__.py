"""Tests of `grading`."""
