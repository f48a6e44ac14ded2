"""The learner's day as values: `history.History`, `attempt`, `archive`, `workspace`, `hints`, `standing`; no pages."""
