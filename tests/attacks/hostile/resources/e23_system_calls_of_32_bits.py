"""Runs machine code of its own that makes 32-bit system calls, whose numbers mean other things.

Expected: wrong answer, run-time error
"""

import ctypes
import mmap

CODE = bytes.fromhex(
    "53 b8 02000000 cd80 5b 48 98 c3"
)  # push rbx; mov eax, 2 (fork); int 0x80; pop rbx; cdqe; ret
OPEN = bytes.fromhex("53 89fb b9 00000000 ba 00000000 b8 05000000 cd80 5b 48 98 c3")
done = False


def run(code, argument=0):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long)(address)(argument)


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        low = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40)
        low.write(b"/tmp/torch_judge_attack_canary\0")
        address = ctypes.addressof(ctypes.c_char.from_buffer(low))
        opened = run(OPEN, address) if address < 1 << 32 else -1
        if opened >= 0:
            print("LEAKED: opened", opened)
        child = run(CODE)
        if child == 0:
            ctypes.CDLL(None)._exit(0)
        if child > 0:
            print("LEAKED: forked", child)
    return x
