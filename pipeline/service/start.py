"""Starts the server, and stops it without loss."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import config as configs
from pipeline.collection.guard import locked
from pipeline.collection.options import RunOptions
from pipeline.service.options import ServeOptions
from stages import extras
from stages.errors import ConfigError, OutputError


def base(preset: str | None, file: Path | None, flags: dict[str, Any], options: ServeOptions) -> Any:
    """Resolves the operator's defaults for requests. Raises ConfigError if no request could use them."""
    _needs()
    from pipeline.service.request_options import Base

    found = Base(preset, file, flags, options.max_steps, options.max_photo_megapixels)
    if preset is None:  # what `auto` takes is settled once, so that a restart in mid-queue is the only change
        preset = configs.resolve(preset, file, flags).preset
        found = Base(preset, file, flags, options.max_steps, options.max_photo_megapixels)
    found.config({})
    return found


def serve(options: ServeOptions, run: RunOptions, found: Any) -> bool:
    """Serves until SIGINT or SIGTERM; tells whether every picture under way had ended by then.

    Raises ConfigError without the extra, or without keys for an address that others reach; OutputError when the folder
    is another server's or cannot be written to, or the port is taken.
    """
    _needs()
    from pipeline.service.access import is_loopback
    from pipeline.service.app import make
    from pipeline.service.service import Service

    if options.keys is None and not is_loopback(options.host):
        raise ConfigError(f"--host {options.host} is reachable by others: give --keys, a file of lines NAME KEY")
    service = Service(options, run, found)
    return _listen(make(service), service)


def studio(options: ServeOptions, run: RunOptions, found: Any, told: Callable[[str], None]) -> bool:
    """Serves the studio's page as `serve` does; `told` is called with its address, key included, once it listens."""
    _needs()
    from pipeline.service.service import Service
    from pipeline.studio.app import make
    from pipeline.studio.running import process_models

    service = Service(options, run, found, process_models, faults=True)
    app, token = make(service)

    def take_up() -> None:
        app.state.running.resume()
        app.state.studio.warm()

    def ready(port: int) -> None:
        told(f"http://127.0.0.1:{port}/?token={token}")
        threading.Thread(target=take_up, name="take up", daemon=True).start()

    over = _listen(app, service, ready)
    return app.state.running.close(options.stop_seconds) and over


def _listen(app: Any, service: Any, ready: Callable[[int], None] | None = None) -> bool:
    import uvicorn

    class Server(uvicorn.Server):
        """Returns after SIGINT or SIGTERM, where uvicorn's own server would raise the signal again."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if ready is not None and self.started:
                ready(self.servers[0].sockets[0].getsockname()[1])

    options = service.options
    settings = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        log_level="info" if ready is None else "warning",
        server_header=False,
        timeout_graceful_shutdown=int(options.stop_seconds) + 5,
    )
    with locked(service.queue.pictures):
        try:
            Server(settings).run()
        except SystemExit as error:  # how uvicorn says that it could not listen
            raise OutputError(f"{options.host}:{options.port} is not available: choose another --port") from error
    return not service.unfinished


def _needs() -> None:
    try:
        import fastapi  # noqa: F401 - the question is whether it is there
        import limits  # noqa: F401
        import prometheus_client  # noqa: F401
        import sse_starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"this needs the extra: {extras.install('serve')} ({error.name} is missing)") from error
