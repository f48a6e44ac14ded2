"""What a worker may touch: the layers of its sandbox, entered before it sees a byte of the submission.

The server calls `prepare` once, `probe` once, and `enter` in each child that it forks. A layer that this
system lacks is left out and said, never faked. Nothing is writable where Landlock holds: a folder can be
bounded in the size of each file but not in their number, and torch needs none.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib.machinery
import itertools
import json
import mmap
import os
import platform
import secrets
import select
import signal
import socket
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from .errors import JudgeError

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from landlockpy import Ruleset
    from seccompy import Filter


class Layer(StrEnum):
    """A part of the sandbox, from what every system has to what only root can do."""

    PROCESS = "process"
    LIMITS = "limits"
    FILES = "files"
    CALLS = "calls"
    NETWORK = "network"
    SIGNALS = "signals"
    IDENTITY = "identity"

    @property
    def sentence(self) -> str:
        """Say what this layer does."""
        return _SENTENCES[self]


_SENTENCES: Final[Mapping[Layer, str]] = {
    Layer.PROCESS: "The submission runs in a process and session of its own, and holds no descriptor but its own.",
    Layer.LIMITS: "Memory, CPU time, file size and descriptors are limited.",
    Layer.FILES: "No file can be read but Python's, its libraries' and a few harmless ones of the system, and none written.",
    Layer.CALLS: "No program and no process can be started, and no other process reached into.",
    Layer.NETWORK: "No socket of any kind can be opened.",
    Layer.SIGNALS: "No other process can be signalled.",
    Layer.IDENTITY: "The submission runs as a user of its own, who owns nothing.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use up; `memory_mib` is on top of what the server already maps."""

    memory_mib: int = 2048
    cpu_seconds: int = 60
    file_mib: int = 16
    descriptors: int = 64
    threads: int = 64


@dataclass(frozen=True, slots=True)
class Missing:
    """A layer that does not hold here, and why."""

    layer: Layer
    why: str


@dataclass(frozen=True, slots=True)
class Isolation:
    """The layers that hold, and why the others do not; each in the order of `Layer`."""

    layers: tuple[Layer, ...]
    missing: tuple[Missing, ...]

    def less(self, reasons: Mapping[Layer, str]) -> Isolation:
        """Return this without the layers for which there is a reason."""
        why = {each.layer: each.why for each in self.missing}
        return _isolation({**why, **reasons})

    def confirmed_by(self, probed: Isolation) -> Isolation:
        """Return this without the layers that a probe found missing."""
        return self.less({each.layer: each.why for each in probed.missing if each.layer in self.layers})


def _isolation(reasons: Mapping[Layer, str]) -> Isolation:
    return Isolation(
        tuple(layer for layer in Layer if layer not in reasons),
        tuple(Missing(layer, reasons[layer]) for layer in Layer if layer in reasons),
    )


class User(StrEnum):
    """Who a worker becomes, the least powerful first."""

    STRANGER = "stranger"
    ROOT_WITHOUT_POWERS = "root without powers"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a server works out once for all its workers; where a layer cannot be had, the reason stands in its place."""

    server: int
    readable: tuple[Path, ...]
    user: User
    user_reason: str
    files: Ruleset | str
    calls: Filter | str


# --- once per server ---------------------------------------------------------------------------------------------


def prepare(*, forbidden: Sequence[Path]) -> Prepared:
    """Work out what every worker of this process will be allowed; call it with everything imported and one thread.

    No file in a forbidden folder is readable, even inside a folder that is: that folder's other entries are listed.
    """
    # an enumerated folder cannot be listed later, so that the import system must know its entries by now
    importlib.machinery.PathFinder.find_spec("torch_judge_has_no_such_module")
    readable = tuple(_readable(forbidden))
    user, user_reason = _choose_user(readable)
    return Prepared(os.getpid(), readable, user, user_reason, _ruleset(readable), _filter())


_SYSTEM: Final = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/usr/share/locale", "/etc/ld.so.cache", "/etc/localtime"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/proc/cpuinfo", "/proc/meminfo"),
    *("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"),
)
_PACKAGE_FOLDERS: Final = {"site-packages", "dist-packages", "lib-dynload"}


def _readable(forbidden: Sequence[Path]) -> Iterator[Path]:
    """Yield the folders and files that torch, numpy and the standard library read while they run."""
    wanted = {Path(path).resolve() for path in (*_python_folders(), *_mapped_libraries(), *_SYSTEM) if path}
    hidden = [path.resolve() for path in forbidden]
    for path in sorted(wanted):
        if os.access(path, os.R_OK) and not any(parent in wanted for parent in path.parents):
            yield from _without(path, hidden)


def _python_folders() -> Iterator[str]:
    """Yield the standard library, the package folders and the library folders of this interpreter and its base.

    Any other entry of `sys.path` may be a checkout, the working folder or a home.
    """
    yield from (sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from (str(Path(prefix, "lib")) for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix))
    yield from (entry for entry in sys.path if Path(entry).name in _PACKAGE_FOLDERS)


def _mapped_libraries() -> Iterator[str]:
    """Yield the shared libraries that this process has mapped; they stay mapped, but may be looked at again."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/maps").read_text(errors="replace").splitlines():
            path = line.partition("/")[2]
            if ".so" in path:
                yield "/" + path


