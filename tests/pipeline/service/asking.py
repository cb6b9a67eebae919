"""What tests of the service ask for."""

import time
from typing import Any

import cv2
import numpy as np
from starlette.testclient import TestClient


def photo(level: int = 40, width: int = 16, height: int = 24) -> bytes:
    """Returns a small PNG of one colour."""
    picture = np.full((height, width, 3), (level % 256, 90, 120), np.uint8)
    return bytes(cv2.imencode(".png", picture)[1])


def ask(client: TestClient, level: int = 40, name: str = "shirt.png", **options: Any) -> Any:
    """Asks for a picture of a photo; gives the response."""
    return client.post("/v1/pictures", files={"photo": (name, photo(level), "image/png")}, data=options)


def ended(client: TestClient, name: str, seconds: float = 20) -> dict[str, Any]:
    """Waits for a picture; gives what is said of it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        said: dict[str, Any] = client.get(f"/v1/pictures/{name}").json()
        if said["state"] not in ("queued", "running"):
            return said
        time.sleep(0.02)
    raise TimeoutError(said)
