"""How courses leave what was handed in."""