def _without(path: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """Yield what covers a path but none of the hidden folders; Landlock can only allow."""
    if any(path == each or each in path.parents for each in hidden):
        return
    if not any(path in each.parents for each in hidden):
        yield path
        return
    with contextlib.suppress(OSError):
        for entry in os.scandir(path):
            if not entry.is_symlink():  # a rule would cover what the link points to, wherever that is
                yield from _without(Path(entry.path), hidden)


def _ruleset(readable: Iterable[Path]) -> Ruleset | str:
    """Build the Landlock rules that all workers share, or say why there are none."""
    try:
        import landlockpy as landlock
    except ImportError:
        return "landlockpy is not installed"
    try:
        if not landlock.supported():
            return f"this system ({platform.system()} {platform.release()}) has no Landlock"
        rules = landlock.Ruleset(scoped=landlock.Scope.SIGNAL | landlock.Scope.ABSTRACT_UNIX_SOCKET)
        for path in readable:
            rights = landlock.AccessFS.READ_FILE | (landlock.AccessFS.READ_DIR if path.is_dir() else landlock.AccessFS.NONE)
            with contextlib.suppress(FileNotFoundError, PermissionError):  # what we cannot open, a worker need not
                rules.allow_path(path, rights)
        rules.allow_path(os.devnull, landlock.AccessFS.READ_FILE | landlock.AccessFS.WRITE_FILE)
    except (OSError, AttributeError) as error:
        return f"Landlock cannot be used: {error}"
    return rules


def _choose_user(readable: Sequence[Path]) -> tuple[User, str]:
    """Find out by trying who a worker can become and still read the interpreter."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return User.UNCHANGED, "only root can give a worker a user of its own"
    stranger = _unreadable_after(_become_stranger, readable)
    if stranger is None:
        return User.STRANGER, ""
    powerless = _unreadable_after(_drop_powers, readable)
    if powerless is None:
        return User.ROOT_WITHOUT_POWERS, f"{stranger} by another user; root's powers are dropped instead"
    return User.UNCHANGED, f"{stranger} by another user"


def _unreadable_after(change: Callable[[], object], paths: Sequence[Path]) -> str | None:
    """Try a change of user in a child; return what fails, None if every path stays readable."""
    rights = {path: os.R_OK | os.X_OK if path.is_dir() else os.R_OK for path in paths}

    def attempt(_: int) -> object:
        try:
            change()
        except OSError as error:
            return f"the user cannot be changed: {error}"
        return next((f"{path} cannot be read" for path, right in rights.items() if not os.access(path, right)), None)

    answer = _answer_of_child(attempt, seconds=10.0)
    return None if answer is None else str(answer)


# --- in the child ------------------------------------------------------------------------------------------------


def enter(prepared: Prepared, *, limits: Limits, scratch: Path | None, keep: Collection[int] = ()) -> Isolation:
    """Shut this process in for good, and return which layers took and why the others did not.

    Descriptors 0, 1, 2 and those in `keep` stay open, no other. `scratch` becomes the working folder; it holds what
    a worker writes where Landlock is missing. Ends the process if the server is gone.
    """
    threads, descriptors = _count_threads(), _open_descriptors()
    _start_afresh(scratch)
    reasons = _refused(
        {
            Layer.LIMITS: partial(_limit, limits),
            Layer.IDENTITY: partial(_change_user, prepared, limits),
            Layer.PROCESS: partial(_separate, prepared),
            Layer.FILES: partial(_restrict_files, prepared),
        }
    )
    _close(set(descriptors) - {0, 1, 2, *keep})
    reasons |= _refused({Layer.SIGNALS: _restrict_signals, Layer.CALLS: partial(_restrict_calls, prepared)})
    if Layer.SIGNALS in reasons and _has_signal_scope(prepared) and Layer.FILES not in reasons:
        del reasons[Layer.SIGNALS]
    if Layer.CALLS in reasons:
        reasons[Layer.NETWORK] = f"sockets are refused by seccomp, and {reasons[Layer.CALLS]}"
    if threads > 1:
        bound = f"the process had {threads} threads, and only the one that entered is bound"
        reasons |= dict.fromkeys((Layer.FILES, Layer.CALLS, Layer.NETWORK, Layer.SIGNALS), bound)
    return _isolation(reasons)


def _refused(attempts: Mapping[Layer, Callable[[], str | None]]) -> dict[Layer, str]:
    """Try each layer and return the reasons of those that did not take."""
    reasons: dict[Layer, str] = {}
    for layer, attempt in attempts.items():
        try:
            reason = attempt()
        except (ImportError, AttributeError, OSError, ValueError, TypeError, RuntimeError) as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            reasons[layer] = reason
    return reasons


def _count_threads() -> int:
    try:
        return sum(1 for _ in os.scandir("/proc/self/task"))
    except OSError:
        return 1


def _start_afresh(scratch: Path | None) -> None:
    """Leave the server's folder, environment and umask behind."""
    folder = str(scratch) if scratch else "/"
    os.chdir(folder)
    os.umask(0o077)
    os.environ.clear()
    # torch imports its compiler with the first step of an optimiser, and that asks for a cache folder and a user's name
    os.environ.update(HOME=folder, TMPDIR=folder, TORCHINDUCTOR_CACHE_DIR=folder, USER="submission", LANG="C.UTF-8")
    # no compiler can be started here: what is decorated with torch.compile runs as it stands
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", TORCH_COMPILE_DISABLE="1")
    tempfile.tempdir = folder  # or it would look for a folder in which it can write, and find none


def _limit(limits: Limits) -> str | None:
    if sys.platform == "win32":
        return "this system has no limits on processes"
    with contextlib.suppress(OSError), _opened("/proc/self/oom_score_adj", os.O_WRONLY) as score:
        os.write(score, b"1000")  # short of memory, the kernel ends a worker first
    memory = _mapped_bytes() + (limits.memory_mib << 20)
    wanted = {
        "RLIMIT_AS": (memory, memory),
        "RLIMIT_CPU": (limits.cpu_seconds, limits.cpu_seconds + 1),  # a SIGXCPU that says why, then the end
        "RLIMIT_FSIZE": (limits.file_mib << 20, limits.file_mib << 20),
        "RLIMIT_NOFILE": (limits.descriptors, limits.descriptors),
        "RLIMIT_CORE": (0, 0),
    }
    failed = []
    for name, (soft, hard) in wanted.items():
        try:
            _, most = resource.getrlimit(getattr(resource, name))
            most = hard if most == resource.RLIM_INFINITY else min(hard, most)
            resource.setrlimit(getattr(resource, name), (min(soft, most), most))
        except (AttributeError, OSError, ValueError):
            failed.append(name)
    return f"this system refuses {' and '.join(failed)}" if failed else None


def _mapped_bytes() -> int:
    try:
        with _opened("/proc/self/statm", os.O_RDONLY) as sizes:
            return int(os.read(sizes, 100).split()[0]) * mmap.PAGESIZE
    except OSError:
        return 0


@contextlib.contextmanager
def _opened(path: str, flags: int) -> Iterator[int]:
    """Open a file the bare way: in a fresh fork, each page of `pathlib` and `io` that is touched is copied first."""
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _change_user(prepared: Prepared, limits: Limits) -> str | None:
    """Become the user that was chosen; the number of processes can only be limited for a user with no others."""
    if prepared.user is User.STRANGER:
        _become_stranger()
        resource.setrlimit(resource.RLIMIT_NPROC, (limits.threads, limits.threads))
    elif prepared.user is User.ROOT_WITHOUT_POWERS:
        _drop_powers()
    return prepared.user_reason


def _become_stranger() -> None:
    """Take a user id that nobody else has: a process id lies in it. The second is for containers that map 65,536 ids."""
    os.setgroups([])
    for uid in (2_000_000_000 + os.getpid(), 61_184 + os.getpid() % 4096):
        with contextlib.suppress(OSError):
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            return
    raise PermissionError("no user id to change to")


_LIBC: Final = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None, use_errno=True)
_CAPABILITY_VERSION_3: Final = 0x20080522


