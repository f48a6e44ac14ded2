"""Submissions that attack the judge, and honest ones in strange styles."""
