"""Tests of torch_judge; they mirror its modules."""
