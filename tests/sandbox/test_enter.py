"""Attack the sandbox from inside: each attack is refused with its layer on, and most are seen to work without it.

Every attack runs in a child of a fresh, single-threaded `python -I`, never of pytest's own process.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from torch_judge.model.isolation import Isolation, Layer, Missing, isolation_without

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")

SYSTEM_PYTHON = Path("/usr/bin/python3")

# What a server does: prepare, then for each body fork a child that enters and runs it. Prints a list of answers.
SERVER = """
import json, os, signal, sys, time
sys.path[:0] = {paths!r}
{before}
from pathlib import Path
from dataclasses import replace
from torch_judge.sandbox import probe
from torch_judge.sandbox import enter as sandbox
from torch_judge.sandbox.identity import User
from torch_judge.sandbox.limits import ProcessLimits
from torch_judge.sandbox.policy import prepare
bodies, enters, where = json.load(sys.stdin)
prepared = prepare(forbidden=[Path(each) for each in {forbidden!r}])
limits = ProcessLimits(**{limits!r})
{prepared}

def run(body):
    readable, writable = os.pipe()
    server, child = os.getpid(), os.fork()
    if child == 0:
        os.close(readable)
        try:
            isolation = sandbox.enter(prepared, limits=limits, scratch=where and Path(where), keep=[writable]) if enters else None
            scope = {{"isolation": isolation, "server": server, "answer": None, "sandbox": sandbox, "probe": probe}}
            exec(compile(body, "body", "exec"), scope)
            answer = {{"answer": scope["answer"]}}
            if isolation:
                answer |= {{"layers": isolation.layers, "missing": {{each.layer: each.why for each in isolation.missing}}}}
        except OSError as error:
            answer = {{"error": type(error).__name__, "errno": error.errno, "text": str(error)}}
        except BaseException as error:
            answer = {{"error": type(error).__name__, "errno": None, "text": str(error)}}
        os.write(writable, json.dumps(answer).encode())
        os._exit(0)
    os.close(writable)
    with open(readable, "rb") as said:
        answer = json.loads(said.read() or b"{{}}")
    return answer | {{"status": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}}

