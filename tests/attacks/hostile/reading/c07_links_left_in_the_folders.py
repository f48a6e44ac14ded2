"""Leaves links, pipes and folders without permissions for the judge to read or delete through.

Expected: wrong answer, run-time error
"""

import os
import tempfile

done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for folder in (
            ".",
            tempfile.gettempdir(),
            "/tmp",
            "/dev/shm",
            "/var/tmp",
            os.environ.get("HOME", "/"),
        ):
            for name, make in {
                "result.json": lambda path: os.symlink("/etc/passwd", path),
                "torch_judge_attack_link": lambda path: os.symlink("/", path),
                "torch_judge_attack_pipe": os.mkfifo,
                "torch_judge_attack_folder": lambda path: os.mkdir(path, 0),
                "torch_judge_attack_hard": lambda path: os.link("/tmp/torch_judge_attack_canary", path),
                "torch_judge_attack_node": lambda path: os.mknod(path, 0o666),
            }.items():
                if "folder" in name and os.path.realpath(folder) == os.getcwd():
                    continue
                try:
                    make(os.path.join(folder, name))
                    print("LEAKED: made", name, "in", folder)
                except OSError:
                    pass
    return x
