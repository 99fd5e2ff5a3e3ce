"""The way to the server: its address and keys as Temporal's own tools take them, and errors in words.

environment, profile file, flags ──▶ Server ──connect──▶ Client
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.envconfig import ClientConfigProfile, ClientConfigTLS, ClientConnectConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode

from asyncgen.problems.errors import AsyncgenError, UsageError

DEFAULT_ADDRESS = "localhost:7233"
_ADDRESS = re.compile(r"(\[[^\]\s]+\]|[^:/\s]+):\d{1,5}")
_MOST_CONNECTING = timedelta(seconds=10)
_NOT_YET = "not healthy yet"
_PAUSE = 1.0  # seconds between two tries of a server that does not answer
_PASSING = (  # states of a server that is about to be there again
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.RESOURCE_EXHAUSTED,
)

T = TypeVar("T")
log = logging.getLogger("asyncgen")
TEMPORALS_LOG = logging.getLogger("temporalio")


class ServerError(AsyncgenError):
    """The server cannot be reached, or refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Which server, and who asks: None for what the environment and the profile file say.

    address: HOST:PORT. profile: of the file config_file, or of Temporal's own. tls_ca, tls_cert, tls_key:
    files.
    """

    address: str | None = None
    namespace: str | None = None
    profile: str | None = None
    config_file: Path | None = None
    api_key: str | None = None
    tls: bool | None = None
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_server_name: str | None = None


async def connect(server: Server) -> Client:
    """A client. Raises UsageError for what cannot be meant, ServerError where nobody answers."""
    return (await connect_with_meter(server, None))[0]


async def connect_with_meter(server: Server, metrics: str | None) -> tuple[Client, MetricMeter]:
    """A client, and what counts for Prometheus, which finds it at the address `metrics`, HOST:PORT.

    Raises as `connect`.
    """
    profile = _profile(server)
    config = profile.to_client_connect_config()
    address = config.setdefault("target_host", DEFAULT_ADDRESS)
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"the server's address {address}: it must be HOST:PORT")
    runtime = _runtime(metrics)
    try:
        client = await _connected(config, runtime)
    except (RuntimeError, RPCError) as error:
        raise ServerError(
            f"no Temporal server answers at {address}: {_short(error)}. `asyncgen cluster server` starts one "
            "on this machine; --address names another"
        ) from None
    except ValueError as error:
        raise UsageError(f"the connection to {address} cannot be meant so: {_short(error)}") from None
    with answering():
        await _check_namespace(client)
    return client, runtime.metric_meter


async def _connected(config: ClientConnectConfig, runtime: Runtime) -> Client:
    """A client. A server that has just begun to listen may say for a moment that it is not healthy yet."""
    end = time.monotonic() + _MOST_CONNECTING.total_seconds()
    while True:
        try:
            return await Client.connect(**config, runtime=runtime, connect_timeout=_MOST_CONNECTING)
        except (RuntimeError, RPCError) as error:
            if _NOT_YET not in str(error) or time.monotonic() > end:
                raise
        await asyncio.sleep(_PAUSE)


async def _check_namespace(client: Client) -> None:
    """Ask for what is not there: the server looks whether there is such a namespace, and may we."""
    try:
        await client.get_workflow_handle("asyncgen-nobody").describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND or "amespace" in str(error):
            raise


def _profile(server: Server) -> ClientConfigProfile:
    """What the environment and the file say, and over it what was said here."""
    for file in (server.config_file, server.tls_ca, server.tls_cert, server.tls_key):
        if file is not None and not file.is_file():
            raise UsageError(f"{file} is not there, or is no file")
    try:
        profile = ClientConfigProfile.load(server.profile, config_source=server.config_file)
    except (RuntimeError, OSError, ValueError) as error:
        raise UsageError(f"Temporal's profile cannot be read: {_short(error)}") from None
    return replace(
        profile,
        address=server.address or profile.address,
        namespace=server.namespace or profile.namespace,
        api_key=server.api_key or profile.api_key,
        tls=_tls(server, profile.tls),
    )


def _tls(server: Server, known: ClientConfigTLS | None) -> ClientConfigTLS | None:
    """How the connection is secured; any file or name for it asks for that."""
    if server.tls is False:
        return ClientConfigTLS(disabled=True)
    if not (server.tls or server.tls_ca or server.tls_cert or server.tls_key or server.tls_server_name):
        return known
    tls = known or ClientConfigTLS()
    return replace(
        tls,
        disabled=False,
        server_name=server.tls_server_name or tls.server_name,
        server_root_ca_cert=server.tls_ca or tls.server_root_ca_cert,
        client_cert=server.tls_cert or tls.client_cert,
        client_private_key=server.tls_key or tls.client_private_key,
    )


def _runtime(metrics: str | None) -> Runtime:
    """Temporal's threads, whose log goes into the log file if there is one, not to the terminal."""
    TEMPORALS_LOG.addHandler(logging.NullHandler())
    TEMPORALS_LOG.propagate = False
    forwarding = LogForwardingConfig(logger=TEMPORALS_LOG)
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    prometheus = (
        None if metrics is None else PrometheusConfig(bind_address=metrics, counters_total_suffix=True)
    )
    telemetry = TelemetryConfig(
        logging=LoggingConfig(filter=levels, forwarding=forwarding), metrics=prometheus
    )
    try:
        return Runtime(telemetry=telemetry)
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"--metrics {metrics}: {_short(error)}") from None


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a server refuses into ServerError."""
    try:
        yield
    except RPCError as error:
        raise ServerError(f"the Temporal server says {error.status.name}: {_short(error)}") from error


def is_passing(error: RPCError) -> bool:
    """Whether the server is away, and may come back, rather than refusing."""
    return error.status in _PASSING


async def patiently(ask: Callable[[], Awaitable[T]], say: Callable[[str], object] | None = None) -> T:
    """What the server answers, asked again for as long as it is away. Raises RPCError for what it refuses."""
    is_away = False
    while True:
        try:
            found = await ask()
        except RPCError as error:
            if not is_passing(error):
                raise
            if not is_away:
                is_away = True
                (say or log.warning)("the Temporal server does not answer: asking again until it does")
            await asyncio.sleep(_PAUSE)
        else:
            if is_away:
                (say or log.warning)("the Temporal server answers again")
            return found


def _short(error: BaseException) -> str:
    """An error in one line; of nested ones the innermost, which says what the system said."""
    text = " ".join(str(error).split())
    if inner := re.findall(r'message: "([^"]+)"', text):
        text = inner[-1]
    return text[:300].rstrip(".") or type(error).__name__
