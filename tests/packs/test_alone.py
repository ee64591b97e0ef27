"""A recipe that travels without a pack: fetched once over https, pinned by its hash, then extended offline."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from shutil import which

import pytest

from act_spec.errors import RecipeError
from act_spec.packs.fetch import fetch
from act_spec.packs.install import install
from act_spec.plan.compile import compile_plan
from act_spec.plan.inputs import inputs
from act_spec.recipe.load import load_recipe
from act_spec.tasks.classification import Classification

BASE = b"""\
# A team's labels.
act: 1
partial: true
task:
  kind: classification
  question: What is it about?
  labels: {delivery: Where an order is., billing: What was charged.}
annotator: {model: local/tiny}
judge: {model: local/tiny}
budget: {reviews: 1}
"""
SHA256 = hashlib.sha256(BASE).hexdigest()
MINE = """\
act: 1
name: mine
extends: {extends}
data: {{source: mine.csv, id: id, show: [text]}}
"""


@pytest.fixture
def address(tmp_path, monkeypatch) -> Iterator[str]:
    """A server with a certificate of its own, which the machine trusts for as long as the test lasts."""
    if which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    wanted = (
        "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    command = ["openssl", "req", "-x509", *wanted.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    server = HTTPServer(("127.0.0.1", 0), _Files)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away.act.yaml":
            self.send_response(302)
            self.send_header("Location", "http://localhost/team.act.yaml")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/team.act.yaml" else 404)
        self.end_headers()
        self.wfile.write(BASE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library has it
        """Say nothing."""


def mine(folder, extends):
    folder.mkdir(exist_ok=True)
    (folder / "mine.csv").write_text("id,text\n1,Hello\n2,Where is my parcel?\n")
    (folder / "mine.act.yaml").write_text(MINE.format(extends=extends))
    return folder / "mine.act.yaml"


def test_it_is_fetched_once_and_extended_by_its_pinned_address(address, tmp_path):
    fetched = fetch(f"{address}/team.act.yaml#sha256={SHA256}")
    install(fetched.pack)
    recipe = mine(tmp_path / "mine", fetched.extended("base"))

    plan = compile_plan(load_recipe(recipe))

    assert fetched.pinned
    assert f"extends: {address}/team.act.yaml#sha256={SHA256}\n" in recipe.read_text()
    assert isinstance(plan.task, Classification)
    assert list(plan.task.labels) == ["delivery", "billing"]
    assert [one.name for one in inputs(plan) if one.what == "recipe"] == [
        "mine.act.yaml",
        f"pack:{SHA256}/1.0.0/base.act.yaml",
    ]


def test_other_bytes_than_the_pinned_ones_are_refused(address):
    with pytest.raises(RecipeError, match=f"its SHA-256 is {SHA256}, and {'0' * 64} was asked for"):
        fetch(f"{address}/team.act.yaml#sha256={'0' * 64}")


def test_an_address_that_leads_on_to_plain_http_is_refused(address):
    with pytest.raises(RecipeError, match="leads on to an address that is not https"):
        fetch(f"{address}/away.act.yaml#sha256={SHA256}")


def test_a_missing_file_is_told_by_its_address(address):
    with pytest.raises(RecipeError, match=r"nowhere\.act\.yaml.*cannot be downloaded: Not Found"):
        fetch(f"{address}/nowhere.act.yaml#sha256={SHA256}")


def test_a_base_that_came_as_a_file_serves_the_pinned_address_too(tmp_path):
    (tmp_path / "team.act.yaml").write_bytes(BASE)
    folder, _ = install(fetch(str(tmp_path / "team.act.yaml")).pack)
    recipe = mine(tmp_path / "mine", f"https://example.org/team.act.yaml#sha256={SHA256}")

    assert load_recipe(recipe).path == recipe

    (folder / "base.act.yaml").write_bytes(BASE + b"\n")
    with pytest.raises(RecipeError, match="is not here, and checking fetches nothing"):
        load_recipe(recipe)


def test_it_reads_no_file_beside_it(tmp_path):
    (tmp_path / "team.act.yaml").write_bytes(BASE + b"data: {source: /etc/passwd}\n")

    with pytest.raises(RecipeError, match="is outside the pack"):
        fetch(str(tmp_path / "team.act.yaml"))
