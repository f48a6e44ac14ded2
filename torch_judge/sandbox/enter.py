"""A worker shuts itself in: the layers of its sandbox, in their order, before it sees a submission.

The server calls `policy.prepare` once and `enter` in each child that it forks. A layer that this system lacks
is left out and said, never faked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from torch_judge.model.isolation import Isolation, Layer, isolation_without

from .identity import change_user
from .landlock import has_signal_scope, restrict_files
from .limits import ProcessLimits, limit_descriptors, limit_process
from .policy import Prepared
from .process import close_descriptors, count_threads, list_descriptors, separate_process, start_afresh
from .seccomp import restrict_calls, restrict_signals


def enter(
    prepared: Prepared, *, limits: ProcessLimits, scratch: Path | None, keep: Collection[int] = ()
) -> Isolation:
    """Shut this process in for good, and return which layers took and why the others did not.

    Descriptors 0, 1, 2 and those in `keep` stay open, no other. `scratch` becomes the working folder.
    Ends the process if the server is gone.
    """
    # read from /proc and /dev, which the layer of files closes
    threads, descriptors = count_threads(), list_descriptors()
    start_afresh(scratch)
    reasons = _collect_reasons(
        {
            # reads and writes in /proc: before another user or Landlock is in the way
            Layer.LIMITS: partial(limit_process, limits),
            # before the layer of the process, and before seccomp, which refuses the calls that it is made of
            Layer.IDENTITY: partial(change_user, prepared.user, prepared.user_reason, limits, scratch),
            # after the change of user, which clears the request to end with the server
            Layer.PROCESS: partial(separate_process, prepared.server),
            # after all that goes by a path, and before seccomp for the same reason
            Layer.FILES: partial(restrict_files, prepared.files, scratch),
        }
    )
    if sys.platform != "win32":  # its sockets have no descriptors, and nothing is inherited
        # only now: Landlock's rules are descriptors of the server's, and its own rules take one more
        close_descriptors(set(descriptors) - {0, 1, 2, *keep})
        # after closing: a server of many banks holds more than the limit, and could open nothing on the way
        reasons = {**_collect_reasons({Layer.LIMITS: partial(limit_descriptors, limits)}), **reasons}
    # last, for they refuse what every layer above calls; the second refuses to load another filter after it
    reasons |= _collect_reasons(
        {Layer.SIGNALS: restrict_signals, Layer.CALLS: partial(restrict_calls, prepared.calls)}
    )
    if has_signal_scope(prepared.files) and Layer.FILES not in reasons:
        reasons.pop(Layer.SIGNALS, None)  # Landlock keeps signals in by itself
    if Layer.CALLS in reasons:
        reasons[Layer.NETWORK] = f"sockets are refused by seccomp, and {reasons[Layer.CALLS]}"
    if threads > 1:
        bound = f"the process had {threads} threads, and only the one that entered is bound"
        reasons |= dict.fromkeys((Layer.FILES, Layer.CALLS, Layer.NETWORK, Layer.SIGNALS), bound)
    return isolation_without(reasons)


def _collect_reasons(layers: Mapping[Layer, Callable[[], str | None]]) -> dict[Layer, str]:
    """Enter each layer in turn, and return the reasons of those that did not take."""
    reasons: dict[Layer, str] = {}
    for layer, enter_layer in layers.items():
        try:
            reason = enter_layer()
        except (ImportError, AttributeError, OSError, ValueError, TypeError, RuntimeError) as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            reasons[layer] = reason
    return reasons
