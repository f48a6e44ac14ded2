"""The conductor's hold on one child: frames to it and from it, what it printed, and its end."""

from __future__ import annotations

import os
import select
import selectors
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from torch_judge.execution.protocol import frames

from .patience import Patience

if sys.platform != "win32":
    import fcntl

LONGEST_OUTPUT: Final = 16 << 10
LARGEST_KEPT: Final = 1 << 20
"""So many bytes are looked through for a mark: what one case prints must not hide what the next one does."""
STANDARD: Final = (0, 1, 2)
LONGEST_LAST_WORDS: Final = 64 << 10
SECONDS_OF_SILENCE: Final = 0.05


class HungUp(Exception):  # noqa: N818 - a state of a child, which the judge turns into a verdict
    """The child closed its channel: it has ended, or is about to."""


class OutOfTime(Exception):  # noqa: N818 - a state of a child, which the judge turns into a verdict
    """The child did not answer before the deadline."""


def make_pair() -> tuple[socket.socket, socket.socket]:
    """Make two sockets that are connected, neither of them under a standard descriptor."""
    ours, theirs = socket.socketpair()
    return _lift_socket(ours), _lift_socket(theirs)


def _lift_socket(line: socket.socket) -> socket.socket:
    if sys.platform == "win32" or line.fileno() not in STANDARD:
        return line
    return socket.socket(fileno=lift(line.detach()))


def lift(descriptor: int) -> int:
    """Move a descriptor off 0, 1 and 2, which are free where a parent has closed them.

    Whatever prints would write into it, and a program that is given it puts its own in its place.
    """
    if sys.platform == "win32" or descriptor not in STANDARD:
        return descriptor
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, max(STANDARD) + 1)
    finally:
        os.close(descriptor)


