"""Webhooks, to whoever asked, when a picture is done: signed, tried again, never to this machine or its network.

Signatures are those of Standard Webhooks 1.0 (https://www.standardwebhooks.com): `webhook-id`, `webhook-timestamp` and
`webhook-signature`, an HMAC-SHA-256 over the three of id, time and body. Whoever is told twice sees the same id.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Callable

from pipeline.collection import network
from pipeline.service.jobs import Job, Queue
from stages.errors import ConfigError

log = logging.getLogger("onmodel.service")
SECRET = "ONMODEL_WEBHOOK_SECRET"  # noqa: S105 - the name of the variable
#: Seconds until the next try, after each that failed; then it is given up.
WAITS = (5, 30, 120, 600, 3600)
#: Seconds that an answer may take, and between two looks for what is to be told.
PATIENCE, LOOK = 10, 0.5


def secret() -> bytes | None:
    """Reads the secret from the environment; None if it is not set. Raises ConfigError if it is malformed."""
    words = os.environ.get(SECRET, "")
    if not words:
        return None
    try:
        found = base64.b64decode(words.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        found = b""
    if not 24 <= len(found) <= 64:
        raise ConfigError(f"{SECRET} must be whsec_ and 24 to 64 bytes in base64: `openssl rand -base64 32` gives some")
    return found


def signed(key: bytes, name: str, at: int, body: bytes) -> dict[str, str]:
    """Signs a message; returns its headers."""
    mac = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }


class Messenger:
    """Calls webhooks. A server runs one."""

    def __init__(self, queue: Queue, key: bytes, body: Callable[[Job], bytes]) -> None:
        """`body` gives a job's message."""
        self.queue, self.key, self.body = queue, key, body
        self._next: dict[str, tuple[float, int]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Runs until it is cancelled."""
        while True:
            for job in self.queue.all():
                due, _ = self._next.get(job.id, (0.0, 0))
                if job.over and job.webhook and not job.told and due <= time.monotonic():
                    self._next[job.id] = (float("inf"), self._next.get(job.id, (0, 0))[1])
                    task = asyncio.create_task(self._tell(job))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
            await asyncio.sleep(LOOK)

    async def _tell(self, job: Job) -> None:
        tries = self._next[job.id][1]
        said = await self._sent(job)
        if said is None or tries >= len(WAITS):
            if said is not None:
                log.warning("the webhook of %s is given up: %s", job.id, said)
            await asyncio.to_thread(self.queue.mark_told, job.id)
            self._next.pop(job.id, None)
        else:
            log.info("the webhook of %s is tried again: %s", job.id, said)
            self._next[job.id] = (time.monotonic() + WAITS[tries], tries + 1)

    async def _sent(self, job: Job) -> str | None:
        """Sends one message; gives what went wrong. Redirects are not followed: who signs knows whom he tells."""
        from aiohttp import ClientError, ClientTimeout

        body = self.body(job)
        headers = signed(self.key, job.id, int(time.time()), body)
        try:
            async with (
                await network.session(timeout=ClientTimeout(PATIENCE)) as session,
                session.post(job.webhook, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return None if 200 <= answer.status < 300 else f"answered with {answer.status}"
        except (ClientError, OSError, TimeoutError, ValueError) as error:
            return str(error) or type(error).__name__
