"""Where a garment is: the backdrop's colours say it where that is plain, and the network where it is not.

The rule. How plain a backdrop is, in [0, 1], is told from its noise and from how much of it a fitted surface explains.
Before one that is not plain, or whose colours miss what the network is sure of, the garment is what the network takes
for cloth rather than for a holder or backdrop. Before a plain one a difference from it is cloth whatever the network
says, for that is what white on white comes to; the plainer it is, the less the network's word counts, but against what
may be a shadow. These votes go through a smallest cut, whose outline follows edges; then gaps that show plain backdrop
are opened, and the outline settles where the colours of its two sides meet. What holds the garment is the network's to
tell, before any backdrop.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from stages.arrays import Field, lengths
from stages.contracts import Matte, ModelCard, Plate
from stages.errors import NotFoundError
from stages.find import bars, network, shadow, windows
from stages.find.cuts import minimal_cut
from stages.find.evidence import BLEEDING, RINGING, edges_of, evidence, highest, parts, stiffness, widened
from stages.find.gaps import recede
from stages.find.holes import enclosed
from stages.find.network import Seen
from stages.find.outline import settle
from stages.find.stripes import striped
from stages.matte import backdrop as backdrops
from stages.matte.backdrop import Backdrop, Flags, Lab, connected
from stages.options import SegmentOptions

CARD = ModelCard("segmenter", "finder", None, "Apache-2.0")
#: Noise of a backdrop, in Delta E, at which it is half plain: 22 studio photos have up to 0.66, 60 sellers' photos 0.5
#: to 31 with a median of 5.
NOISY = 1.0
#: Plain from here on: colours decide, and before it the network. Of 62 sellers' photos 93 % reach an intersection over
#: union of .95 so; with both weighed by how plain the backdrop is, 87 %.
PLAIN = 0.5
#: Share of the frame that the fitted surface explains: less than the first is no plain backdrop, from the second on it
#: is (studio photos 0.91 and more).
EXPLAINED = 0.5, 0.8
#: What of the network's word against a garment counts on a plain backdrop, for what may be a shadow; nothing for what
#: cannot. With 0.8 a white top on white loses an eighth, with this 0.2 %; drawn trousers, saved as JPEG, keep the
#: shadow at their crotch with 0.2 (intersection over union 0.95) and lose it with this (0.98).
AGAINST = 0.5
#: Surely backdrop to the network: a floor, when it reaches the frame along more than the second, as a share of that.
SURE, FLOOR = 0.9, 0.05
#: Colours that miss more than this share of what is surely garment to the network tell nothing: white on white of which
#: most is clipped. They miss up to 0.07 of 22 studio photos, also when these are made brighter by 5 %, and 0.54 of one
#: of them whose shirt is clipped then.
BLIND = 0.2
#: Most noise, in Delta E, that settling the outline reckons with: beyond it is texture, which has its own colours.
TEXTURED = 2.0
#: Breaks up to twice this share of the longer side are mended: 10 pixels at 1024, a stripe across a strap.
MEND = 0.005
#: Compression mixes colours over so many pixels: a block of tint that is kept at half the size.
BLOCK = 16
#: A shadow is dark from here on, in L.
DARK = 14.0
#: Sure that a garment is worn, or on a mannequin, from this probability on: 22 studio photos have at most .35, 4 of
#: people 1.00.
HELD = 0.9
#: Parts that stand out less than this share of what the main part does are specks and stains.
SPECK = 0.02

Network = Callable[[Plate], Seen]


def load(options: SegmentOptions) -> "Finder":  # noqa: ARG001 - every back-end is loaded with the options
    """Returns the segmenter with the embedded network. Raises WeightsError if its weights are missing."""
    seen = network.load()
    digest = hashlib.sha256(network.WEIGHTS.read_bytes()).hexdigest()
    return Finder(seen, card=replace(CARD, revision=f"sha256:{digest}"))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found on a picture of H x W pixels."""

    garment: Flags
    backdrop: Backdrop
    plain: float
    """How plain the backdrop is, in [0, 1]."""
    seen: Seen | None = None

    @property
    def doubt(self) -> Field:
        """How unsure the place of an outline is, H x W in [0, 1]: the network's doubt, off plain backdrops."""
        if self.seen is None:
            return np.zeros(self.garment.shape, np.float32)
        cover = self.seen.cover
        return np.asarray((1 - self.plain) * (1 - np.abs(2 * cover - 1)), np.float32)


