"""Attack the sandbox from inside: refused with a layer on, and most seen to work without it.

Every attack runs in a child of a fresh, single-threaded `python -I`, never of pytest's own process.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.harness import PRELUDE, Server, need, system_server
from torch_judge.model.isolation import Layer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sandbox's server needs fork")


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a submission may try; `works` says whether it succeeds on any Linux unless stopped."""

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
tcp = socket.create_server(("127.0.0.1", 0))
udp = socket.socket(type=socket.SOCK_DGRAM); udp.bind(("127.0.0.1", 0))
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
places = (2, 1, ("127.0.0.1", ports[0])), (2, 2, ("127.0.0.1", ports[1])), (1, 1, ports[2])
for family, kind, address in places:
    with contextlib.suppress(PermissionError):
        socket.socket(family, kind).connect(address)
        socket.socket(family, kind).sendto(b"x", address) if kind == 2 else None
"""


@pytest.mark.parametrize(("enters", "heard"), [(True, 0), (False, 3)])
def test_a_loopback_listener_hears_nothing(
    enters: bool,  # noqa: FBT001 - a parameter of the test
    heard: int,
    held: tuple[list[str], dict[str, str]],
) -> None:
    """TCP, UDP and abstract Unix sockets of the machine are in reach only without the sandbox."""
    need(held, Layer.NETWORK)
    assert Server(before=LISTENERS).run([KNOCK], enters=enters) == [{"heard": heard}]


SET = "lambda *_: globals().update(answer=1)"
HONEST = {
    "threads": "t = threading.Thread(target=lambda: globals().update(answer=1)); t.start(); t.join()",
    "sleep": "time.sleep(0.01); answer = 1",
    "random": "import random; random.seed(); answer = len(os.urandom(8)) // 8",
    "null device": "open(os.devnull, 'w').write('x'); answer = 1",
    "a module not imported yet": "import wave, colorsys; answer = 1",
    "signal itself": f"signal.signal(signal.SIGUSR1, {SET}); os.kill(os.getpid(), signal.SIGUSR1)",
    "raise a signal": f"signal.signal(signal.SIGUSR1, {SET}); signal.raise_signal(signal.SIGUSR1)",
    "timer": f"signal.signal(signal.SIGALRM, {SET}); signal.setitimer(0, .01); time.sleep(.1)",
    "own limits": "import resource; answer = int(resource.getrlimit(resource.RLIMIT_CORE) == (0, 0))",
    "local time": "time.localtime(); time.strftime('%c'); answer = 1",
    "a pool of threads": "import concurrent.futures as c; answer, = c.ThreadPoolExecutor(2).map(int, [1])",
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


def test_abort_still_aborts() -> None:
    """A crash in C ends the process by its own signal, which the judge names."""
    assert Server().ask("import os; os.abort()")["status"] == -signal.SIGABRT


TORCH = """
import torch, warnings; warnings.simplefilter("error")
x = torch.randn(200, 200, requires_grad=True)
(x @ x).sum().backward(); torch.linalg.svd(x)
torch.nn.functional.conv2d(torch.randn(1, 3, 8, 8), torch.randn(4, 3, 3, 3))
linear = torch.nn.Linear(3, 3); optimiser = torch.optim.Adam(linear.parameters())
linear(torch.randn(2, 3)).sum().backward(); optimiser.step()
torch.func.vmap(torch.sin)(x); torch.func.grad(lambda a: a.sin().sum())(torch.randn(3))
x.bfloat16() @ x.bfloat16()
torch.nn.MultiheadAttention(8, 2)(*torch.randn(3, 3, 2, 8)); torch.nn.LSTM(3, 4)(torch.randn(2, 1, 3))
import numpy; numpy.linalg.svd(numpy.ones((50, 50))); numpy.fft.fft(numpy.ones(8))
numpy.random.default_rng().normal(size=3)
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
