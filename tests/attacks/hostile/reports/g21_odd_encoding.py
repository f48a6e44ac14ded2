"""Claims an encoding in which comments are code.

Expected: compile error, run-time error, wrong answer
"""

# coding: utf-7
# +AGkAbQBwAG8AcgB0ACAAbwBz-
raise SystemExit("+AA==-")
