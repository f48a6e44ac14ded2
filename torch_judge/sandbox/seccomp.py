"""The layers of system calls and signals: which calls a worker may make, as seccomp filters."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from seccompy import Filter


def _split(*lines: str) -> tuple[str, ...]:
    return tuple(name for line in lines for name in line.split())


# Most frequent first: the filter is a chain.
_ALLOWED: Final = _split(
    "read write futex lseek close newfstatat stat fstat lstat statx openat open openat2",
    "mmap munmap mremap mprotect madvise brk msync mincore membarrier mseal map_shadow_stack",
    "get_mempolicy set_mempolicy mbind set_mempolicy_home_node mlock munlock mlock2",
    "readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 sendfile copy_file_range",
    "access faccessat faccessat2 readlink readlinkat getdents getdents64 getcwd chdir fchdir",
    "statfs fstatfs getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr fadvise64 readahead",
    "ftruncate fsync fdatasync dup dup2 dup3 pipe pipe2 close_range umask cachestat",
    "poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2",
    "eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4",
    "recvfrom shutdown getsockname getpeername",  # on the channel, which is open already
    "futex_waitv futex_wake futex_wait futex_requeue set_robust_list rseq set_tid_address arch_prctl",
    "exit exit_group restart_syscall wait4 waitid sched_yield sched_getaffinity sched_getparam",
    "sched_getscheduler sched_get_priority_max sched_get_priority_min getpriority getcpu",
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack",
    "pause",
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times alarm",
    "getitimer setitimer timer_settime timer_gettime timer_getoverrun timer_delete",
    "getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid",
    "getgroups capget getrlimit getrusage sysinfo uname getrandom",
)
_TO_ITSELF: Final = ("kill", "tgkill")  # what raise() and abort() call
_WRITING: Final = _split(
    "mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 creat truncate fallocate"
)

# An argument is compared in all its 64 bits, of which the kernel drops half: a rule may allow, never refuse.
_ALLOWED_FOR: Final[Mapping[str, tuple[Mapping[int, int], ...]]] = {
    # names and questions
    "prctl": tuple({0: option} for option in (15, 16, 2, 3, 21, 23, 39, 0x53564D41)),
    # duplicate, flags, pipe size; no owner, lease, lock
    "fcntl": tuple({1: command} for command in (0, 1, 2, 3, 4, 1030, 1032)),
    # is it a terminal, FIO*
    "ioctl": tuple({1: command} for command in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    "prlimit64": ({0: 0, 2: 0},),  # ask for one's own
    "sendto": ({4: 0},),  # on a connected socket: no address
    # what kind of socket, and its error; not who is at the other end
    "getsockopt": tuple({1: 1, 2: option} for option in (3, 4, 38, 39)),
    "timer_create": ({1: 0},),  # the default: SIGALRM to oneself
}
_CLONE_THREAD: Final = 0x0001_0000
_CLONE_KINDS: Final = _CLONE_THREAD | 0x7E02_2000  # with every new namespace, and CLONE_PTRACE

# Refused by name, so that Python says "Operation not permitted". What is in neither list does not exist
# (ENOSYS), x32 calls and those of kernels to come among it; libraries then fall back, as with clone3.
_REFUSED: Final = _split(
    "fork vfork clone execve execveat setsid setpgid personality modify_ldt prctl seccomp",
    "socket socketpair connect accept accept4 bind listen sendto sendmsg sendmmsg recvmsg recvmmsg",
    "setsockopt getsockopt tkill rt_sigqueueinfo rt_tgsigqueueinfo",
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp get_robust_list",
    "pidfd_open pidfd_getfd pidfd_send_signal migrate_pages move_pages prlimit64 setrlimit timer_create",
    "setpriority sched_setaffinity sched_setattr sched_setparam sched_setscheduler ioprio_set",
    "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups capset",
    "link linkat symlink symlinkat mknod mknodat chmod fchmod fchmodat fchmodat2 flock",
    "chown fchown lchown fchownat utime utimes futimesat utimensat fcntl ioctl",
    "setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat",
    "file_setattr",
    "shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop semtimedop semctl",
    "mq_open mq_unlink memfd_create memfd_secret userfaultfd splice tee vmsplice sync syncfs",
    "io_setup io_submit io_uring_setup io_uring_enter io_uring_register bpf perf_event_open syslog",
    "add_key request_key keyctl name_to_handle_at open_by_handle_at fanotify_init inotify_init",
    "inotify_init1",
    "mount umount2 pivot_root chroot unshare setns open_tree move_mount fsopen fsconfig fsmount",
    "fspick mount_setattr swapon swapoff reboot kexec_load kexec_file_load init_module finit_module",
    "delete_module acct quotactl quotactl_fd sethostname setdomainname settimeofday clock_settime",
    "clock_adjtime adjtimex ioperm iopl vhangup landlock_create_ruleset landlock_add_rule",
    "landlock_restrict_self",
)


def build_filter(*, writes: bool) -> Filter | str:
    """Build the seccomp filter that all workers share, or say why there is none.

    A worker that `writes` may make and remove files; then something else must say where.
    """
    try:
        import seccompy
    except ImportError:
        return "seccompy is not installed"
    try:
        if not seccompy.supported():
            return f"this system ({platform.system()} {platform.release()}) has no seccomp filters"
        rules = seccompy.Filter(seccompy.Action.ERRNO | errno.ENOSYS)
        # of signals, a filter of each worker's own decides
        for name in (*_ALLOWED, *_TO_ITSELF, *(_WRITING if writes else ())):
            _add(rules.allow, name)
        for name, choices in _ALLOWED_FOR.items():
            for arguments in choices:
                _add(partial(rules.allow, args=arguments), name)
        rules.allow("clone", args=[seccompy.ArgCmp(0, seccompy.CmpOp.MASKED_EQ, _CLONE_THREAD, _CLONE_KINDS)])
        # after what is allowed for some arguments: the first rule that fits a call decides
        for name in (*_REFUSED, *(() if writes else _WRITING)):
            _add(partial(rules.errno, error=errno.EPERM), name)
        size = len(rules.program)  # assembled here, once for all workers
    except (OSError, AttributeError) as error:
        return f"seccomp cannot be used: {error}"
    return rules if size else "seccomp cannot be used: its filter is empty"


def _add(rule: Callable[[str], None], name: str) -> None:
    with contextlib.suppress(ValueError):  # this architecture has no such call
        rule(name)


def restrict_signals() -> str | None:
    """Let this process signal itself and no other; its number is not known before it is there."""
    try:
        import seccompy
    except ImportError:
        return "seccompy is not installed"
    own = seccompy.Filter(seccompy.Action.ALLOW)
    for name in _TO_ITSELF:
        own.allow(name, args={0: os.getpid()})
        own.errno(name, errno.EPERM)
    own.load()
    return None


def restrict_calls(rules: Filter | str) -> str | None:
    """Enter the filter that all workers share."""
    if isinstance(rules, str):
        return rules
    rules.load()
    return None
