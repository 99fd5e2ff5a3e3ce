"""A server that the tests of this folder share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from cluster_world import free_port, needed_server

from asyncgen.cluster.server import ServerSettings, running_server


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers that is used for nothing else."""
    needed_server()
    folder: Path = tmp_path_factory.mktemp("server")
    settings = ServerSettings(state=folder / "temporal.db", port=free_port())
    with running_server(settings):
        yield settings.address


@pytest_asyncio.fixture
async def client(address: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[object]:
    """A client of that server, whatever the environment says."""
    from asyncgen.cluster.connection import Server, connect

    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    yield await connect(Server(address=address))
