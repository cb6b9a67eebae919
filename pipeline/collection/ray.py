"""The Ray engine: actors that hold their models, on a cluster that runs already or one that is started here."""

import os
import socket
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from pipeline.collection.feed import PULSE, Feed, Pulse
from pipeline.collection.options import RunOptions
from pipeline.collection.places import Folder
from pipeline.collection.record import Doing, Outcome, Work
from pipeline.collection.worker import Setup, Worker
from stages import extras
from stages.errors import ConfigError

#: How often an actor is begun again after its death (-1 is always: rows that kill it come alone, and end), and a row
#: that it had in hand. Not 0: rows handed to an actor while it begins again would fail at once.
RESTARTS, RETRIES = -1, 1
#: Seconds that a cluster has to answer in.
KNOCK = 10
#: Environment that Ray reads when it is imported.
_ALWAYS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
#: Of a cluster that is started here, on any system: its ports are open to this machine alone, not to the network.
_HERE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
#: Of one that is joined: Ray tries 20 times, which is 13 minutes where something answers that is no cluster.
_ELSEWHERE = {"RAY_NUM_REDIS_GET_RETRIES": "3"}


def run(
    rows: Iterable[Work | None], setup: Setup, options: RunOptions, stopped: threading.Event, pulse: Pulse
) -> Iterator[Outcome]:
    """Yields the outcome of each row as it ends: what `local.run` does, on a cluster.

    Ray places the actors, restarts those that die, and repeats what they had in hand. Photos and output must be where
    every node reaches them: a shared folder, or URLs. Raises ConfigError without Ray, or without the cluster.
    """
    Folder(setup.out).check_shared()
    for name, value in {**_ALWAYS, **(_HERE if options.address is None else _ELSEWHERE)}.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise ConfigError(f"the ray engine needs Ray: {extras.install('ray')}") from error
    own = not ray.is_initialized()
    if own:
        _join(ray, options.address)
    try:
        yield from _fed(ray, rows, setup, options, stopped, pulse)
    finally:
        if own:
            ray.shutdown()


def _join(ray: Any, address: str | None) -> None:
    if address is not None:
        _knock(_dialled(address))
    local: dict[str, Any] = {"include_dashboard": False} if address is None else {}
    try:
        ray.init(address=address or "local", log_to_driver=False, logging_level="error", **local)
    except Exception as error:  # Ray has no class of its own for a node that did not come up
        ray.shutdown()
        words = str(error).partition("\n")[0]
        if address is None:
            raise ConfigError(f"Ray did not start here ({words}): is the machine overloaded? Try again") from error
        raise ConfigError(
            f"the Ray cluster at {address} could not be joined: {words}. If it asks for a token, "
            "set RAY_AUTH_MODE=token and put the token into ~/.ray/auth_token"
        ) from error


def _dialled(address: str) -> str:
    """Returns what Ray makes of an address: it looks "auto" up, and takes the node's own address for a loopback one."""
    try:
        services = import_module("ray._private.services")
        found = None if "://" in address else services.canonicalize_bootstrap_address(address)
    except Exception:  # noqa: BLE001 - not Ray's public face: without it, Ray itself says what is wrong
        found = None
    return str(found or address)


def _knock(address: str) -> None:
    """Raises ConfigError when nobody answers at HOST:PORT: Ray itself would wait for many minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return  # "auto" where Ray knows of no cluster, or no address at all: Ray says so itself
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(f"no Ray cluster at {address} ({error}): start one with `ray start --head`") from error


def _fed(
    ray: Any, rows: Iterable[Work | None], setup: Setup, options: RunOptions, stopped: threading.Event, pulse: Pulse
) -> Iterator[Outcome]:
    actors = _actors(ray, setup, options)
    free = deque(actor for _ in range(options.ahead) for actor in actors)
    at_work: dict[Any, tuple[Any, Work]] = {}

    def begin(row: Work) -> Any:
        actor = free.popleft()
        handle = actor.run.remote(row)
        at_work[handle] = (actor, row)
        return handle

    def result(handle: Any) -> Outcome:
        actor, row = at_work.pop(handle)
        free.append(actor)
        try:
            outcome: Outcome = ray.get(handle)
        except ray.exceptions.RayError as error:  # of an actor, a node, or the memory
            words = str(error).partition("\n")[0]
            return Outcome(row.id, "error", error=f"its worker died under this row ({words})", lost=True)
        return outcome

    def ended(waiting: list[Any]) -> tuple[list[Any], list[Any]]:
        done, left = ray.wait(waiting, num_returns=1, timeout=PULSE)
        return list(done), list(left)

    def look() -> None:
        names = {actor: f"actor {at}" for at, actor in enumerate(actors)}
        pulse(tuple(Doing(row.id, "at work", where=names[actor]) for actor, row in list(at_work.values())))

    yield from Feed(begin, ended, result, options.ahead * len(actors)).run(rows, stopped, look)


def _actors(ray: Any, setup: Setup, options: RunOptions) -> list[Any]:
    """Begins one actor for each GPU of the cluster, or as many as asked for; without GPUs they run on CPUs."""
    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    count = options.workers or gpus or 1
    if gpus and count > gpus:
        raise ConfigError(f"--workers {count} is more than the cluster's {gpus} GPUs: each worker holds one")
    threads = os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count() or 1)
    kind = ray.remote(Worker).options(
        num_gpus=1 if gpus else 0,
        # A CPU may be shared by what the cluster does besides: rows overlap, and one worker needs no whole one.
        num_cpus=1 if gpus else 0,
        max_concurrency=options.ahead,
        max_restarts=RESTARTS,
        max_task_retries=RETRIES,
        # Ray would give each actor one thread: pictures are the same bytes only at the same number of threads.
        runtime_env={"env_vars": {"OMP_NUM_THREADS": threads}},
    )
    return [kind.remote(setup) for _ in range(count)]
