"""Which preset `auto` takes: the best whose weights are here and whose memory fits, else the embedded one."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from pipeline import config as configs
from pipeline import weights


class Candidate(BaseModel):
    """One line of configs/auto.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: str
    gpu: float
    """Gigabytes of a GPU's memory that must be free."""
    main: float
    """Gigabytes of main memory that must be free where there is no such GPU; a picture then takes minutes."""


class Choice(BaseModel):
    """What was chosen, and why, in words."""

    preset: str
    why: str


def candidates() -> list[Candidate]:
    """Returns the presets that `auto` looks for, best first."""
    listed = configs.read(configs.home() / "auto.yaml")
    return [Candidate.model_validate(each) for each in listed["order"]]


@lru_cache(maxsize=1)
def best() -> Choice:
    """Picks the first candidate whose weights are installed and that fits into memory; decided once per process."""
    short = []
    for each in candidates():
        if not all(weights.present(need.name, settings=need.settings) for need in needs(each.preset)):
            continue
        room, kind = _room()
        wanted = each.gpu if kind == "GPU" else each.main
        if room >= wanted:
            return Choice(preset=each.preset, why="the best preset whose weights are on this machine")
        short.append(f"{each.preset} wants {wanted:g} GB of {kind} memory and {room:.1f} are free")
    missing = "no other preset's weights are on this machine; `onmodel models recommend` says what to fetch"
    return Choice(preset="house", why="; ".join(short) or missing)


def recommended() -> Candidate | None:
    """Picks the best candidate that fits into this machine's memory, whether or not its weights are installed."""
    room, kind = _room()
    return next((each for each in candidates() if room >= (each.gpu if kind == "GPU" else each.main)), None)


def needs(preset: str) -> list[weights.Need]:
    """Lists the weights that a preset needs."""
    return [need for need in weights.needs(configs.resolve(preset).generate) if not need.optional]


def _room() -> tuple[float, str]:
    """Measures free memory where a model would be loaded: gigabytes, and which memory that is."""
    from stages.generate import device, memory

    where, _ = device.choose(configs.resolve("house").generate)
    return memory.free(where) / 1e9, "GPU" if where.type == "cuda" else "main"