print(json.dumps([run(body) for body in bodies]))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """How the fresh process is started in which bodies are run."""

    python: str = sys.executable
    user: str | None = None
    before: str = ""
    prepared: str = ""
    forbidden: tuple[str, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    paths: tuple[str, ...] = (str(ROOT),)

    def run(
        self, bodies: Sequence[str], *, enters: bool = True, scratch: Path | None = None
    ) -> list[dict[str, Any]]:
        """Run each body in a child of its own and return what each answered."""
        program = SERVER.format(
            paths=list(self.paths),
            before=self.before,
            prepared=self.prepared,
            forbidden=list(self.forbidden),
            limits=dict(self.limits),
        )
        command = [self.python, "-I", "-B", "-c", program]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(
            command,
            input=json.dumps([list(bodies), enters, str(scratch) if scratch else None]),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd="/",
            env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "A_SECRET": "of the caller"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        answers: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers

    def ask(self, body: str, *, scratch: Path | None = None) -> dict[str, Any]:
        """Run one body inside and return what it answered."""
        return self.run([body], scratch=scratch)[0]


PROBE = """
import json, os, sys, time
sys.path[:0] = {paths!r}
{before}
from pathlib import Path
from dataclasses import replace
from torch_judge.model import isolation
from torch_judge.sandbox import probe
from torch_judge.sandbox import enter as sandbox
from torch_judge.sandbox.limits import ProcessLimits
from torch_judge.sandbox.policy import prepare
prepared = prepare(forbidden=[])
{prepared}
found = probe.probe(prepared, limits=ProcessLimits())
print(json.dumps([found.layers, {{each.layer: each.why for each in found.missing}}]))
"""


def probe(*, before: str = "", prepared: str = "") -> tuple[list[str], dict[str, str]]:
    program = PROBE.format(paths=[str(ROOT)], before=before, prepared=prepared)
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    layers, missing = json.loads(done.stdout)
    return layers, missing


@pytest.fixture(scope="module")
def held() -> tuple[list[str], dict[str, str]]:
    """Probe once which layers hold on this machine, and why the others do not."""
    return probe()


def need(held: tuple[list[str], dict[str, str]], *layers: Layer) -> None:
    for layer in layers:
        if layer not in held[0]:
            pytest.skip(f"{layer}: {held[1][layer]}")


# --- the attacks -------------------------------------------------------------------------------------------------

PRELUDE = """
import ctypes, errno, fcntl, os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
def called(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def syscall(name, *arguments):
    from seccompy import syscall_nr
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return called(libc.syscall(ctypes.c_long(syscall_nr(name)), *wide))
def child_of(pid):
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a submission may try; `works` says whether it succeeds on any Linux when nothing stops it."""

    name: str
    layer: Layer
    body: str
    works: bool = True


FILES = [
    Attack("read a file in a private folder", Layer.FILES, "open(f'{ground}/canary').read()"),
    Attack("list a private folder", Layer.FILES, "os.listdir(ground)"),
    Attack("make a file", Layer.FILES, "open(f'{ground}/marker', 'w').close()"),
    Attack(
        "make a file in shared memory",
        Layer.FILES,
        "p = Path(f'/dev/shm/{os.getpid()}'); p.write_text(''); p.unlink()",
    ),
    Attack("make a file without a name", Layer.FILES, "os.open(ground, os.O_TMPFILE | os.O_RDWR)"),
    Attack("write a file of the private folder", Layer.FILES, "open(f'{ground}/canary', 'r+').close()"),
    Attack("make a file in the working folder", Layer.FILES, "open('file', 'w').close()"),
    Attack("make a temporary file", Layer.FILES, "import tempfile; tempfile.TemporaryFile()"),
    Attack("write into the standard library", Layer.FILES, "open(os.__file__, 'r+').close()"),
    Attack("read the judge's own code", Layer.FILES, "open(sandbox.__file__).read()"),
    Attack("read the users", Layer.FILES, "open('/etc/passwd').read()"),
    Attack("list the root folder", Layer.FILES, "os.listdir('/')"),
    Attack("list the temporary folder", Layer.FILES, "os.listdir('/tmp')"),
    Attack("read the server's environment", Layer.FILES, "open(f'/proc/{server}/environ').read()"),
    Attack("read the server's command line", Layer.FILES, "open(f'/proc/{server}/cmdline').read()"),
    Attack("list the server's descriptors", Layer.FILES, "os.listdir(f'/proc/{server}/fd')"),
    Attack("read its own memory map", Layer.FILES, "open('/proc/self/maps').read()"),
    Attack("open its own memory", Layer.FILES, "open('/proc/self/mem', 'rb').close()"),
    Attack("read its own first environment", Layer.FILES, "open('/proc/self/environ').read()"),
    Attack("read through its own root", Layer.FILES, "open(f'/proc/self/root{ground}/canary').read()"),
    Attack("read through its own folder", Layer.FILES, "open('../' * 20 + f'{ground}/canary').read()"),
    Attack(
        "read through openat2",
        Layer.FILES,
        "syscall('openat2', -100, f'{ground}/canary'.encode(), (ctypes.c_uint64 * 3)(), 24)",
    ),
    Attack("read past a relative path", Layer.FILES, "open(f'/usr/lib/../..{ground}/canary').read()"),
]
CALLS = [
    Attack("fork", Layer.CALLS, "child_of(os.fork())"),
    Attack("fork by hand", Layer.CALLS, "child_of(syscall('clone', 17, 0, 0, 0, 0))"),
    Attack(
        "fork with clone3",
        Layer.CALLS,
        "child_of(syscall('clone3', (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17), 64))",
    ),
    Attack(
        "make a half thread", Layer.CALLS, "syscall('clone', 0x10000 | 0x20000000, 0, 0, 0, 0)", works=False
    ),
    Attack("vfork", Layer.CALLS, "syscall('vfork') or os._exit(7)", works=False),
    Attack("start a program", Layer.CALLS, "subprocess.run(['/bin/true'], check=True)"),
    Attack(
        "start a program with posix_spawn",
        Layer.CALLS,
        "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    ),
    Attack("become a program", Layer.CALLS, "os.execv('/nonexistent', ['x'])", works=False),
    Attack(
        "become a program by descriptor",
        Layer.CALLS,
        "syscall('execveat', -100, b'/nonexistent', 0, 0, 0)",
        works=False,
    ),
    Attack("run a shell", Layer.CALLS, "1 / (os.system('true') == 0)"),
    Attack(
        "use multiprocessing",
        Layer.CALLS,
        "import multiprocessing as m; p = m.get_context('fork').Process(target=int); p.start(); p.join()",
    ),
    Attack("make a file in memory", Layer.CALLS, "os.close(os.memfd_create('x'))"),
    Attack("make secret memory", Layer.CALLS, "syscall('memfd_secret', 0)", works=False),
    Attack("ask to be traced", Layer.CALLS, "called(libc.ptrace(0, 0, None, None))"),
    Attack("trace the server", Layer.CALLS, "called(libc.ptrace(2, server, None, None))", works=False),
    Attack("read the server's memory", Layer.CALLS, "syscall('process_vm_readv', server, 0, 0, 0, 0, 0)"),
    Attack("write the server's memory", Layer.CALLS, "syscall('process_vm_writev', server, 0, 0, 0, 0, 0)"),
    Attack("open the server's process", Layer.CALLS, "os.close(os.pidfd_open(server))"),
    Attack("take the server's descriptor", Layer.CALLS, "syscall('pidfd_getfd', 0, 0, 0)", works=False),
    Attack(
        "compare with the server", Layer.CALLS, "syscall('kcmp', os.getpid(), server, 1, 0, 0)", works=False
    ),
    Attack("slow the server down", Layer.CALLS, "os.setpriority(os.PRIO_PROCESS, server, 0)"),
    Attack(
        "move the server to other cores",
        Layer.CALLS,
        "os.sched_setaffinity(server, os.sched_getaffinity(server))",
    ),
    Attack("move itself to other cores", Layer.CALLS, "os.sched_setaffinity(0, os.sched_getaffinity(0))"),
    Attack(
        "change its scheduling", Layer.CALLS, "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))"
    ),
    Attack(
        "read the server's limits",
        Layer.CALLS,
        "import resource; resource.prlimit(server, resource.RLIMIT_AS)",
    ),
    Attack("set its own limits", Layer.CALLS, "syscall('prlimit64', 0, 4, (ctypes.c_uint64 * 2)(0, 0), 0)"),
    Attack("leave the session", Layer.CALLS, "os.setsid()"),
    Attack("leave the process group", Layer.CALLS, "os.setpgid(0, 0)"),
    Attack("outlive the server", Layer.CALLS, "called(libc.prctl(1, 0, 0, 0, 0))"),
    Attack("outlive the server, with high bits", Layer.CALLS, "syscall('prctl', (1 << 32) | 1, 0, 0, 0, 0)"),
    Attack("be dumpable", Layer.CALLS, "called(libc.prctl(4, 1, 0, 0, 0))"),
    Attack("keep capabilities", Layer.CALLS, "called(libc.prctl(8, 1, 0, 0, 0))"),
    Attack("become a subreaper", Layer.CALLS, "called(libc.prctl(36, 1, 0, 0, 0))"),
    Attack("filter its own calls", Layer.CALLS, "syscall('seccomp', 2, 0, 0)", works=False),
    Attack("filter its own calls with prctl", Layer.CALLS, "called(libc.prctl(22, 2, 0, 0, 0))", works=False),
    Attack(
        "restrict itself further", Layer.CALLS, "syscall('landlock_create_ruleset', 0, 0, 1)", works=False
    ),
    Attack("enter a user namespace", Layer.CALLS, "syscall('unshare', 0x10000000)", works=False),
    Attack("enter another namespace", Layer.CALLS, "syscall('setns', 0, 0)", works=False),
    Attack("mount", Layer.CALLS, "syscall('mount', b'x', b'/nonexistent', b'tmpfs', 0, 0)", works=False),
    Attack("mount by descriptor", Layer.CALLS, "syscall('fsopen', b'tmpfs', 0)", works=False),
    Attack("change the root", Layer.CALLS, "os.chroot('/nonexistent')", works=False),
    Attack("open by handle", Layer.CALLS, "syscall('open_by_handle_at', -100, 0, 0)", works=False),
    Attack("make a handle", Layer.CALLS, "syscall('name_to_handle_at', -100, b'/', 0, 0, 0)", works=False),
    Attack("load a program into the kernel", Layer.CALLS, "syscall('bpf', 0, 0, 0)", works=False),
    Attack(
        "count the machine's events", Layer.CALLS, "syscall('perf_event_open', 0, 0, -1, -1, 0)", works=False
    ),
    Attack(
        "queue calls past the filter",
        Layer.CALLS,
        "syscall('io_uring_setup', 1, (ctypes.c_uint64 * 15)())",
        works=False,
    ),
    Attack("handle page faults", Layer.CALLS, "syscall('userfaultfd', 0)", works=False),
    Attack(
        "share System V memory", Layer.CALLS, "syscall('shmctl', syscall('shmget', 0, 4096, 0o1600), 0, 0)"
    ),
    Attack("share a System V queue", Layer.CALLS, "syscall('msgctl', syscall('msgget', 0, 0o1600), 0, 0)"),
    Attack(
        "share a System V semaphore", Layer.CALLS, "syscall('semctl', syscall('semget', 0, 1, 0o1600), 0, 0)"
    ),
    Attack("open a POSIX queue", Layer.CALLS, "syscall('mq_open', b'x', 0, 0, 0)", works=False),
    Attack("ask for a key", Layer.CALLS, "syscall('keyctl', 0, -3, 0)", works=False),
    Attack("add a key", Layer.CALLS, "syscall('add_key', b'user', b'x', b'x', 1, -2)", works=False),
    Attack("change the user", Layer.CALLS, "os.setuid(os.getuid())"),
    Attack("change the groups", Layer.CALLS, "os.setgid(os.getgid())"),
    Attack(
        "take capabilities",
        Layer.CALLS,
        "called(libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()))",
    ),
    Attack("change the personality", Layer.CALLS, "syscall('personality', 0xFFFFFFFF)"),
    Attack("watch for opened files", Layer.CALLS, "syscall('fanotify_init', 0, 0)", works=False),
    Attack("type into a terminal", Layer.CALLS, "fcntl.ioctl(0, 0x5412, b'x')", works=False),
    Attack("splice", Layer.CALLS, "syscall('vmsplice', 1, 0, 0, 0)", works=False),
    Attack("lock a library", Layer.CALLS, "fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX)"),
    Attack("pass a descriptor", Layer.CALLS, "syscall('sendmsg', 0, 0, 0)", works=False),
    Attack("change a file's mode", Layer.CALLS, "os.chmod(f'{ground}/canary', 0o600)"),
    Attack("change a file's owner", Layer.CALLS, "os.chown(f'{ground}/canary', os.getuid(), -1)"),
    Attack("change a file's time", Layer.CALLS, "os.utime(f'{ground}/canary')"),
    Attack(
        "change a file's attributes",
        Layer.CALLS,
        "os.setxattr(f'{ground}/canary', 'user.x', b'x')",
        works=False,
    ),
    Attack(
        "link a file",
        Layer.CALLS,
        "os.link(f'{ground}/canary', f'{ground}/link'); os.unlink(f'{ground}/link')",
    ),
    Attack(
        "make a symbolic link", Layer.CALLS, "os.symlink('/', f'{ground}/soft'); os.unlink(f'{ground}/soft')"
    ),
    Attack("make a folder", Layer.CALLS, "os.mkdir(f'{ground}/folder'); os.rmdir(f'{ground}/folder')"),
    Attack("make a named pipe", Layer.CALLS, "os.mkfifo(f'{ground}/fifo'); os.unlink(f'{ground}/fifo')"),
    Attack("rename a file", Layer.CALLS, "os.rename(f'{ground}/canary', f'{ground}/canary')"),
    Attack("truncate a file", Layer.CALLS, "os.truncate(f'{ground}/empty', 0)"),
    Attack("remove a file", Layer.CALLS, "os.unlink(f'{ground}/to remove')"),
]
NETWORK = [
    Attack("open a TCP socket", Layer.NETWORK, "socket.socket()"),
    Attack("open a UDP socket", Layer.NETWORK, "socket.socket(type=socket.SOCK_DGRAM)"),
    Attack("open an MPTCP socket", Layer.NETWORK, "socket.socket(proto=262)", works=False),
    Attack("open an IPv6 socket", Layer.NETWORK, "socket.socket(socket.AF_INET6)", works=False),
    Attack("open a Unix socket", Layer.NETWORK, "socket.socket(socket.AF_UNIX)"),
    Attack("open a Unix datagram socket", Layer.NETWORK, "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"),
    Attack("open a pair of sockets", Layer.NETWORK, "socket.socketpair()"),
    Attack("open a netlink socket", Layer.NETWORK, "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
    Attack(
        "open a packet socket", Layer.NETWORK, "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", works=False
    ),
    Attack(
        "open a VM socket", Layer.NETWORK, "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)", works=False
    ),
    *(
        Attack(f"{name} on a descriptor", Layer.NETWORK, f"syscall('{name}', 1, 0, 0)", works=False)
        for name in ("connect", "accept", "bind")
    ),
    Attack("listen on a descriptor", Layer.NETWORK, "syscall('listen', 1, 0)", works=False),
]
SIGNALS = [
    Attack("signal the server", Layer.SIGNALS, "os.kill(server, 0)"),
    Attack("continue the server", Layer.SIGNALS, "os.kill(server, signal.SIGCONT)"),
    Attack("signal the server's thread", Layer.SIGNALS, "syscall('tgkill', server, server, 0)"),
    Attack("signal any thread", Layer.SIGNALS, "syscall('tkill', server, 0)"),
    Attack("signal everybody", Layer.SIGNALS, "os.kill(-1, 0)"),
    Attack("signal a group", Layer.SIGNALS, "os.killpg(os.getpgid(server), 0)"),
    Attack("signal with high bits", Layer.SIGNALS, "syscall('kill', (1 << 32) | server, 0)"),
    Attack(
        "queue a signal",
        Layer.SIGNALS,
        "syscall('rt_sigqueueinfo', server, 0, (ctypes.c_int * 32)(0, 0, -1))",
    ),
    Attack("signal by descriptor", Layer.SIGNALS, "signal.pidfd_send_signal(os.pidfd_open(server), 0)"),
    Attack(
        "have the kernel signal the server",
        Layer.SIGNALS,
        "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, server)",
    ),
    Attack("choose the kernel's signal", Layer.SIGNALS, "fcntl.fcntl(os.pipe()[0], 10, 9)"),
    Attack(
        "have a terminal's owner signalled",
        Layer.SIGNALS,
        "fcntl.ioctl(os.pipe()[0], 0x8901, b'abcd')",
        works=False,
    ),
]
ATTACKS = [*FILES, *CALLS, *NETWORK, *SIGNALS]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the attacks take place."""

    folder: Path
    scratch: Path
    inside: dict[str, dict[str, Any]]
    outside: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """Run every attack, each in a child of its own, with the sandbox and without."""
    folder, scratch = tmp_path_factory.mktemp("ground"), tmp_path_factory.mktemp("scratch")
    answers = []
    for enters in (True, False):
        for name in ("canary", "empty", "to remove"):
            (folder / name).write_text("")
        (folder / "canary").write_text("sings")
        chosen = [each for each in ATTACKS if enters or each.works]
        bodies = [
            f"{PRELUDE}\nground = {str(folder)!r}\n{each.body}\nanswer = 'got through'" for each in chosen
        ]
        said = Server().run(bodies, enters=enters, scratch=scratch)
        answers.append(dict(zip([each.name for each in chosen], said, strict=True)))
        if enters:
            assert [path.name for path in sorted(folder.iterdir())] == ["canary", "empty", "to remove"]
            assert not list(scratch.iterdir())
    return Ground(folder, scratch, *answers)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda each: each.name)
def test_an_attack_is_refused(attack: Attack, ground: Ground, held: tuple[list[str], dict[str, str]]) -> None:
    """Inside, it fails with a plain error, and the process lives on to say so."""
    need(held, attack.layer)
    answer = ground.inside[attack.name]
    assert answer["status"] == 0
    if attack.name == "run a shell":  # the C library says -1 and not why
        assert answer["error"] == "ZeroDivisionError"
        return
    assert answer.get("errno") in {1, 13, 38}, answer


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each.works], ids=lambda each: each.name)
def test_an_attack_works_without_the_sandbox(attack: Attack, ground: Ground) -> None:
    """Outside, the same lines get through: the test above can fail."""
    assert ground.outside[attack.name].get("answer") == "got through", ground.outside[attack.name]


LISTENERS = """
import socket
heard = []
tcp = socket.create_server(("127.0.0.1", 0)); udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
unix = socket.socket(socket.AF_UNIX); unix.bind("\\0torch_judge_test_" + str(os.getpid())); unix.listen()
ports = tcp.getsockname()[1], udp.getsockname()[1], unix.getsockname()
import atexit
def listen():
    for each in (tcp, udp, unix):
        each.settimeout(0.2)
        try:
            each.recv(1) if each is udp else each.accept()
            heard.append(each.type)
        except TimeoutError:
            pass
    print(json.dumps([{"heard": len(heard)}]))
atexit.register(listen)
"""
KNOCK = """
import socket, contextlib
from __main__ import ports
for family, kind, address in ((2, 1, ("127.0.0.1", ports[0])), (2, 2, ("127.0.0.1", ports[1])), (1, 1, ports[2])):
    with contextlib.suppress(PermissionError):
        socket.socket(family, kind).connect(address)
        socket.socket(family, kind).sendto(b"x", address) if kind == 2 else None
"""


@pytest.mark.parametrize(("enters", "heard"), [(True, 0), (False, 3)])
def test_a_loopback_listener_hears_nothing(
    enters: bool, heard: int, held: tuple[list[str], dict[str, str]]
) -> None:
    """TCP, UDP and abstract Unix sockets of the machine are out of reach, and in reach without the sandbox."""
    need(held, Layer.NETWORK)
    assert Server(before=LISTENERS).run([KNOCK], enters=enters) == [{"heard": heard}]


# --- what still works --------------------------------------------------------------------------------------------

HONEST = {
    "threads": "t = threading.Thread(target=lambda: globals().update(answer=1)); t.start(); t.join()",
    "sleep": "time.sleep(0.01); answer = 1",
    "random": "import random; random.seed(); answer = len(os.urandom(8)) // 8",
    "null device": "open(os.devnull, 'w').write('x'); answer = 1",
    "a module not imported yet": "import wave, colorsys; answer = 1",
    "signal itself": "signal.signal(signal.SIGUSR1, lambda *_: globals().update(answer=1)); os.kill(os.getpid(), signal.SIGUSR1)",
    "raise a signal": "signal.signal(signal.SIGUSR1, lambda *_: globals().update(answer=1)); signal.raise_signal(signal.SIGUSR1)",
    "timer": "signal.signal(signal.SIGALRM, lambda *_: globals().update(answer=1)); signal.setitimer(0, .01); time.sleep(.1)",
    "own limits": "import resource; answer = int(resource.getrlimit(resource.RLIMIT_CORE) == (0, 0))",
    "local time": "time.localtime(); time.strftime('%c'); answer = 1",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor as P; answer = sum(P(2).map(int, [0, 1]))",
    "pipes": "r, w = os.pipe(); os.write(w, b'x'); answer = len(os.read(r, 1))",
    "working folder": "answer = int(os.getcwd() == os.environ['HOME'])",
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run every honest body, each in a child of its own."""
    bodies = [f"{PRELUDE}\nanswer = 0\n{body}" for body in HONEST.values()]
    return dict(zip(HONEST, Server().run(bodies, scratch=tmp_path_factory.mktemp("scratch")), strict=True))


@pytest.mark.parametrize("name", HONEST)
def test_honest_code_runs(name: str, honest: dict[str, dict[str, Any]]) -> None:
    """What learners' code does every day is not in the way of the sandbox."""
    assert honest[name].get("answer") == 1, honest[name]


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only x86-64 has a second set of system calls")
def test_calls_of_another_architecture_end_the_process(held: tuple[list[str], dict[str, str]]) -> None:
    """`int 0x80` means other calls by the same numbers; using it is the end."""
    need(held, Layer.CALLS)
    body = """import ctypes, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()"""
    assert Server().ask(body)["status"] in {-signal.SIGSYS, -signal.SIGSEGV}


def test_calls_of_another_width_do_not_exist(held: tuple[list[str], dict[str, str]]) -> None:
    """An x32 call is the same call with a bit set, and a call of a kernel to come has no name yet."""
    need(held, Layer.CALLS)
    numbers = (0x40000000 | 39, 0x40000000 | 520, 999, -2)
    answers = Server().run(
        [f"{PRELUDE}\ncalled(libc.syscall(ctypes.c_long({number})))" for number in numbers]
    )
    assert [each["errno"] for each in answers] == [38] * 4


def test_abort_still_aborts() -> None:
    """A crash in C ends the process by its own signal, which the judge names."""
    assert Server().ask("import os; os.abort()")["status"] == -signal.SIGABRT


TORCH = """
import torch, warnings; warnings.simplefilter("error")
x = torch.randn(200, 200, requires_grad=True)
(x @ x).sum().backward(); torch.linalg.svd(x); torch.nn.functional.conv2d(torch.randn(1, 3, 8, 8), torch.randn(4, 3, 3, 3))
linear = torch.nn.Linear(3, 3); optimiser = torch.optim.Adam(linear.parameters())
linear(torch.randn(2, 3)).sum().backward(); optimiser.step()
torch.func.vmap(torch.sin)(x); torch.func.grad(lambda a: a.sin().sum())(torch.randn(3)); x.bfloat16() @ x.bfloat16()
torch.nn.MultiheadAttention(8, 2)(*torch.randn(3, 3, 2, 8)); torch.nn.LSTM(3, 4)(torch.randn(2, 1, 3))
import numpy; numpy.linalg.svd(numpy.ones((50, 50))); numpy.fft.fft(numpy.ones(8)); numpy.random.default_rng().normal(size=3)
torch.set_num_threads(2); x @ x
import threading; t = threading.Thread(target=lambda: x @ x); t.start(); t.join()
answer = float((x.detach() * 0).sum())
"""


def test_torch_works_inside(tmp_path: Path) -> None:
    """Matrix products, gradients, decompositions, an optimiser's step, threads: all of it, in silence."""
    pytest.importorskip("torch")
    answer = Server(before="import torch").ask(TORCH, scratch=tmp_path)
    assert answer.get("answer") == 0.0, answer
    assert not list(tmp_path.iterdir())


def test_torch_cannot_map_a_file(tmp_path: Path, held: tuple[list[str], dict[str, str]]) -> None:
    """`torch.from_file` raises no audit event; the kernel refuses it all the same."""
    pytest.importorskip("torch")
    need(held, Layer.FILES)
    canary = tmp_path / "canary"
    canary.write_text("sings...")
    body = f"answer = bytes(torch.from_file({str(canary)!r}, size=5, dtype=torch.uint8).tolist()).decode()"
    inside, outside = (
        Server(before="import torch").run(["import torch\n" + body], enters=enters)[0]
        for enters in (True, False)
    )
    assert inside.get("error") == "RuntimeError", inside
    assert outside.get("answer") == "sings"


# --- limits ------------------------------------------------------------------------------------------------------


def test_memory_runs_out_as_an_exception(held: tuple[list[str], dict[str, str]]) -> None:
    """A list or a tensor too many raises; the machine does not notice."""
    pytest.importorskip("torch")
    need(held, Layer.LIMITS)
    bodies = [
        "bytearray(600 << 20)",
        "import torch\nkept = [torch.ones(1 << 26) for _ in range(9)]",
        "answer = len(bytearray(64 << 20))",
    ]
    python, torch, small = Server(before="import torch", limits=(("memory_mib", 512),)).run(bodies)
    assert python["error"] == "MemoryError"
    assert torch["error"] == "RuntimeError"
    assert "memory" in torch["text"]
    assert small["answer"] == 64 << 20


def test_memory_cannot_be_had_by_recursion(held: tuple[list[str], dict[str, str]]) -> None:
    """Python's recursion eats the heap; the limit ends it."""
    need(held, Layer.LIMITS)
    body = "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()"
    answer = Server(limits=(("memory_mib", 256),)).ask(body)
    assert answer.get("error") or answer["status"] in {-signal.SIGSEGV, -signal.SIGABRT}, answer


def test_processor_time_ends(held: tuple[list[str], dict[str, str]]) -> None:
    """A loop ends by SIGXCPU, one that ignores that by SIGKILL a second later."""
    need(held, Layer.LIMITS)
    loop = "import signal\nsignal.signal(signal.SIGXCPU, signal.{})\nwhile True: pass"
    plain, stubborn = Server(limits=(("cpu_seconds", 1),)).run(
        [loop.format("SIG_DFL"), loop.format("SIG_IGN")]
    )
    assert plain["status"] == -signal.SIGXCPU
    assert stubborn["status"] == -signal.SIGKILL


def test_a_file_ends_at_its_limit(tmp_path: Path, held: tuple[list[str], dict[str, str]]) -> None:
    """Where Landlock is missing, a file can be made, and grows no further than this."""
    need(held, Layer.LIMITS)
    server = Server(before="sys.modules['landlockpy'] = None", limits=(("file_mib", 1),))
    answer = server.ask(
        "with open('file', 'wb', buffering=0) as f:\n    answer = [f.write(bytes(1 << 20)), f.write(b'x')]",
        scratch=tmp_path,
    )
    assert answer["errno"] == 27, answer
    assert (tmp_path / "file").stat().st_size == 1 << 20


def test_descriptors_run_out(held: tuple[list[str], dict[str, str]]) -> None:
    """Sixty-four descriptors, and then an exception."""
    need(held, Layer.LIMITS)
    assert Server().ask("import os\nkept = [open(os.devnull) for _ in range(70)]")["errno"] == 24


def test_threads_end(held: tuple[list[str], dict[str, str]]) -> None:
    """A bomb of threads runs into the limit on memory, or on the threads of its user."""
    need(held, Layer.LIMITS)
    body = "import threading, time\nfor _ in range(2000): threading.Thread(target=time.sleep, args=(2,), daemon=True).start()"
    assert Server(limits=(("memory_mib", 256),)).ask(body)["error"] == "RuntimeError"


# --- what a worker is --------------------------------------------------------------------------------------------


def test_no_descriptor_of_the_server_is_left() -> None:
    """Only the standard three and the one kept are open."""
    server = Server(before="leaks = [os.open('/etc/passwd', os.O_RDONLY) for _ in range(80)]")
    opened = server.ask("answer = [each for each in range(1024) if probe._is_open(each)]")["answer"]
    assert opened[:3] == [0, 1, 2]
    assert len(opened) == 4


def test_a_kept_channel_works_both_ways() -> None:
    """The socket that a worker was given still carries frames, with a timeout too."""
    server = Server(
        before="import socket; ours, theirs = socket.socketpair(); ours.sendall(b'a job')",
        prepared="""
def enter(*arguments, entered=sandbox.enter, keep, **options):
    return entered(*arguments, keep=[*keep, theirs.fileno()], **options)
sandbox.enter = enter""",
    )
    body = """import socket
from __main__ import theirs
line = socket.socket(fileno=theirs.detach())
line.settimeout(1.0)
buffer = bytearray(3)
answer = [line.recv(2).decode(), line.recv_into(buffer), buffer.decode(), line.sendall(b"observations"), line.shutdown(socket.SHUT_WR)]"""
    assert server.ask(body)["answer"] == ["a ", 3, "job", None, None]


def test_the_environment_is_from_scratch(tmp_path: Path) -> None:
    """Nothing of the caller's environment is visible, in Python or in C."""
    body = "import ctypes, os\nc = ctypes.CDLL(None); c.getenv.restype = ctypes.c_char_p\n"
    body += "answer = [sorted(os.environ), repr(c.getenv(b'A_SECRET'))]"
    names, secret = Server().ask(body, scratch=tmp_path)["answer"]
    folders = ["HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"]
    assert names == sorted(
        [
            *folders,
            "LANG",
            "MKL_NUM_THREADS",
            "OMP_NUM_THREADS",
            "PYTORCH_JIT",
            "TORCH_COMPILE_DISABLE",
            "USER",
        ]
    )
    assert secret == "None"


def test_a_worker_has_a_session_of_its_own() -> None:
    """It leads its own session, and its memory cannot be dumped."""
    body = "import ctypes, os\nanswer = [os.getsid(0) == os.getpid(), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)]"
    assert Server().ask(body)["answer"] == [True, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_worker_ends_with_its_server() -> None:
    """Kill the server, and a worker that never reads again is gone too."""
    body = "import os, signal, time\nos.write(1, b'%d\\n' % os.getpid())\ntime.sleep(60)"
    program = SERVER.format(paths=[str(ROOT)], before="", prepared="", forbidden=[], limits={})
    with subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps([[body], True, None]))
        server.stdin.close()
        worker = int(server.stdout.readline())
        assert alive(worker)
        server.kill()
        server.wait()
        deadline = time.monotonic() + 10
        while alive(worker) and time.monotonic() < deadline:
            time.sleep(0.01)
    assert not alive(worker)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_worker_whose_server_is_gone_does_not_start() -> None:
    """The parent may have ended before the request to end with it."""
    assert Server(prepared="prepared = replace(prepared, server=1)").ask("answer = 1") == {"status": 1}


def test_a_thread_from_before_is_said(held: tuple[list[str], dict[str, str]]) -> None:
    """A layer that binds one thread of two is not reported as a layer."""
    need(held, Layer.FILES, Layer.CALLS)
    start = """import threading
def enter(*arguments, entered=sandbox.enter, **options):
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    return entered(*arguments, **options)
sandbox.enter = enter"""
    answer = Server(prepared=start).ask("answer = 1")
    assert not {"files", "calls", "network", "signals"} & set(answer["layers"])
    assert "2 threads" in answer["missing"]["files"]


# --- folders -----------------------------------------------------------------------------------------------------


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Make a folder of packages, one of them hidden, one link out of it, and a checkout beside it."""
    folder = tmp_path / "site-packages"
    for name in ("shown", "hidden", "half"):
        (folder / name / "inner").mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"value = '{name}'\n")
        (folder / name / "inner" / "file").write_text(name)
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "theirs.py").write_text("value = 1\n")
    (folder / "linked.py").symlink_to(checkout / "theirs.py")
    return folder


def test_a_hidden_folder_inside_a_readable_one(
    packages: Path, held: tuple[list[str], dict[str, str]]
) -> None:
    """Its siblings can be imported and read; it cannot, nor listed, nor what a link points to, nor a checkout."""
    need(held, Layer.FILES)
    server = Server(
        before=f"sys.path += [{str(packages)!r}, {str(packages.parent / 'checkout')!r}]",
        forbidden=(str(packages / "hidden"), str(packages / "half" / "inner")),
    )
    reads = [
        f"open({str(packages / name)!r}).read()"
        for name in ("hidden/__init__.py", "hidden/inner/file", "half/inner/file", "linked.py")
    ]
    lists = [f"import os; os.listdir({str(packages / name)!r})" for name in ("hidden", "half/inner", "")]
    refused = [
        *reads,
        *lists,
        f"open({str(packages.parent / 'checkout/theirs.py')!r})",
        "import hidden",
        "import theirs",
    ]
    for each in server.run(refused):
        assert each.get("error") == "PermissionError", each
    shown = f"open({str(packages / 'shown/inner/file')!r}).read()"
    assert server.ask(f"import shown, half; answer = [shown.value, half.value, {shown}]")["answer"] == [
        "shown",
        "half",
        "shown",
    ]


def test_without_a_hidden_folder_all_are_readable(packages: Path) -> None:
    """The test above can fail: it is the list of hidden folders that hides."""
    answer = Server(before=f"sys.path.append({str(packages)!r})").ask("import hidden; answer = hidden.value")
    assert answer["answer"] == "hidden"


def test_a_forbidden_package_cannot_be_opened(held: tuple[list[str], dict[str, str]]) -> None:
    """For a NumPy problem, torch itself can be put out of reach."""
    torch = pytest.importorskip("torch")
    need(held, Layer.FILES)
    hidden, shown = Server(forbidden=(str(Path(torch.__file__).parent),)).run(
        ["import torch", "import numpy; answer = numpy.__name__"]
    )
    assert hidden["error"] == "PermissionError"
    assert shown["answer"] == "numpy"


# --- missing layers ----------------------------------------------------------------------------------------------


def test_a_server_with_many_descriptors_shuts_its_workers_in_all_the_same() -> None:
    """A server of many banks holds many; entering must not run into the limit that it sets."""
    answer = Server(before="kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(200)]").ask(
        "open('/etc/passwd')"
    )
    assert answer["error"] == "PermissionError"
    layers = Server(before="kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(200)]").ask("answer = 1")[
        "layers"
    ]
    assert {"files", "limits", "process"} <= set(layers)


def test_without_landlockpy_the_rest_holds() -> None:
    """A missing library costs its layer and is said."""
    answer = Server(before="sys.modules['landlockpy'] = None").ask("import os; answer = os.listdir('/')")
    assert "files" not in answer["layers"]
    assert answer["missing"]["files"] == "landlockpy is not installed"
    assert answer["answer"]


def test_without_seccompy_the_rest_holds() -> None:
    """Landlock alone stops neither UDP nor fork; neither is claimed."""
    answer = Server(before="sys.modules['seccompy'] = None").ask(
        "import os, socket; socket.socket(); os.fork() or os._exit(0)"
    )
    assert not {"calls", "network"} & set(answer["layers"])
    assert answer["missing"]["network"] == "sockets are refused by seccomp, and seccompy is not installed"


def test_without_either_a_worker_still_enters() -> None:
    """Old kernels and other systems keep their process and their limits."""
    answer = Server(before="sys.modules['seccompy'] = sys.modules['landlockpy'] = None").ask("answer = 1")
    assert {"process", "limits"} <= set(answer["layers"])
    assert {"files", "calls", "network", "signals"} <= set(answer["missing"])
    assert answer["answer"] == 1


def test_a_kernel_without_the_layers_says_so() -> None:
    """The libraries are there and the kernel is not: the same, with another reason."""
    before = "import landlockpy, seccompy; landlockpy.supported = seccompy.supported = lambda: False"
    missing = Server(before=before).ask("answer = 1")["missing"]
    assert "has no Landlock" in missing["files"]
    assert "has no seccomp filters" in missing["calls"]


# --- the probe ---------------------------------------------------------------------------------------------------


def test_the_probe_finds_what_enter_claims(held: tuple[list[str], dict[str, str]]) -> None:
    """On a kernel that has the layers, they hold against what the probe tries."""
    assert set(held[0]) == set(Server().ask("answer = 1")["layers"])


@pytest.mark.parametrize(
    ("prepared", "layers"),
    [
        (
            "import seccompy; prepared = replace(prepared, calls=seccompy.Filter(seccompy.Action.ALLOW))",
            {"calls", "network"},
        ),
        (
            "import landlockpy; prepared = replace(prepared, files=landlockpy.Ruleset(handled_fs=landlockpy.AccessFS.EXECUTE))",
            {"files"},
        ),
        ("assert sandbox.limit_process; sandbox.limit_process = lambda limits: None", {"limits"}),
        ("os.setsid = lambda: None", {"process"}),
        (
            "assert sandbox.close_descriptors; sandbox.close_descriptors = lambda descriptors: None",
            {"process"},
        ),
    ],
)
def test_the_probe_sees_a_layer_that_does_not_hold(
    prepared: str, layers: set[str], held: tuple[list[str], dict[str, str]]
) -> None:
    """A layer that was entered and stops nothing is missing, with what got through."""
    need(held, *map(Layer, layers))
    _, missing = probe(prepared=prepared)
    assert set(missing) - set(held[1]) == layers
    assert all(missing[each] for each in layers)


def test_the_probe_leaves_nothing_behind() -> None:
    """No child, no folder, no descriptor."""
    again = """import tempfile
from torch_judge.sandbox import reaper as orphans
def left(): return len(os.listdir('/dev/fd')), os.listdir(tempfile.tempdir), orphans._children()
tempfile.tempdir = tempfile.mkdtemp()
before = left()
for _ in range(3): probe.probe(prepared, limits=ProcessLimits())
assert left() == before == (before[0], [], set())"""
    probe(prepared=again + "\nos.rmdir(tempfile.tempdir); tempfile.tempdir = None")


def test_an_isolation_is_confirmed_by_a_probe() -> None:
    """What did not hold when probed is not reported, whatever entering said; each list keeps its order."""
    entered = isolation_without({Layer.IDENTITY: "not root"})
    probed = isolation_without({Layer.CALLS: "a process could be started", Layer.IDENTITY: "something else"})
    assert entered.confirmed_by(probed) == Isolation(
        (Layer.PROCESS, Layer.LIMITS, Layer.FILES, Layer.NETWORK, Layer.SIGNALS),
        (Missing(Layer.CALLS, "a process could be started"), Missing(Layer.IDENTITY, "not root")),
    )


def test_every_layer_has_a_sentence() -> None:
    """`torch-judge doctor` prints it."""
    assert all(layer.sentence.endswith(".") for layer in Layer)


# --- users -------------------------------------------------------------------------------------------------------


def system_server(**options: Any) -> Server:
    """Return a server on the system's Python, which other users can read; landlockpy and seccompy are lent to it."""
    landlockpy = pytest.importorskip("landlockpy")
    pytest.importorskip("seccompy")
    if (
        not hasattr(os, "geteuid")
        or os.geteuid() != 0
        or not SYSTEM_PYTHON.exists()
        or not shutil.which("runuser")
    ):
        pytest.skip("needs root, runuser and a system Python")
    paths = [str(ROOT), str(Path(landlockpy.__file__).parent.parent)]
    works = [
        str(SYSTEM_PYTHON),
        "-I",
        "-c",
        f"import sys; sys.path[:0] = {paths!r}; import torch_judge.sandbox.enter, landlockpy, seccompy",
    ]
    if subprocess.run(
        ["runuser", "-u", "nobody", "--", *works], capture_output=True, check=False, cwd="/"
    ).returncode:
        pytest.skip("the system's Python is too old, or another user cannot read this checkout")
    return Server(python=str(SYSTEM_PYTHON), paths=tuple(paths), **options)


def test_an_ordinary_user_is_shut_in_too(tmp_path: Path) -> None:
    """No privilege is needed for all but a user of one's own."""
    server = system_server(user="nobody")
    bodies = [
        f"{PRELUDE}\nground = {str(tmp_path)!r}\n{each.body}\nanswer = 'got through'" for each in ATTACKS
    ]
    first, *answers = server.run(["answer = 1", *bodies])
    assert first["missing"] == {"identity": "only root can give a worker a user of its own"}
    through = [
        attack.name
        for attack, answer in zip(ATTACKS, answers, strict=True)
        if answer.get("answer") == "got through"
    ]
    assert not through


def test_root_gives_a_worker_a_user_of_its_own() -> None:
    """Nobody else has that id, and it owns nothing; the number of its threads is limited."""
    body = "import os, resource; answer = [*os.getresuid(), *os.getresgid(), os.getgroups(), resource.getrlimit(resource.RLIMIT_NPROC)[0]]"
    (*ids, groups, threads), other = (
        each["answer"] for each in system_server().run([body, "import os; answer = os.getuid()"])
    )
    assert len(set(ids)) == 1
    assert ids[0] > 60_000
    assert ids[0] != other
    assert groups == []
    assert threads == 64


def test_a_user_of_its_own_cannot_read_what_is_private(tmp_path: Path) -> None:
    """With no other layer there is still this one."""
    (tmp_path / "canary").write_text("sings")
    (tmp_path / "canary").chmod(0o600)
    server = system_server(before="sys.modules['seccompy'] = sys.modules['landlockpy'] = None")
    answers = server.run(
        [
            f"open({str(tmp_path / 'canary')!r})",
            "import os; os.kill(server, 0)",
            "open(f'/proc/{server}/environ').read()",
        ]
    )
    assert [each.get("error") for each in answers] == ["PermissionError"] * 3


def test_root_without_a_readable_interpreter_loses_its_powers() -> None:
    """Where the interpreter lies in a private folder, the worker stays root, but one who can do little; both are said."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("needs root")
    server = Server(
        before="sys.modules['seccompy'] = sys.modules['landlockpy'] = None",
        prepared="prepared = replace(prepared, user=User.ROOT_WITHOUT_POWERS, user_reason='said')",
    )
    changed, parent = server.run(["import os; os.setuid(1)", "open(f'/proc/{server}/mem', 'rb')"])
    assert changed["error"] == "PermissionError"
    assert parent["error"] == "PermissionError"
    assert server.ask("answer = 1")["missing"]["identity"] == "said"
