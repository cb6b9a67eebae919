"""Keeps URLs of manifests off this machine and its network: a row could read what only they can reach (CWE-918)."""

import errno
import ipaddress
import socket
from typing import Any

_private = False
#: IPv6 addresses that a network turns into IPv4 ones (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def allow(private: bool) -> None:
    """Sets whether this process may connect to loopback, link-local and private addresses: `--allow-private`."""
    global _private  # noqa: PLW0603 - fsspec opens its connections in a thread of its own
    _private = private


def guarded() -> dict[str, Any]:
    """Returns the arguments that make fsspec's HTTP file system refuse private addresses, also after redirects.

    The address is looked at where the socket is made: whatever name or redirect led there, and however often a name
    server changes its mind. What proxies of the environment would reach is not asked: none is used.
    """
    return {"get_client": session}


async def session(**given: Any) -> Any:
    """Returns an aiohttp session that connects where this process may; its caller closes it."""
    from aiohttp import ClientSession, TCPConnector

    return ClientSession(connector=TCPConnector(socket_factory=_socket), **given)


def _socket(address: tuple[Any, ...]) -> socket.socket:
    """Makes the socket for one of `socket.getaddrinfo`'s answers. Raises PrivateAddressError before it connects.

    What is allowed is asked of each socket: fsspec keeps a session for as long as the process lives.
    """
    family, kind, protocol, _, where = address
    if not _private:
        check(str(where[0]))
    return socket.socket(family, kind, protocol)


class PrivateAddressError(OSError):
    """A URL led to an address that is not public."""


def check(address: str) -> None:
    """Raises PrivateAddressError for an address that is not of the public Internet."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        raise PrivateAddressError(errno.EACCES, f"{address} is no address") from None
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    if found in _NAT64:
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if not (found.is_global and inner.is_global) or found.is_multicast:
        raise PrivateAddressError(errno.EACCES, f"{address} is no public address: pass --allow-private to reach it")