class Child:
    """A worker or a checker: its channel, what it printed, and its end.

    `kill` has it die at once, `nudge` has it say where it stands. `end` waits so long and reaps it; it
    returns the exit status, None if it had to be killed, and why the server killed it. `shortage` says that
    it has less memory than it is to have. `read_waiting` reads for how many seconds since its start it could
    have run and was not let.
    """

    def __init__(
        self,
        channel: socket.socket,
        output: socket.socket,
        *,
        kill: Callable[[], object],
        nudge: Callable[[], object] | None = None,
        end: Callable[[float], tuple[int | None, str]],
        shortage: str = "",
        read_waiting: Callable[[], float] | None = None,
    ) -> None:
        self._channel, self._output = channel, output
        self._kill, self._nudge, self._end = kill, nudge, end
        self._read_waiting = read_waiting or (lambda: 0.0)
        self._ended = False
        self._printed = bytearray()
        self._dropped = 0
        self.why_killed, self.shortage = "", shortage
        channel.settimeout(0)
        output.settimeout(0)
        self._selector = _Selector()
        self._waits_for = selectors.EVENT_READ
        self._selector.register(channel, self._waits_for)
        self._selector.register(output, selectors.EVENT_READ)

    def send(self, header: frames.Header, body: bytes = b"", *, deadline: float) -> None:
        """Send a frame."""
        waiting = memoryview(frames.pack(header, body))
        while waiting:
            try:
                waiting = waiting[self._channel.send(waiting) :]
            except BlockingIOError:
                self._wait(deadline, selectors.EVENT_WRITE)
            except OSError:
                raise HungUp from None

    def be_patient(self, seconds: float, *, most: float) -> Patience:
        """Begin to wait for an answer that may take so long, and `most` longer while others are let run."""
        return Patience(seconds, self._read_waiting, most)

    def receive(
        self, *, deadline: float | Patience, allowance: frames.Allowance | None = None
    ) -> tuple[frames.Header, bytes]:
        """Receive a frame, counted where there is an allowance; raises WireError, HungUp or OutOfTime."""

        def read(count: int) -> bytes:
            chunks = bytearray()
            while len(chunks) < count:
                chunks += self._read_some(min(count - len(chunks), 1 << 20), deadline)
            return bytes(chunks)

        return frames.read_frame(read) if allowance is None else allowance.read_frame(read)

    def _read_some(self, count: int, deadline: float | Patience) -> bytes:
        while True:
            try:
                chunk = self._channel.recv(count)
            except BlockingIOError:
                self._wait(deadline, selectors.EVENT_READ)
                continue
            except OSError:
                raise HungUp from None
            if not chunk:
                raise HungUp
            return chunk

    def _wait(self, deadline: float | Patience, events: int) -> None:
        """Wait until the channel is ready, and keep what the child prints from filling its pipe."""
        if self._waits_for != events:
            self._selector.modify(self._channel, events)
            self._waits_for = events
        while True:
            left = _measure_left(deadline)
            if left <= 0:
                raise OutOfTime
            ready = {key.fileobj for key, _ in self._selector.select(left)}
            if self._output in ready and not self._drain():
                self._selector.unregister(self._output)
                self._output.close()
            if self._channel in ready:
                return

    def _drain(self) -> bool:
        """Take one helping of what was printed; tell whether there may be more to come."""
        try:
            chunk = self._output.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:  # hung up without a word
            return False
        # what is too much is read all the same, and counted: a child that prints must not wait for us
        room = LARGEST_KEPT - len(self._printed)
        self._printed += chunk[:room]
        self._dropped += len(chunk[room:]) if room < len(chunk) else 0
        return bool(chunk)

    def last_words(self, *, seconds: float) -> bytes:
        """Ask where it stands, and take what it says for so long, until it falls silent.

        It takes the place of an answer: afterwards nothing can be asked any more.
        """
        said = bytearray()
        if self._nudge is None:
            return b""
        self._nudge()
        deadline = silent = time.monotonic() + seconds
        with suppress(OutOfTime, HungUp):
            while len(said) < LONGEST_LAST_WORDS:
                said += self._read_some(1 << 12, min(deadline, silent))
                silent = time.monotonic() + SECONDS_OF_SILENCE
        return bytes(said)

    def printed(self) -> str:
        """Take what was printed since the last call."""
        return _word(*self.take_output())

    def printed_before(self, mark: str) -> str:
        """Take what was printed before a mark; where none is found, or no room for it, all of it."""
        self._drain_all()
        before, found, after = bytes(self._printed).partition(mark.encode())
        if not found:
            return self.printed()
        self._printed[:] = after
        return _word(*_cut(before))

    def take_output(self) -> tuple[str, int]:
        """Take what was printed since the last call, and how many bytes of it there was no room for."""
        self._drain_all()
        text, dropped = _cut(bytes(self._printed))
        dropped += self._dropped
        self._printed.clear()
        self._dropped = 0
        return text, dropped

    def _drain_all(self) -> None:
        for _ in range(64):  # a child that never stops printing must not keep us here
            before = len(self._printed) + self._dropped
            if self._output.fileno() < 0 or not self._drain() or len(self._printed) + self._dropped == before:
                break

    @property
    def has_ended(self) -> bool:
        """Tell whether it was ended."""
        return self._ended

    def has_hung_up(self) -> bool:
        """Tell whether it has closed its channel, as whoever has ended has, whatever it said before."""
        if self._ended:
            return True
        if hasattr(select, "POLLRDHUP"):  # elsewhere it is not seen behind what was said
            line = select.poll()
            line.register(self._channel, select.POLLRDHUP)
            return bool(line.poll(0))
        try:
            return not self._channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def kill(self) -> None:
        """Have it die now, so that it is gone the sooner when it is ended."""
        if not self._ended:
            self._kill()

    def end(self, *, grace: float = 0.0) -> int | None:
        """Hang up, wait so long, then kill; return the exit status, None if it had to be killed."""
        if self._ended:
            return None
        self._ended = True
        if grace == 0.0:
            self._channel.close()  # at once: to lose its channel is what a child ends by
        try:
            status, self.why_killed = self._end(grace)
        finally:
            self._channel.close()
            self._drain_all()  # what it printed just before it died can still be asked for
            self._output.close()
        return status


def _measure_left(deadline: float | Patience) -> float:
    if isinstance(deadline, Patience):
        return deadline.measure_left()
    return deadline - time.monotonic()


def _cut(raw: bytes) -> tuple[str, int]:
    """Return as much as is shown of what was printed, and how many bytes more there are."""
    return raw[:LONGEST_OUTPUT].decode("utf-8", "replace"), max(0, len(raw) - LONGEST_OUTPUT)


def _word(text: str, dropped: int) -> str:
    return f"{text}\n[... {dropped} more bytes]" if dropped else text


# epoll and kqueue would take one more descriptor for each child
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
