"""Opens sockets of every family and posts the inputs to listeners on this machine.

Expected: wrong answer, run-time error
Representative: yes
"""

import ctypes
import os
import socket

done = False
CANARY = "/tmp/torch_judge_attack_canary"


def post(family, kind, protocol, address):
    with socket.socket(family, kind, protocol) as each:
        each.settimeout(0.5)
        if kind == socket.SOCK_DGRAM:
            each.sendto(b"stolen", address)
        else:
            each.connect(address)
            each.sendall(b"stolen")


def pair():
    a, b = socket.socketpair()
    a.close()
    b.close()


def raw_call():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(41, 2, 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "socket")


def ring():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(425, 8, (ctypes.c_uint8 * 120)()) < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")


def through_the_channel():
    channel = socket.socket(fileno=os.dup(3))
    channel.sendto(b"stolen", ("127.0.0.1", 47812))


def pass_descriptor():
    channel = socket.socket(fileno=os.dup(3))
    socket.send_fds(channel, [b""], [1])


done = False
ROUTES = {
    "tcp": lambda: post(socket.AF_INET, socket.SOCK_STREAM, 0, ("127.0.0.1", 47811)),
    "mptcp": lambda: post(socket.AF_INET, socket.SOCK_STREAM, 262, ("127.0.0.1", 47811)),
    "udp": lambda: post(socket.AF_INET, socket.SOCK_DGRAM, 0, ("127.0.0.1", 47812)),
    "udplite": lambda: post(socket.AF_INET, socket.SOCK_DGRAM, 136, ("127.0.0.1", 47812)),
    "tcp6": lambda: post(socket.AF_INET6, socket.SOCK_STREAM, 0, ("::ffff:127.0.0.1", 47811)),
    "udp6": lambda: post(socket.AF_INET6, socket.SOCK_DGRAM, 0, ("::ffff:127.0.0.1", 47812)),
    "unix": lambda: post(socket.AF_UNIX, socket.SOCK_STREAM, 0, "\0torch_judge_attack"),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0),
    "vsock": lambda: socket.socket(40, socket.SOCK_STREAM, 0),
    "alg": lambda: socket.socket(38, 5, 0),
    "pair": pair,
    "raw call": raw_call,
    "io_uring": ring,
    "descriptor": pass_descriptor,
    "http": lambda: __import__("urllib.request").request.urlopen("http://127.0.0.1:47811/", timeout=0.5),
}


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    global done
    if not done:
        done = True
        for name, route in ROUTES.items():
            try:
                route()
                print("LEAKED:", name)
            except BaseException as error:
                print(name, type(error).__name__, end="; ")
    return x
