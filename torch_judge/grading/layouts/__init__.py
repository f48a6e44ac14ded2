"""How courses leave what was handed in: told by its signs, read into one form, and never extracted by name."""
