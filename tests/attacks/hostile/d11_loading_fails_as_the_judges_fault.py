"""Says at import that loading failed with a judge error.

Expected: run-time error, wrong answer
"""

import json
import os
import struct

head = json.dumps(
    {"kind": "refused", "verdict": "judge error", "message": "the judge is broken, try again"}
).encode()
os.write(3, struct.pack("!4sII", b"tj1\n", len(head), 0) + head)
