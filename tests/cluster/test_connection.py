"""The way to the server: what is said where, and what is said of what fails."""

import asyncio
from pathlib import Path

import pytest
from cluster_world import free_port
from temporalio.service import RPCError, RPCStatusCode

from asyncgen.cluster import connection
from asyncgen.cluster.connection import Server, ServerError, answering, connect, patiently
from asyncgen.problems.errors import UsageError

PROFILES = """
[profile.default]
address = "file.example:1"
namespace = "from-file"

[profile.other]
address = "other.example:2"
api_key = "key"
"""


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "temporal.toml"
    path.write_text(PROFILES)
    return path


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADDRESS", "NAMESPACE", "API_KEY", "PROFILE", "CONFIG_FILE"):
        monkeypatch.delenv(f"TEMPORAL_{name}", raising=False)


def test_flags_count_more_than_the_environment_and_that_more_than_the_file(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
):
    """As in Temporal's own tools."""
    profile = connection._profile(Server(config_file=config_file))
    assert (profile.address, profile.namespace) == ("file.example:1", "from-file")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "env.example:3")
    profile = connection._profile(Server(config_file=config_file))
    assert (profile.address, profile.namespace) == ("env.example:3", "from-file")
    profile = connection._profile(Server(config_file=config_file, address="flag.example:4"))
    assert (profile.address, profile.namespace) == ("flag.example:4", "from-file")


def test_a_key_secures_the_connection_unless_that_is_refused(config_file: Path):
    """So that no key travels in the open by mistake."""
    other = Server(config_file=config_file, profile="other")
    assert connection._profile(other).to_client_connect_config()["tls"]
    plain = Server(config_file=config_file, profile="other", tls=False)
    assert not connection._profile(plain).to_client_connect_config()["tls"]


def test_a_certificate_secures_the_connection(tmp_path: Path):
    (tmp_path / "ca.pem").write_text("certificate")
    profile = connection._profile(Server(tls_ca=tmp_path / "ca.pem", tls_server_name="temporal.example"))
    tls = profile.to_client_connect_config()["tls"]
    assert tls.server_root_ca_cert == b"certificate"
    assert tls.domain == "temporal.example"


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (Server(profile="missing", address="localhost:1"), "profile"),
        (Server(tls_ca=Path("missing.pem")), "missing.pem is not there"),
        (Server(config_file=Path("missing.toml")), "missing.toml is not there"),
    ],
)
async def test_what_cannot_be_meant_is_a_usage_error(server: Server, words: str):
    with pytest.raises(UsageError, match=words):
        await connect(server)


async def test_a_server_that_is_not_there_is_named():
    """With what the system said, and what to do."""
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(
        ServerError, match=f"no Temporal server answers at {address}: Connection refused. `asyn"
    ):
        await connect(Server(address=address))


async def test_a_server_without_certificates_refuses_a_secured_connection(address: str):
    with pytest.raises(ServerError, match="no Temporal server answers"):
        await connect(Server(address=address, tls=True))


async def test_a_server_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    """It is said once that it is away, and once that it is back; a refusal is no absence."""
    monkeypatch.setattr(connection, "_PAUSE", 0)
    away = RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
    answers: list[object] = [away, away, 7, RPCError("no such thing", RPCStatusCode.NOT_FOUND, b"")]
    said: list[str] = []

    async def ask() -> object:
        await asyncio.sleep(0)
        answer = answers.pop(0)
        if isinstance(answer, RPCError):
            raise answer
        return answer

    assert await patiently(ask, said.append) == 7
    assert ["asking again" in said[0], "answers again" in said[1], len(said)] == [True, True, 2]
    with pytest.raises(ServerError, match="the Temporal server says NOT_FOUND: no such thing"), answering():
        await patiently(ask)


async def test_a_server_that_is_not_healthy_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    """It listens before it is; any other refusal counts at once."""
    refusals = ["Frontend is not healthy yet", "Frontend is not healthy yet", "no such thing"]

    async def refuse(**_: object) -> None:
        raise RuntimeError(refusals.pop(0))

    monkeypatch.setattr(connection.Client, "connect", refuse)
    monkeypatch.setattr(connection, "_PAUSE", 0)
    with pytest.raises(ServerError, match="no such thing"):
        await connect(Server(address="localhost:1"))
    assert refusals == []
