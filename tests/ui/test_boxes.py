"""What is said of boxes around a server: whether it starts here at all, and files that are there."""

from __future__ import annotations

from torch_judge.model.isolation import Layer, isolation_without
from torch_judge.ui.boxes import _FOLDER, describe_boxes


def test_where_the_sandbox_holds_a_server_starts() -> None:
    said = describe_boxes(isolation_without({Layer.IDENTITY: "it is not root"})).as_text()
    assert "`torch-judge serve` starts here" in said
    for word in ("podman", "gVisor", "microVM", "Adds"):
        assert word in said


def test_where_a_layer_is_missing_it_is_named() -> None:
    said = describe_boxes(isolation_without({Layer.FILES: "no Landlock here"})).as_text()
    said = " ".join(said.split())
    assert "does not start here" in said
    assert "files: no Landlock here" in said


def test_the_files_that_are_named_are_there() -> None:
    assert {path.name for path in _FOLDER.iterdir()} == {"Caddyfile", "Containerfile", "nginx.conf"}
