"""How courses leave what was handed in: told by its signs, and read into one form."""
