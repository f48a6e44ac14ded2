"""A child's channel: frames both ways, what is printed meanwhile, and one end."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from torch_judge.execution.forkserver.channel import LONGEST_OUTPUT, Child, HungUp, OutOfTime
from torch_judge.execution.protocol import frames


class Other:
    """The other side of a child's two lines, and what was asked of whoever started it."""

    def __init__(self) -> None:
        (ours, self.channel), (output, self.output) = socket.socketpair(), socket.socketpair()
        self.asked: list[object] = []
        self.child = Child(ours, output, kill=lambda: self.asked.append("kill"), end=self.end)

    def end(self, grace: float) -> tuple[int | None, str]:
        """Note for how long a child was waited for."""
        self.asked.append(grace)
        return 3, "why"

    def close(self) -> None:
        """End the child, and close both lines."""
        self.child.end()
        self.channel.close()
        self.output.close()


@pytest.fixture
def other() -> Iterator[Other]:
    other = Other()
    yield other
    other.close()


def soon() -> float:
    return time.monotonic() + 10


def test_a_frame_arrives_in_whatever_pieces(other: Other) -> None:
    frame = frames.pack({"case": "first"}, b"bytes")

    def send() -> None:
        for byte in frame:
            other.channel.sendall(bytes([byte]))

    thread = threading.Thread(target=send)
    thread.start()
    assert other.child.receive(deadline=soon()) == ({"case": "first"}, b"bytes")
    thread.join()


def test_what_was_printed_is_taken_with_how_much_of_it_there_was_no_room_for(other: Other) -> None:
    other.output.sendall(b"said")
    assert other.child.take_output() == ("said", 0)
    assert other.child.take_output() == ("", 0)
    other.output.sendall(b"a" * (LONGEST_OUTPUT + 7))
    assert other.child.take_output() == ("a" * LONGEST_OUTPUT, 7)
    other.output.sendall(b"a" * (LONGEST_OUTPUT + 7))
    assert other.child.printed() == "a" * LONGEST_OUTPUT + "\n[... 7 more bytes]"


def test_what_was_printed_before_a_mark_is_taken_and_the_rest_stays(other: Other) -> None:
    other.output.sendall(b"first<1>second<2>")
    assert [other.child.printed_before(mark) for mark in ("<1>", "<2>")] == ["first", "second"]
    other.output.sendall(b"no mark")
    assert other.child.printed_before("<3>") == "no mark"
    other.output.sendall(b"a" * (LONGEST_OUTPUT + 7) + b"<4>short<5>")
    assert other.child.printed_before("<4>") == "a" * LONGEST_OUTPUT + "\n[... 7 more bytes]"
    assert other.child.printed_before("<5>") == "short"
    assert other.child.printed() == ""


def test_what_was_printed_just_before_the_end_can_still_be_asked_for(other: Other) -> None:
    other.output.sendall(b"last words")
    other.channel.close()
    with pytest.raises(HungUp):
        other.child.receive(deadline=soon())
    other.child.end(grace=0.1)
    assert other.child.printed() == "last words"


def test_a_frame_that_fills_the_line_is_sent_while_the_child_prints(other: Other) -> None:
    """Neither waits for the other: what is printed is taken while a frame is on its way."""
    body = bytes(4 << 20)

    def answer() -> None:
        other.output.sendall(b"x" * (1 << 20))
        received = 0
        while received < len(body):
            received += len(other.channel.recv(1 << 16))

    thread = threading.Thread(target=answer)
    thread.start()
    other.child.send({}, body, deadline=soon())
    thread.join()
    assert other.child.printed().startswith("xxx")


def test_who_says_nothing_is_out_of_time_and_who_closes_hangs_up(other: Other) -> None:
    with pytest.raises(OutOfTime):
        other.child.receive(deadline=time.monotonic() + 0.05)
    other.channel.close()
    with pytest.raises(HungUp):
        other.child.receive(deadline=soon())
    with pytest.raises(HungUp):
        other.child.send({}, bytes(8 << 20), deadline=soon())


def test_what_was_printed_is_taken_once_and_bounded(other: Other) -> None:
    other.output.sendall("früh".encode())
    assert other.child.printed() == "früh"
    assert other.child.printed() == ""
    other.output.sendall(b"x" * (LONGEST_OUTPUT + 7))
    assert other.child.printed() == "x" * LONGEST_OUTPUT + "\n[... 7 more bytes]"


def test_it_is_ended_once_and_never_killed_after_that(other: Other) -> None:
    """Its number may be another process's by then."""
    other.child.kill()
    assert other.child.end(grace=0.5) == 3
    assert other.child.why_killed == "why"
    assert other.child.end() is None
    other.child.kill()
    assert other.asked == ["kill", 0.5]


@pytest.mark.skipif(not hasattr(select, "POLLRDHUP"), reason="where it is not told, what was said hides it")
def test_a_child_that_has_ended_is_seen_behind_what_it_said(other: Other) -> None:
    assert not other.child.has_hung_up()
    other.channel.sendall(frames.pack({"kind": "up"}))
    assert not other.child.has_hung_up()
    other.channel.close()
    assert other.child.has_hung_up()
    assert other.child.receive(deadline=soon()) == ({"kind": "up"}, b"")
    other.child.end()
    assert other.child.has_hung_up()
