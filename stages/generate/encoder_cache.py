"""What a generator keeps of one picture for the next: candidates and rows share encodings."""

import hashlib
from collections.abc import Callable
from typing import Any

from stages.contracts import Plate


class PictureKey:
    """Reference pictures as a key of a cache."""

    def __init__(self, plates: tuple[Plate, ...]) -> None:
        """Takes H x W x 3 pictures of any size."""
        self.plates = plates
        self._key = tuple(hashlib.sha256(each.tobytes()).digest() for each in plates)

    def __hash__(self) -> int:
        """Hashes the pixels."""
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        """Compares the pixels."""
        return isinstance(other, PictureKey) and self._key == other._key


class CachedEncoder:
    """An autoencoder's `encode` that keeps what it gave for the last pictures, so that candidates share it.

    PictureKey are encoded one at a time, so that each is the same alone and among others. What is kept is the
    distribution: each seed still draws its own sample from it.
    """

    def __init__(self, encode: Callable[..., Any], size: int = 16, *, sampled: bool = True) -> None:
        """Keeps `size` pictures, some 100 kB each. Those not `sampled` are what is likeliest, whoever draws."""
        self._encode, self._size, self._sampled = encode, size, sampled
        self._kept: dict[bytes, Any] = {}

    def forget(self) -> None:
        """Lets all of it go."""
        self._kept.clear()

    def __call__(self, pictures: Any, **named: Any) -> Any:
        """Returns diffusers' output for N x 3 x H x W pictures."""
        found = [self._one(pictures[at : at + 1], **named) for at in range(len(pictures))]
        if len(found) == 1:
            return found[0]
        import torch

        first = found[0]
        parameters = torch.cat([each.latent_dist.parameters for each in found])
        return type(first)(latent_dist=type(first.latent_dist)(parameters, deterministic=not self._sampled))

    def _one(self, picture: Any, **named: Any) -> Any:
        key = hashlib.sha256(picture.detach().float().cpu().numpy().tobytes() + repr(sorted(named)).encode()).digest()
        if key not in self._kept:
            while len(self._kept) >= self._size:
                del self._kept[next(iter(self._kept))]
            found = self._encode(picture, **named)
            if not self._sampled:
                likeliest = type(found.latent_dist)(found.latent_dist.parameters, deterministic=True)
                found = type(found)(latent_dist=likeliest)
            self._kept[key] = found
        return self._kept[key]