def _drop_powers() -> None:
    """Give up every capability, which leaves root the owner of its files and nothing more."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    if _LIBC.capset(header, (ctypes.c_uint32 * 6)()) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")


_PR_SET_PDEATHSIG: Final = 1
_PR_GET_PDEATHSIG: Final = 2
_PR_SET_DUMPABLE: Final = 4
_PR_SET_CHILD_SUBREAPER: Final = 36


def _separate(prepared: Prepared) -> str | None:
    if not hasattr(os, "setsid"):
        return "this system has no sessions"
    if os.getsid(0) != os.getpid():
        os.setsid()
    if sys.platform != "linux":
        return None
    parent = os.getppid() if prepared.server == os.getpid() else prepared.server
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which would clear it
    _prctl(_PR_SET_DUMPABLE, 0)
    if os.getppid() != parent:
        os._exit(1)
    return None


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}, {value}): {os.strerror(number)}")


def _restrict_files(prepared: Prepared) -> str | None:
    if isinstance(prepared.files, str):
        return prepared.files
    try:
        prepared.files.restrict()
    finally:
        prepared.files.close()
    return None


def _has_signal_scope(prepared: Prepared) -> bool:
    return not isinstance(prepared.files, str) and bool(prepared.files.scoped)


def _open_descriptors() -> list[int]:
    try:
        return [int(each.name) for each in os.scandir("/dev/fd")]
    except OSError:
        return list(range(1024))


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


# --- system calls ------------------------------------------------------------------------------------------------

_ALLOWED: Final = (
    # most frequent first: the filter is a chain
    *("read", "write", "futex", "lseek", "close", "newfstatat", "stat", "fstat", "lstat", "statx", "openat", "open", "openat2"),
    *("mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "msync", "mincore", "membarrier", "mseal", "map_shadow_stack"),
    *("get_mempolicy", "set_mempolicy", "mbind", "set_mempolicy_home_node", "mlock", "munlock", "mlock2"),
    *("readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "sendfile", "copy_file_range"),
    *("access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "chdir", "fchdir"),
    *("statfs", "fstatfs", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "fadvise64", "readahead"),
    *("ftruncate", "fsync", "fdatasync", "dup", "dup2", "dup3", "pipe", "pipe2", "close_range", "umask", "cachestat"),
    *("poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2"),
    *("eventfd", "eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd", "signalfd4"),
    *("recvfrom", "shutdown", "getsockopt", "getsockname", "getpeername"),  # on the channel, which is open already
    *("futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "set_robust_list", "rseq", "set_tid_address", "arch_prctl"),
    *("exit", "exit_group", "restart_syscall", "wait4", "waitid", "sched_yield", "sched_getaffinity", "sched_getparam"),
    *("sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getpriority", "getcpu"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack", "pause"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "alarm"),
    *("getitimer", "setitimer", "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete"),
    *("getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid"),
    *("getgroups", "capget", "getrlimit", "getrusage", "sysinfo", "uname", "getrandom"),
)
_TO_ITSELF: Final = ("kill", "tgkill")  # what raise() and abort() call

# An argument is compared in all its 64 bits, of which the kernel drops half: such a rule may allow, never refuse.
_ALLOWED_FOR: Final[Mapping[str, tuple[Mapping[int, int], ...]]] = {
    "prctl": tuple({0: option} for option in (15, 16, _PR_GET_PDEATHSIG, 3, 21, 23, 39, 0x53564D41)),  # names and questions
    "fcntl": tuple({1: command} for command in (0, 1, 2, 3, 4, 1030, 1032)),  # duplicate, flags, pipe size; no owner, lease, lock
    "ioctl": tuple({1: command} for command in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),  # is it a terminal, FIO*
    "prlimit64": ({0: 0, 2: 0},),  # ask for one's own
    "sendto": ({4: 0},),  # on a connected socket: no address
    "timer_create": ({1: 0},),  # the default: SIGALRM to oneself
}
_CLONE_THREAD: Final = 0x0001_0000
_CLONE_KINDS: Final = _CLONE_THREAD | 0x7E02_2000  # with every new namespace, and CLONE_PTRACE

# Refused by name, so that Python says "Operation not permitted". What is in neither list does not exist (ENOSYS),
# x32 calls and those of kernels to come among it; libraries then fall back, as with clone3.
_REFUSED: Final = (
    *("fork", "vfork", "clone", "execve", "execveat", "setsid", "setpgid", "personality", "modify_ldt", "prctl", "seccomp"),
    *("socket", "socketpair", "connect", "accept", "accept4", "bind", "listen", "sendto", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg"),
    *("setsockopt", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "get_robust_list"),
    *("pidfd_open", "pidfd_getfd", "pidfd_send_signal", "migrate_pages", "move_pages", "prlimit64", "setrlimit", "timer_create"),
    *("setpriority", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "ioprio_set"),
    *("setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset"),
    *("mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "creat", "truncate", "fallocate"),
    *("link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "fchmodat2", "flock"),
    *("chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat", "fcntl", "ioctl"),
    *("setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"),
    *("shmget", "shmat", "shmctl", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl"),
    *("mq_open", "mq_unlink", "memfd_create", "memfd_secret", "userfaultfd", "splice", "tee", "vmsplice", "sync", "syncfs"),
    *("io_setup", "io_submit", "io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "syslog"),
    *("add_key", "request_key", "keyctl", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "inotify_init", "inotify_init1"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount"),
    *("fspick", "mount_setattr", "swapon", "swapoff", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module"),
    *("delete_module", "acct", "quotactl", "quotactl_fd", "sethostname", "setdomainname", "settimeofday", "clock_settime"),
    *("clock_adjtime", "adjtimex", "ioperm", "iopl", "vhangup", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"),
)


def _filter() -> Filter | str:
    """Build the seccomp filter that all workers share, or say why there is none."""
    try:
        import seccompy as seccomp
    except ImportError:
        return "seccompy is not installed"
    try:
        if not seccomp.supported():
            return f"this system ({platform.system()} {platform.release()}) has no seccomp filters"
        rules = seccomp.Filter(seccomp.Action.ERRNO | errno.ENOSYS)
        for name in (*_ALLOWED, *_TO_ITSELF):  # of signals, the worker's own filter decides, which knows its process id
            _add(rules.allow, name)
        for name, choices in _ALLOWED_FOR.items():
            for arguments in choices:
                _add(partial(rules.allow, args=arguments), name)
        rules.allow("clone", args=[seccomp.ArgCmp(0, seccomp.CmpOp.MASKED_EQ, _CLONE_THREAD, _CLONE_KINDS)])
        for name in _REFUSED:
            _add(partial(rules.errno, error=errno.EPERM), name)
        size = len(rules.program)  # assembled here, once for all workers
    except (OSError, AttributeError) as error:
        return f"seccomp cannot be used: {error}"
    return rules if size else "seccomp cannot be used: its filter is empty"


def _add(rule: Callable[[str], None], name: str) -> None:
    with contextlib.suppress(ValueError):  # this architecture has no such call
        rule(name)


def _restrict_signals() -> str | None:
    """Let this process signal itself and no other."""
    try:
        import seccompy as seccomp
    except ImportError:
        return "seccompy is not installed"
    own = seccomp.Filter(seccomp.Action.ALLOW)
    for name in _TO_ITSELF:
        own.allow(name, args={0: os.getpid()})
        own.errno(name, errno.EPERM)
    own.load()
    return None


def _restrict_calls(prepared: Prepared) -> str | None:
    if isinstance(prepared.calls, str):
        return prepared.calls
    prepared.calls.load()
    return None


# --- trying it ---------------------------------------------------------------------------------------------------


def probe(prepared: Prepared, *, limits: Limits) -> Isolation:
    """Shut a child in, have it try to get out, and return which layers really hold."""
    if not hasattr(os, "fork"):
        return _isolation(dict.fromkeys(Layer, "this system cannot fork a process to try it in"))
    folder = Path(tempfile.mkdtemp(prefix="torch_judge_"))
    try:
        canary = folder / "canary"
        canary.write_text("canary")
        answer = _answer_of_child(partial(_try_everything, prepared, limits, canary), seconds=10.0)
    finally:
        remove_scratch(folder)
    if not isinstance(answer, dict):
        raise JudgeError(f"the sandbox cannot be probed: {answer or 'the child said nothing'}")
    return _isolation({Layer(layer): str(why) for layer, why in answer.items()})


def _try_everything(prepared: Prepared, limits: Limits, canary: Path, answer: int) -> dict[str, str]:
    """Enter the sandbox, attack it, and return why each layer that does not hold does not."""
    isolation = enter(prepared, limits=limits, scratch=None, keep=[answer])
    breaches = {
        Layer.PROCESS: _process_breach(answer),
        Layer.LIMITS: _limit_breach(limits),
        Layer.FILES: _file_breach(canary, os.getppid()),
        Layer.CALLS: _call_breach(os.getppid()),
        Layer.NETWORK: _network_breach(),
        Layer.SIGNALS: _signal_breach(os.getppid()),
        Layer.IDENTITY: "the worker is root" if hasattr(os, "getuid") and os.getuid() == 0 else None,
    }
    found = {layer: why for layer, why in breaches.items() if why and layer in isolation.layers}
    return {each.layer: each.why for each in isolation.less(found).missing}


def _process_breach(answer: int) -> str | None:
    if os.getsid(0) != os.getpid():
        return "the worker has no session of its own"
    others = [each for each in range(3, 256) if each != answer and _is_open(each)]
    return f"descriptors {others} are open" if others else None


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _limit_breach(limits: Limits) -> str | None:
    with contextlib.suppress(OSError, ValueError):
        mmap.mmap(-1, (limits.memory_mib + 64) << 20).close()
        return f"{limits.memory_mib + 64} MiB could be had, the limit is {limits.memory_mib} MiB"
    return None


def _file_breach(canary: Path, parent: int) -> str | None:
    for path in (canary, Path(f"/proc/{parent}/environ"), Path("/proc/self/maps")):
        with contextlib.suppress(OSError):
            path.read_bytes()
            return f"{path} could be read"
    with contextlib.suppress(OSError):
        return f"{canary.parent} could be listed: {len(list(canary.parent.iterdir()))} entries"
    with contextlib.suppress(OSError):
        (canary.parent / "marker").write_text("")
        return f"a file could be made in {canary.parent}"
    return None


_PTRACE_PEEKDATA: Final = 2


def _call_breach(parent: int) -> str | None:
    with contextlib.suppress(OSError):
        if (child := os.fork()) == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "a process could be started"
    try:
        os.execv("/nonexistent", ["nonexistent"])  # noqa: S606 - it is there to be refused
    except PermissionError:
        pass
    except OSError as error:
        return f"starting a program was not refused but failed: {error}"
    if _LIBC.ptrace(_PTRACE_PEEKDATA, parent, None, None) == -1 and ctypes.get_errno() != errno.EPERM:
        return "ptrace was not refused"
    return None


_MPTCP: Final = 262


def _network_breach() -> str | None:
    kinds = {
        "a TCP": (socket.AF_INET, socket.SOCK_STREAM, 0),
        "a UDP": (socket.AF_INET, socket.SOCK_DGRAM, 0),
        "an MPTCP": (socket.AF_INET, socket.SOCK_STREAM, _MPTCP),
        "a Unix": (socket.AF_UNIX, socket.SOCK_STREAM, 0),
        "an IPv6": (socket.AF_INET6, socket.SOCK_STREAM, 0),
    }
    for name, kind in kinds.items():
        with contextlib.suppress(OSError):
            socket.socket(*kind).close()
            return f"{name} socket could be opened"
    return None


def _signal_breach(parent: int) -> str | None:
    with contextlib.suppress(OSError):
        os.kill(parent, 0)
        return "the server could be signalled"
    return None


def _answer_of_child(question: Callable[[int], object], *, seconds: float) -> object:
    """Fork and ask; the child's answer is JSON on the descriptor that the question is given, or a sentence if it failed."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(question, writable)
    os.close(writable)
    try:
        said = _read_all(readable, time.monotonic() + seconds)
    finally:
        os.close(readable)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not said:
        raise JudgeError(f"a child that tries out the sandbox gave no answer within {seconds:g} seconds")
    return json.loads(said)


