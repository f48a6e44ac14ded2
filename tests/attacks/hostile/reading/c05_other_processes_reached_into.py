"""Reads and traces other processes with process_vm_readv, ptrace, kcmp and pidfd_getfd.

Expected: wrong answer, run-time error
Representative: yes
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        parent = os.getppid()
        buffer = ctypes.create_string_buffer(64)
        local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
        remote = (ctypes.c_void_p * 2)(id(None), 64)
        tries = {
            "process_vm_readv": lambda: libc.process_vm_readv(parent, local, 1, remote, 1, 0),
            "process_vm_writev": lambda: libc.process_vm_writev(parent, local, 1, remote, 1, 0),
            "attach": lambda: libc.ptrace(16, parent, None, None),
            "seize": lambda: libc.ptrace(0x4206, parent, None, None),
            "traceme": lambda: libc.ptrace(0, 0, None, None),
            "kcmp": lambda: libc.syscall(312, parent, os.getpid(), 0, 0, 0),
            "pidfd_open": lambda: libc.syscall(434, parent, 0),
            "pidfd_getfd": lambda: libc.syscall(438, 3, 0, 0),
            "process_madvise": lambda: libc.syscall(440, 3, remote, 1, 4, 0),
        }
        for name, attempt in tries.items():
            if attempt() != -1:
                print("LEAKED:", name, "worked")
    return x
