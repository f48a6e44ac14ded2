"""Makes system calls by number: fork, clone, unshare, mount, the x32 twins and those of kernels to come.

Expected: wrong answer, run-time error
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = False
X32 = 0x40000000


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        tries = {
            "fork": (57,),
            "clone": (56, 17, 0, 0, 0, 0),
            "clone of a namespace": (56, 0x10000000 | 17, 0, 0, 0, 0),
            "clone thread and namespace": (56, 0x10000 | 0x10000000, 0, 0, 0, 0),
            "clone in 64 bits": (56, ctypes.c_uint64(1 << 32 | 17), 0, 0, 0, 0),
            "clone3": (435, (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17), 88),
            "unshare": (272, 0x10000000),
            "setns": (308, 3, 0),
            "mount": (165, b"none", b"/", b"tmpfs", 0, 0),
            "chroot": (161, b"/"),
            "seccomp": (317, 1, 0, 0),
            "bpf": (321, 0, 0, 0),
            "perf": (298, 0, 0, 0, -1, 0),
            "keyctl": (250, 0, -3, 1),
            "userfaultfd": (323, 0),
            "landlock": (444, 0, 0, 1),
            "setuid": (105, 0),
            "capset": (126, 0, 0),
            "x32 fork": (X32 + 57,),
            "x32 openat": (X32 + 257, -100, b"/tmp/torch_judge_attack_canary", 0, 0),
            "x32 execve": (X32 + 520, b"/bin/true", 0, 0),
            "personality": (135, 8),
            "quotactl": (179, 0, 0, 0, 0),
            "iopl": (172, 3),
            "modify_ldt": (154, 1, 0, 0),
        }
        for name, call in tries.items():
            result = libc.syscall(*call)
            if result != -1:
                if "fork" in name or "clone" in name:
                    if result == 0:
                        libc._exit(0)
                print("LEAKED:", name, result)
    return x
