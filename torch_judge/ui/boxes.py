"""What `doctor --server` says: how to put a whole judge into a container or a microVM, and what that adds."""

from __future__ import annotations

from typing import Final

from torch_judge.model.isolation import Isolation, Level
from torch_judge.model.version import PACKAGE

from .document import Code, Document, Heading, Paragraph

_FOLDER: Final = PACKAGE / "service" / "deployment"


def describe_boxes(isolation: Isolation) -> Document:
    """Say whether a server would start here, and what a box around all of it adds."""
    lacking = isolation.lacks(Level.SANDBOX.layers)
    starts = (
        "`torch-judge serve` starts here: the level sandbox holds."
        if not lacking
        else f"`torch-judge serve` does not start here, since less than the level sandbox holds: {lacking}."
    )
    return Document(
        (
            Heading("A whole server in a box"),
            Paragraph(
                f"{starts} The sandbox keeps a submission from files, network and other processes, but the "
                "kernel under it is this machine's: a hole in the kernel is a way out. A box around the "
                "whole server makes that way lead into the box."
            ),
            Heading("A container (podman, docker)"),
            Paragraph(
                "Adds: a file system and a user of its own, bounds on memory and processes in all, no "
                "privileges to gain. The kernel is still shared. Landlock and seccomp need no privileges, "
                "so that the level sandbox holds inside too; the server looks, and does not start otherwise."
            ),
            Code(
                f"podman build -f {_FOLDER / 'Containerfile'} -t torch-judge .\n"
                "podman run -d -p 127.0.0.1:8400:8400 -v judge:/data --read-only --tmpfs /tmp:size=1g \\\n"
                "    --cap-drop all --security-opt no-new-privileges --pids-limit 2048 torch-judge"
            ),
            Heading("A container on gVisor"),
            Paragraph(
                "Adds: system calls are answered by a kernel in user space, so that a hole in Linux is out "
                "of reach. Its kernel may lack Landlock: then the layer files does not hold inside, "
                "the server says so, and which layers do is to be named (`--require-isolation "
                "process,limits,calls,network,signals`). Files of the bank could then be read by a "
                "submission: weigh that."
            ),
            Code("podman --runtime runsc run ...    # or: docker run --runtime runsc ..."),
            Heading("A microVM (microsandbox, Kata Containers, Firecracker)"),
            Paragraph(
                "Adds the most: a Linux kernel of its own behind the processor's virtualisation, in which "
                "the level sandbox holds as it does here if that kernel has Landlock (5.13 or later). "
                "It needs /dev/kvm. The same image is run: with Kata `--runtime kata`, with microsandbox "
                "`msb run`."
            ),
            Paragraph(
                "Whatever the box: try `torch-judge doctor` inside it, put TLS in front of it (nginx.conf "
                f"and Caddyfile lie in {_FOLDER}), and keep the folder of the store on a disk that is saved."
            ),
        )
    )
