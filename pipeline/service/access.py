"""Who may ask, how often, and from where: API keys, rates, and no web page of somebody else's."""

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import HTTPException, Request, Response
from fastapi.security import APIKeyHeader, HTTPBearer
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from pipeline.service import problems
from stages.errors import ConfigError
from stages.reading import contents

#: Whose jobs they are where no keys are asked for.
LOCAL = "local"
#: Wrong keys that an address may send.
GUESSES = "20/minute"
_BEARER = HTTPBearer(auto_error=False, description="An API key of this server.")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, in a header of its own.")
SCHEMES = (_BEARER, _HEADER)


class Keys:
    """The API keys of a file, by their hashes; without a file nobody is asked for one."""

    def __init__(self, path: Path | None) -> None:
        """Raises ConfigError when the file cannot be read, or holds a line that is no name and key."""
        self._names: list[tuple[str, bytes]] = []
        if path is None:
            return
        try:
            lines = contents(path).decode().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path} cannot be read: a file of lines NAME KEY is needed") from error
        for number, line in enumerate(lines, 1):
            name, _, key = line.strip().partition(" ")
            if not name or name.startswith("#"):
                continue
            self._names.append((name, _hash(key.strip(), f"{path}, line {number}")))
        if not self._names:
            raise ConfigError(f"{path} holds no key: write a line NAME KEY for each of those who may ask")

    def __bool__(self) -> bool:
        return bool(self._names)

    def owner(self, key: str) -> str | None:
        """Looks up the owner of a key; None for an unknown one. All keys are compared, in constant time."""
        given = hashlib.sha256(key.encode()).digest()
        found = None
        for name, known in self._names:
            if hmac.compare_digest(given, known):
                found = name
        return found


def _hash(key: str, where: str) -> bytes:
    if key.startswith("sha256:"):
        try:
            digest = bytes.fromhex(key.removeprefix("sha256:"))
        except ValueError:
            digest = b""
        if len(digest) != 32:
            raise ConfigError(f"{where}: what follows sha256: must be 64 hexadecimal digits")
        return digest
    if len(key) < 16:
        raise ConfigError(f"{where}: the key is shorter than 16 characters, which can be guessed")
    return hashlib.sha256(key.encode()).digest()


class Access:
    """Identifies callers; refuses those without a valid key or with too many requests."""

    def __init__(self, keys: Keys, rate: str) -> None:
        """`rate` is such as 60/minute, of pictures for each name."""
        self.keys = keys
        self._rate, self._guesses = parse(rate), parse(GUESSES)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def owner(self, request: Request) -> str:
        """Identifies the caller. Raises HTTPException, 401 or 429, for a wrong key."""
        if not self.keys:
            return LOCAL
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        key = bearer.strip() if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "")
        found = self.keys.owner(key) if key else None
        if found is None:
            if key:
                self._hit(
                    self._guesses, f"guess {request.client.host if request.client else ''}", "too many wrong keys"
                )
            raise HTTPException(401, "a key is needed: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
        return found

    def count(self, owner: str) -> None:
        """Counts a picture that was asked for. Raises HTTPException 429 when there were too many."""
        self._hit(self._rate, f"picture {owner}", f"more than {self._rate} pictures were asked for")

    def _hit(self, item: RateLimitItem, who: str, words: str) -> None:
        if not self._limiter.hit(item, who):
            wait = max(1, round(self._limiter.get_window_stats(item, who).reset_time - time.time()))
            raise HTTPException(429, f"{words}: ask again later", {"Retry-After": str(wait)})


def is_loopback(host: str) -> bool:
    """Whether an address leads to this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def no_other_pages(host: str) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Awaitable[Response]]:
    """Returns the middleware that keeps web pages off a server that asks for no key.

    A page could send forms to this machine, and a name server could make its own name mean this machine's address
    (DNS rebinding). Browsers tell where a page is from (`Origin`, `Sec-Fetch-Site`) and which name they asked.
    """
    names = {"localhost", "127.0.0.1", "[::1]", host}

    async def check(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        asked = request.headers.get("Host", "")
        bare = asked.rpartition(":")[0] if asked.rpartition(":")[2].isdigit() and ":" in asked else asked
        if bare not in names:
            return problems.answer(421, f"this server is not called {bare!r}: ask for {host}")
        origin = request.headers.get("Origin")
        other = origin is not None and origin.partition("://")[2] != asked
        if other or request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return problems.answer(403, "web pages from elsewhere may not ask: give the server keys (--keys)")
        return await go_on(request)

    return check
