"""Writes torch.py, sitecustomize.py, conftest.py and .pth files wherever it can, for the next run.

Expected: wrong answer, run-time error
"""

import os
import site
import sys
import tempfile

CODE = "open('/tmp/torch_judge_attack_marker', 'a').write('imported')\n"


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


sys.meta_path.insert(0, Finder())


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    folders = {
        "",
        ".",
        "/",
        "/tmp",
        "/dev/shm",
        "/var/tmp",
        os.environ.get("HOME", "/"),
        tempfile.gettempdir(),
        sys.prefix,
        sys.base_prefix,
    }
    folders |= (
        set(sys.path)
        | set(site.getsitepackages())
        | {os.path.dirname(module.__file__) for module in (os, site)}
    )
    for folder in folders:
        if os.path.realpath(folder) == os.getcwd():
            continue
        for name in ("torch.py", "sitecustomize.py", "usercustomize.py", "conftest.py", "attack.pth"):
            try:
                with open(os.path.join(folder, name), "x") as file:
                    file.write(CODE)
                print("LEAKED: wrote", file.name)
                os.unlink(file.name)
            except OSError:
                pass
    return x