class Finder:
    """The default segmenter; see `contracts.Segmenter`."""

    def __init__(self, sees: Network, name: str = "finder", card: ModelCard = CARD) -> None:
        """Takes the network that sees photos: the embedded one or any other."""
        self.name = name
        self.card = card
        self.sees = sees

    def __call__(self, picture: Plate) -> Matte:
        """Returns 1 on the garment and 0 elsewhere, H x W float32, of an H x W x 3 uint8 sRGB picture."""
        return self.look(picture).garment.astype(np.float32)

    def look(self, picture: Plate) -> Found:
        """Returns what is found on a picture, H x W x 3 uint8 sRGB, and how. Bars and frames around it are left out.

        Raises NotFoundError where they leave too little for the network.
        """
        top, bottom, left, right = bars.inner(picture)
        height, width = picture.shape[:2]
        # What lies beside a bar, compression has mixed with it: what is found a block farther in goes on there.
        beside = [
            BLOCK * (each not in (0, end)) for each, end in ((top, 0), (bottom, height), (left, 0), (right, width))
        ]
        window = slice(top + beside[0], bottom - beside[1]), slice(left + beside[2], right - beside[3])
        inner = np.ascontiguousarray(picture[window])
        if min(inner.shape[:2]) < network.LEAST:
            raise NotFoundError(f"no garment stands out in {width} x {height} pixels; use a larger photo.")
        found = _found(inner, self.sees(inner))
        if not any(beside):
            return found
        within = np.zeros((height, width), bool)
        within[top:bottom, left:right] = True
        return _framed(found, within, window)

    def glance(self, picture: Plate) -> Matte:
        """Returns what the network alone takes for the garment, H x W in [0, 1], in a fraction of the time of `look`.

        Its outline is only near.
        """
        return self.sees(picture).cover


def _found(picture: Plate, seen: Seen) -> Found:
    colours = backdrops.lab(picture)
    backdrop = backdrops.fit(colours)
    plain = plainness(colours, backdrop)
    if plain <= PLAIN:
        return _as_seen(colours, backdrop, plain, seen)
    edges = edges_of(colours)
    price = stiffness(edges, backdrop)
    cast = shadow.cast(colours, backdrop, edges)
    # Where a dark shadow meets the outline, the outline's own blur differs from the backdrop too.
    blurred = widened(cast & (backdrop.colour[..., 0] - colours[..., 0] > DARK), 5)
    difference = colours - backdrop.colour
    votes = evidence(difference, backdrop)
    votes[blurred] = np.minimum(votes[blurred], 0)
    votes[cast | backdrop.outside] = -0.5
    far = lengths(difference) > max(backdrops.FLOOR, 3 * backdrop.noise)
    votes[_floors(far & (seen.backdrop > SURE))] = -0.5
    votes = plain * votes + _said(seen, plain, shadow.may_be(difference, backdrop))
    garment = minimal_cut(votes, price) > 0.5
    surely = seen.cover > SURE
    if np.count_nonzero(surely & ~garment) > BLIND * np.count_nonzero(surely):
        return _as_seen(colours, backdrop, plain, seen)
    garment = _opened(garment, colours, difference, edges, backdrop, cast, seen)
    garment = settle(garment, colours, price, min(backdrop.noise, TEXTURED))
    if _held(seen, plain):
        garment = _without_holder(garment, seen, price)
    return Found(_main_parts(garment, seen.cover), backdrop, plain, seen)


def _as_seen(colours: Lab, backdrop: Backdrop, plain: float, seen: Seen) -> Found:
    """Returns what the network alone takes for the garment."""
    garment = seen.cover > np.maximum(seen.holder, seen.backdrop)
    return Found(_main_parts(garment, seen.cover), backdrops.refit(colours, backdrop, ~garment), plain, seen)


def told(picture: Plate, garment: Flags) -> Found:
    """Returns what another segmenter found on a picture, with the backdrop around it."""
    colours = backdrops.lab(picture)
    backdrop = backdrops.fit(colours)
    return Found(garment, backdrops.refit(colours, backdrop, ~garment), plainness(colours, backdrop))


def plainness(colours: Lab, backdrop: Backdrop) -> float:
    """Returns how plain a backdrop is, in [0, 1], by its noise and by how much of the frame it explains."""
    near = lengths(colours - backdrop.colour) < max(backdrops.FLOOR, 3 * backdrop.noise) + 0.8
    rim = max(1, round(backdrops.FRAME * min(near.shape)))
    frame = np.ones(near.shape, bool)
    frame[rim:-rim, rim:-rim] = False
    least, enough = EXPLAINED
    explained = float(np.clip((near[frame].mean() - least) / (enough - least), 0, 1))
    return explained / (1 + (backdrop.noise / NOISY) ** 2)


def _said(seen: Seen, plain: float, shade: Flags) -> Field:
    """Returns the network's votes for what is no backdrop, H x W in [-1, 1]; `shade` is what a shadow may be.

    Gaps between straps are too narrow for the network: the plainer a backdrop, the less its word for a garment counts.
    """
    said = 1 - 2 * seen.backdrop
    against = 1 - plain + plain * np.where(shade, np.float32(AGAINST), 0)
    return np.asarray(said * np.where(said > 0, np.float32(1 - plain), against), np.float32)