def _answer(question: Callable[[int], object], writable: int) -> NoReturn:
    try:
        answer = question(writable)
    except BaseException as error:  # the answer to every error is its text
        answer = f"{type(error).__name__}: {error}"
    os.write(writable, json.dumps(answer).encode())
    os._exit(0)


def _read_all(descriptor: int, deadline: float) -> bytes:
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            break
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return said
        said += chunk
    return b""


# --- what is left behind -----------------------------------------------------------------------------------------


def make_scratch() -> Path:
    """Make an empty private folder for one worker."""
    return Path(tempfile.mkdtemp(prefix="torch_judge_"))


def remove_scratch(path: Path, *, seconds: float = 5.0) -> bool:
    """Remove a worker's folder with all it holds, following no link; return whether it is gone within that time.

    Call it when the worker has ended. Folders within are moved to the top and emptied there: no depth is too deep.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
            return True
        top = _open_folder(str(path))
        try:
            _clear(top, time.monotonic() + seconds)
        finally:
            os.close(top)
        path.rmdir()
    except OSError:
        return False
    return True


_FOLDERS_AT_ONCE: Final = 1000


def _clear(top: int, deadline: float) -> None:
    names = (f"{secrets.token_hex(8)}{count}" for count in itertools.count())
    while folders := _unlink_files(top, deadline):
        for name in folders:
            folder = _open_folder(name, within=top)
            try:
                while inner := _unlink_files(folder, deadline):
                    for each in inner:
                        _unlock(each, within=folder)
                        os.rename(each, next(names), src_dir_fd=folder, dst_dir_fd=top)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _unlink_files(folder: int, deadline: float) -> list[str]:
    """Unlink what is no folder, and return the names of some folders; none are left if it returns none."""
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if time.monotonic() > deadline:
                raise TimeoutError
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=folder)
            elif len(folders) < _FOLDERS_AT_ONCE:
                folders.append(entry.name)
    return folders


def _open_folder(name: str, *, within: int | None = None) -> int:
    _unlock(name, within=within)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)


def _unlock(name: str, *, within: int | None) -> None:
    """Let ourselves into a folder whose owner locked it, without ever following a link."""
    if sys.platform != "linux":
        os.chmod(name, 0o700, dir_fd=within, follow_symlinks=False)
        return
    itself = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=within)
    try:
        Path(f"/proc/self/fd/{itself}").chmod(0o700)
    finally:
        os.close(itself)


def become_subreaper() -> bool:
    """Have every orphan below this process given to it, not to the system; return whether that is possible here."""
    if sys.platform != "linux":
        return False
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    return True


_ROUNDS_OF_REAPING: Final = 1000


def reap_orphans(known: AbstractSet[int]) -> int:
    """Kill and reap every child of this process that is not known, and its children in turn; return how many."""
    reaped = 0
    for _ in range(_ROUNDS_OF_REAPING):
        orphans = _children() - known
        if not orphans:
            break
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                reaped += 1
    return reaped


def _children() -> set[int]:
    try:
        lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    except OSError:
        return set()
    return {int(pid) for text in lists for pid in text.split()}
