"""Places a subject's outline: each pixel is compared with the colours on both sides of it."""

import cv2
import numpy as np
import numpy.typing as npt

from stages.arrays import lengths
from stages.find.light import APART, AROUND, NEAR, TINT, Reading
from stages.find.spread import followed, grown
from stages.matte.backdrop import Flags, Lab

Field = npt.NDArray[np.float32]

#: Pockets between strands lie this far from backdrop at most, in pixels at 1024.
_POCKET = 24.0
#: Strands differ from the backdrop by more than this, Delta E (blond hair by 40, pale skin by 25); pockets by less than
#: the second (noise of the worn photos: 1).
_DARK, _SAME = 30.0, 1.6
#: Around a pocket stands what is farther from the backdrop than this, Delta E.
_WALL = 15.0
#: The outline is placed by the colours on its sides where these lie so far apart, Delta E.
_PLACED = 12.0
#: Half of what an outline is evened by, in pixels at 1024.
_EVENED = 1.0


def votes(colours: Lab, bare: Flags, cloth: Flags, told: Reading, beside: Lab, unit: float) -> Field:
    """Returns what each pixel says, -0.6 backdrop to 2 subject, compared with the backdrop beside it."""
    apart = lengths(colours - beside)
    away = cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5)
    near = away < NEAR * unit
    unclear = grown(cloth, round(NEAR * unit))
    # Where the subject is far from the backdrop in colour, so may the backdrop be that shows in gaps and at their ends.
    limit = np.where(unclear, APART, np.clip(0.25 * usual(apart, bare, unit), APART, 3 * APART))
    # Nothing but cloth is much lighter than the backdrop beside it.
    differs = np.maximum((apart - limit) / limit, (told.lighter - 2 * APART) / APART)
    linked = followed(colours, differs < 0, bare)
    clear = np.where(linked, differs, np.maximum(differs, np.where(near, -0.1, 0.15)))
    # Beside cloth of nearly the backdrop's colour an edge decides, where there is one.
    tinted, lit = (told.tint - TINT) / TINT, (np.abs(told.lighter) - APART) / APART
    speaks = np.minimum(differs, np.maximum(tinted, lit))
    doubtful = np.where(
        speaks > 0, np.maximum(speaks, np.where(near, 0, 0.15)), np.where(near, np.maximum(speaks, -0.12), 0.15)
    )
    votes = np.clip(np.where(unclear, doubtful, clear), -0.6, 2)
    votes[bare] = -0.6
    return np.asarray(votes, np.float32)


def usual(apart: Field, bare: Flags, unit: float) -> Field:
    """How far the subject around each pixel is from the backdrop in colour, Delta E; what is far counts most."""
    weight = np.where(bare, 0, apart).astype(np.float32) ** 4
    total = cv2.GaussianBlur(weight, (0, 0), 8 * unit)
    return np.asarray(cv2.GaussianBlur(weight * apart, (0, 0), 8 * unit) / np.maximum(total, 1), np.float32)


def pockets(colours: Lab, bare: Flags, cloth: Flags, beside: Lab, unit: float) -> Flags:
    """Returns the backdrop between strands, each pocket some pixels off the backdrop or off the last one.

    There it has the very colour, and the strands are far from that.
    """
    apart = lengths(colours - beside)
    open_ = (apart < _SAME) & (usual(apart, bare, unit) > _DARK) & ~bare & ~grown(cloth, round(NEAR * unit))
    found = open_ & (cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5) < _POCKET * unit)
    for _ in range(4):
        away = cv2.distanceTransform((~(bare | found)).astype(np.uint8), cv2.DIST_L2, 5)
        found = open_ & (found | (away < _POCKET / 2 * unit))
    return _walled(found, bare, apart)


def _walled(found: Flags, bare: Flags, apart: Field) -> Flags:
    """Returns the parts of flags with what is clearly apart all around: pale cloth has its own colour around it."""
    count, labels = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    # Each pixel of the rings belongs to the part that it is nearest to.
    _, nearest = cv2.distanceTransformWithLabels(
        (~found).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[found]] = labels[found]
    ring = grown(found, 2) & ~grown(found, 1) & ~bare
    of = table[nearest[ring]]
    walls = np.bincount(of, cv2.dilate(apart, np.ones((3, 3), np.uint8))[ring] > _WALL, count) / np.maximum(
        np.bincount(of, minlength=count), 1
    )
    walls[0] = 0
    return np.asarray((walls > AROUND)[labels], bool)


def placed(colours: Lab, found: Flags, cloth: Flags, beside: Lab, unit: float) -> Flags:
    """Moves the outline, by some pixels, to the middle between subject and backdrop where these are well apart."""
    depth = cv2.distanceTransform(found.astype(np.uint8), cv2.DIST_L2, 5)
    away = cv2.distanceTransform((~found).astype(np.uint8), cv2.DIST_L2, 5)
    sure = (depth > 3 * unit).astype(np.float32)
    share = cv2.GaussianBlur(sure, (0, 0), 4 * unit)[..., None]
    front = cv2.GaussianBlur(colours * sure[..., None], (0, 0), 4 * unit) / np.maximum(share, 1e-4)
    span = front - beside
    length = np.sum(span * span, axis=2)
    told = (share[..., 0] > 0.02) & (length > _PLACED**2) & ~grown(cloth, round(NEAR * unit))
    told &= (depth + away) < 3.5 * unit
    inside = np.sum((colours - beside) * span, axis=2) > 0.5 * length
    evened = cv2.GaussianBlur(np.where(told, inside, found).astype(np.float32), (0, 0), _EVENED * unit)
    return np.asarray(evened > 0.5, bool)
