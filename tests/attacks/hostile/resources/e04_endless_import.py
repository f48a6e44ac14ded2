"""Never finishes its import.

Expected: time limit exceeded
"""

import time

while True:
    time.sleep(1)
