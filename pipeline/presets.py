"""What is said of a preset before anything of it is fetched: licences, gigabytes, and the memory that it wants."""

from dataclasses import dataclass

from pipeline import config as configs
from pipeline import weights
from stages.options import GenerateOptions


@dataclass(frozen=True, slots=True)
class Sheet:
    """One preset, as `onmodel list presets` shows it."""

    family: str
    licences: tuple[str, ...]
    """As the cards of all its weights say."""
    commercial: bool | None
    """Whether all of them allow commercial use; None where one is unknown."""
    gigabytes: float
    memory: dict[str, float]
    """Gigabytes of a GPU that each rung of the memory ladder wants free, in 16 bits."""


def sheet(preset: str) -> Sheet:
    """Summarises a preset from configs/models/published.yaml."""
    options = configs.resolve(preset).generate
    needed = [need for need in weights.needs(options) if not need.optional]
    if not needed:
        return Sheet(options.family, ("Apache-2.0",), True, 0.0, {})
    known = {need: weights.source(need.name).published for need in needed}
    allowed = {None if each is None else each.commercial for each in known.values()}
    return Sheet(
        family=options.family,
        licences=tuple(dict.fromkeys(weights.source(need.name).licence for need in needed)),
        commercial=None if None in allowed else allowed == {True},
        gigabytes=round(sum(each.gigabytes for each in known.values() if each), 1),
        memory=ladder(options, 2),
    )


def ladder(options: GenerateOptions, itemsize: int) -> dict[str, float]:
    """Computes the free gigabytes that each rung needs, for weights of `itemsize` bytes."""
    from stages.generate import memory

    found = memory.needs(parts(options, itemsize), DENOISERS, options.pixels, itemsize)
    return {rung: round(need / 1e9, 1) for rung, need in found.items()}


#: Parts of `parts` that work together at every step.
DENOISERS = ("denoiser", "controlnet", "depth", "guard")


def parts(options: GenerateOptions, itemsize: int) -> dict[str, int]:
    """Returns the bytes of each part of a model, from the published sizes of its weights, which are 16-bit ones.

    LoRAs are merged, and weigh nothing. Another autoencoder stands in for one of about its size.
    """
    found: dict[str, float] = {}
    for need in weights.needs(options):
        known = weights.source(need.name).published
        if known is None or need.optional or need.role in ("lora", "vae", "layout", "controlnet layout"):
            continue
        if need.role == "model":
            found["denoiser"] = known.denoiser or known.gigabytes
            found["rest"] = known.gigabytes - found["denoiser"]
        else:
            found[need.role] = known.gigabytes
    return {role: int(size * 1e9 * itemsize / 2) for role, size in found.items()}