def _floors(flags: Flags) -> Flags:
    """Returns the parts of flags that reach the frame along a good length: sleeves and noise reach it too."""
    count, labels = cv2.connectedComponents(flags.astype(np.uint8), connectivity=4)
    frame = np.concatenate([labels[0], labels[-1], labels[1:-1, 0], labels[1:-1, -1]])
    large = np.bincount(frame, minlength=count) > FLOOR * frame.size
    large[0] = False
    return np.asarray(large[labels], dtype=bool)


def _opened(
    garment: Flags, colours: Lab, difference: Lab, edges: Field, backdrop: Backdrop, cast: Flags, seen: Seen
) -> Flags:
    """Returns a garment before a plain backdrop with its gaps open and the breaks in its straps closed."""
    bare = ~garment
    garment = ~connected(~garment, backdrop.outside)
    stripes = striped(lengths(difference))
    with ThreadPoolExecutor(1) as aside:
        more = aside.submit(windows.seen, garment, colours, edges, backdrop)
        holes = enclosed(garment, colours, edges, backdrop, stripes) | more.result()
    # What colours and network take for backdrop is open, however large: a handle, a necklace.
    holes |= connected(bare & garment, bare & (seen.backdrop > 0.5))
    whole = garment
    if holes.any():
        inner = shadow.cast(colours, replace(backdrop, outside=backdrop.outside | holes), edges)
        garment = garment & ~holes & ~(inner & ~cast)
    garment = recede(garment, colours, difference, edges, backdrop.noise)
    holes = connected(whole & ~garment, holes)
    return _mend(garment, holes, difference, backdrop) | stripes


def _mend(garment: Flags, holes: Flags, difference: Lab, backdrop: Backdrop) -> Flags:
    """Closes narrow breaks that differ from the backdrop otherwise than by shade, such as pale stripes of a strap.

    The wide parts of holes stay open: a hole may be whiter than the backdrop.
    """
    light, tint = parts(difference)
    floor = backdrops.FLOOR + 2 * backdrop.noise
    size = 2 * round(MEND * max(garment.shape)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(garment.astype(np.uint8), cv2.MORPH_CLOSE, disc).astype(bool)
    lighter = (light > floor + RINGING * highest(light)) & (difference[..., 0] > 0)
    cloth = (tint > floor + BLEEDING * highest(tint)) | lighter
    wide = cv2.morphologyEx(holes.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(bool)
    return np.asarray(garment | (closed & cloth & ~wide), dtype=bool)


def _held(seen: Seen, plain: float) -> bool:
    """Whether a body is believed in a garment before a plain backdrop: a halter's strap passes for a hanger."""
    return max(seen.kind.get(name, 1.0) for name in ("ghost", "worn")) > HELD * plain


def _without_holder(found: Flags, seen: Seen, price: Field) -> Flags:
    """Takes hangers, clips and people from what is no backdrop; the border between the two follows edges."""
    holder = found & (seen.holder > 0.5)
    if not holder.any():
        return found
    votes = np.where(found, seen.cover - seen.holder, 0).astype(np.float32)
    return np.asarray(found & ~((minimal_cut(votes, price) <= 0.5) & (votes < 0)), bool)


def _main_parts(garment: Flags, weight: Field) -> Flags:
    """Drops specks and stains: parts whose weights sum to less than `SPECK` of the main part's."""
    count, labels = cv2.connectedComponents(garment.astype(np.uint8), connectivity=8)
    if count < 2:
        return garment
    total = np.bincount(labels.ravel(), weights=weight.ravel(), minlength=count)
    total[0] = 0
    return np.asarray((total >= SPECK * total.max())[labels], dtype=bool)


def _framed(found: Found, within: Flags, window: tuple[slice, slice]) -> Found:
    """Returns what was found in a window on the whole picture; all that is not `within` the frame is backdrop."""
    pads = [(each.start, total - each.stop) for each, total in zip(window, within.shape, strict=True)]

    def spread(values: Matte) -> Matte:
        return np.asarray(np.where(within, np.pad(values, pads, mode="edge"), 0), np.float32)

    fitted, seen = found.backdrop, found.seen
    backdrop = Backdrop(
        np.pad(fitted.colour, (*pads, (0, 0)), mode="edge"),
        fitted.noise,
        fitted.grain,
        np.pad(fitted.outside, pads, mode="edge") | ~within,
    )
    if seen is not None:
        garment, inside, sheer, holder = (spread(each) for each in (seen.garment, seen.inside, seen.sheer, seen.holder))
        free = 1 - garment - inside - sheer - holder
        seen = replace(seen, garment=garment, inside=inside, sheer=sheer, holder=holder, backdrop=free)
    return Found(np.pad(found.garment, pads, mode="edge") & within, backdrop, found.plain, seen)
