"""A photo of somebody in the garment is not dressed on another by a finder that mixes cloth and skin."""

import numpy as np
import pytest

from pipeline import config as configs
from pipeline.models import Models
from pipeline.tasks.generate import Generate
from stages.contracts import Photo
from stages.errors import DoubtError
from stages.find.finder import Finder
from stages.find.network import Seen
from stages.options import SegmentOptions
from tests.stages.find.drawn import draw


class Looking(Models):
    """Models whose network sees the drawn garment, on somebody or not."""

    def __init__(self, matte: np.ndarray, worn: float) -> None:
        super().__init__()
        matte, none = matte.astype(np.float32), np.zeros(matte.shape, np.float32)
        kind = {"flat": 1 - worn, "worn": worn}
        self.found = Finder(lambda picture: Seen(matte, none, none, none, 1 - matte, {"top": 1.0}, {}, kind))

    def segmenter(self, options: SegmentOptions) -> Finder:
        return self.found


@pytest.mark.parametrize(
    ("worn", "said", "refused"),
    [
        (1.0, {}, True),
        (0.5, {}, False),
        (1.0, {"garment": "top"}, True),
        (1.0, {"garment_box": "40,40,248,340"}, False),
    ],
)
def test_a_worn_garment_needs_somebody_to_say_where_it_is(worn: float, said: dict[str, str], refused: bool) -> None:
    drawn = draw("tee", height=384)
    config = configs.resolve(flags={"segment": said})
    photo, models = Photo("p.png", drawn.pixels, ""), Looking(drawn.matte, worn)
    if refused:
        with pytest.raises(DoubtError, match=r"p\.png shows the garment on somebody.*--matte"):
            Generate().cut(photo, config, models)
    else:
        assert (Generate().cut(photo, config, models).matte == 1).any()
