"""Reads a file outside the sandbox by every route that Python, NumPy, torch and libc offer.

Expected: wrong answer, run-time error
Representative: yes
"""

import ctypes
import io
import linecache
import mmap
import os
import tokenize

import numpy as np
import torch

CANARY = "/tmp/torch_judge_attack_canary"


def through_mmap():
    with open(CANARY, "rb") as file:
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:]


def through_libc(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = getattr(libc, name)(*arguments)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return os.read(descriptor, 1000)


def openat2():
    return through_libc("syscall", 437, -100, CANARY.encode(), (ctypes.c_uint64 * 3)(0, 0, 0), 24)


def handle():
    buffer = (ctypes.c_uint8 * 256)(128)
    mount = ctypes.c_int()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.name_to_handle_at(-100, CANARY.encode(), buffer, ctypes.byref(mount), 0) < 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    return through_libc("open_by_handle_at", os.open("/", os.O_RDONLY), buffer, os.O_RDONLY)


def link():
    os.symlink(CANARY, "canary_link")
    return open("canary_link").read()


def hard_link():
    os.link(CANARY, "/dev/shm/canary_link")
    return open("/dev/shm/canary_link").read()


def dotted():
    return open("/usr/lib/../../tmp/torch_judge_attack_canary").read()


def through_proc():
    return open("/proc/self/root" + CANARY).read()


def through_cwd():
    os.chdir("/tmp")
    return open("torch_judge_attack_canary").read()


def copied():
    os.copy_file_range(os.open(CANARY, os.O_RDONLY), 1, 1000)


ROUTES = [
    lambda: open(CANARY).read(),
    lambda: io.open_code(CANARY).read(),
    lambda: io.FileIO(CANARY).read(),
    lambda: os.read(os.open(CANARY, os.O_RDONLY), 1000),
    lambda: os.read(os.open(CANARY, os.O_RDWR), 1000),
    lambda: os.open(CANARY, os.O_PATH) and os.read(os.open("/proc/self/fd/9", os.O_RDONLY), 1000),
    through_mmap,
    lambda: through_libc("open", CANARY.encode(), 0),
    lambda: through_libc("syscall", 2, CANARY.encode(), 0),
    openat2,
    handle,
    link,
    hard_link,
    dotted,
    through_proc,
    through_cwd,
    copied,
    lambda: linecache.getlines(CANARY) or None,
    lambda: tokenize.open(CANARY).read(),
    lambda: np.fromfile(CANARY, dtype=np.uint8).tobytes(),
    lambda: np.memmap(CANARY, mode="r")[:].tobytes(),
    lambda: np.loadtxt(CANARY, dtype=str),
    lambda: np.genfromtxt(CANARY, dtype=str),
    lambda: torch.from_file(CANARY, size=16, dtype=torch.uint8).numpy().tobytes(),
    lambda: torch.UntypedStorage.from_file(CANARY, False, 16).tolist(),
    lambda: torch._C.PyTorchFileReader(CANARY).get_all_records(),
    lambda: torch.jit.load(CANARY),
    lambda: torch.load(CANARY),
    lambda: torch.ops.load_library(CANARY),
    lambda: ctypes.CDLL(CANARY),
    lambda: __import__("importlib.machinery").machinery.SourceFileLoader("c", CANARY).get_data(CANARY),
    lambda: __import__("runpy").run_path(CANARY),
    lambda: __import__("sqlite3").connect(CANARY).execute("select * from sqlite_master").fetchall(),
    lambda: __import__("zipfile").ZipFile(CANARY).namelist(),
    lambda: __import__("configparser").ConfigParser().read(CANARY) or None,
    lambda: __import__("shutil").copy(CANARY, "/tmp/torch_judge_attack_marker"),
    lambda: __import__("urllib.request").request.urlopen("file://" + CANARY).read(),
    lambda: os.sendfile(1, os.open(CANARY, os.O_RDONLY), 0, 1000) and None,
]
done = False


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for number, route in enumerate(ROUTES):
            try:
                found = route()
                if found is not None:
                    print("route", number, found)
            except BaseException as error:
                print(number, type(error).__name__, end=" ")
    return x
