"""What stands around a server: proxies whose configuration holds, and a container that starts no root."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.commands import torch_judge
from tests.support.packages import SAMPLES
from tests.support.services import run_server, wait_until, write_bank
from torch_judge.model.submission import LARGEST_IN_ALL
from torch_judge.service import api
from torch_judge.service.store import open_store
from torch_judge.ui.cli.serve import PORT

DEPLOYMENT = Path(api.__file__).with_name("deployment")
NGINX, CADDY, CONTAINER = ("nginx.conf", "Caddyfile", "Containerfile")


def read(name: str) -> str:
    return (DEPLOYMENT / name).read_text(encoding="utf-8")


def find_nginx() -> str:
    """Find nginx, which lies where an ordinary user does not look."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed (apt-get install nginx openssl)")
    return nginx


def write_nginx(folder: Path, **changed: str) -> Path:
    """Write our configuration with a certificate of its own, and with all that nginx writes in a folder."""
    names = ("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"))
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-nodes", "-days", "1")
    command = ["openssl", "req", "-x509", *subject, "-newkey", "rsa:2048", *names]
    subprocess.run(command, check=True, capture_output=True)
    text = read(NGINX).replace("/etc/ssl/judge.example.org", str(folder))
    for before, after in changed.items():
        assert before in text
        text = text.replace(before, after)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"    {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    text = text.replace("http {\n", f"http {{\n    access_log off;\n{places}")
    path = folder / "nginx.conf"
    path.write_text(f"pid {folder}/nginx.pid;\nerror_log stderr;\ndaemon off;\n{text}")
    return path


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    command = [find_nginx(), "-t", "-q", "-p", tmp_path, "-e", "stderr", "-c", write_nginx(tmp_path)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_client_judges_through_nginx_with_tls_and_hears_events_as_they_come(tmp_path: Path) -> None:
    nginx = find_nginx()
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        plain, secure = one.getsockname()[1], other.getsockname()[1]
    bank = write_bank(tmp_path / "bank")
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    (tmp_path / "wrong.py").write_text(SAMPLES["wrong_answer/returns_x.py"])
    with run_server(bank, "--data", tmp_path / "data", "--jobs", 1) as server:
        path = write_nginx(
            tmp_path,
            **{
                "listen 80;": f"listen 127.0.0.1:{plain};",
                "listen [::]:80;": "",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;",
                "listen [::]:443 ssl http2;": "",
                "judge.example.org": "localhost",
                "http://127.0.0.1:8400": server.address,
            },
        )
        proxy = subprocess.Popen([nginx, "-p", str(tmp_path), "-e", "stderr", "-c", str(path)])
        try:
            wait_until(lambda: can_connect(secure))
            environment = {
                "TORCH_JUDGE_TOKEN": token,
                "TORCH_JUDGE_SERVER": f"https://localhost:{secure}",
                "SSL_CERT_FILE": str(tmp_path / "fullchain.pem"),
            }
            done = torch_judge("run", "double", tmp_path / "wrong.py", **environment)
            assert done.stdout.rstrip().endswith("double: wrong answer, 0 of 1 cases passed"), done.stderr
            untrusted = torch_judge(
                "run", "double", tmp_path / "wrong.py", **environment | {"SSL_CERT_FILE": ""}
            )
            assert untrusted.returncode == 3
            assert "no judge answers at https://localhost" in untrusted.stderr
            assert "certificate" in untrusted.stderr
            verify = str(tmp_path / "fullchain.pem")
            context = ssl.create_default_context(cafile=verify)
            with httpx.Client(verify=context, trust_env=False) as client:
                answer = client.get(f"https://localhost:{secure}/metrics")
                assert answer.status_code == 404
                health = client.get(f"https://localhost:{secure}/health")
            assert "strict-transport-security" in health.headers
            assert health.headers["x-content-type-options"] == "nosniff"
        finally:
            proxy.terminate()
            proxy.wait()


def can_connect(port: int) -> bool:
    """Tell whether something listens at a port."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_caddy_takes_its_configuration() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("Caddy is not installed (apt-get install caddy)")
    command = [caddy, "adapt", "--validate", "--adapter", "caddyfile", "--config", str(DEPLOYMENT / CADDY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [NGINX, CADDY])
def test_a_proxy_passes_on_what_the_server_takes_and_hides_the_measures(name: str) -> None:
    text = read(name)
    assert f"127.0.0.1:{PORT}" in text
    (size,) = re.findall(r"(?:client_max_body_size|max_size) (\d+)", text)
    assert LARGEST_IN_ALL < int(size) * 10**6 <= api.LARGEST_BODY
    assert re.search(r"/metrics \{?\s*(return )?404", text)
    assert "Strict-Transport-Security" in text
    assert "X-Forwarded-Proto" in text and "X-Forwarded-For" in text  # for the pages' cookie and patience


def test_the_container_is_run_by_an_ordinary_user_and_keeps_its_data() -> None:
    lines = read(CONTAINER).splitlines()
    user, command = (
        lines.index("USER judge"),
        next(n for n, line in enumerate(lines) if line.startswith("CMD")),
    )
    assert user < command
    assert "VOLUME /data" in lines
    assert "--allow-root" not in read(CONTAINER)
