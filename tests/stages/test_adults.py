"""People are adults; things may be minor, and as old as they are."""

import pytest

from stages.adults import of_adults

THINGS = (
    "only minor creases",
    "3 year old patina leather",
    "minor surface scratches",
    "creases are minor",
    "a minor key",
    "very minor wear, soft light",
    "an 8-year-old oak table in the back",
    "ten year old whisky barrel",
    "jeans, 5 years old",
    "leather that is 3 years old",
    "baby blue dress",
    "kid leather gloves",
    "a woman of 25 years old",
    "a 35 year old woman",
    "18 years old model",
    "twenty one years old",
    "minor and even fading",
    "a 12-month-old vintage denim jacket",
    "120 years old house",
    "the wall is 17 years old",
    "Asia Minor landscape style",
    "no minor damage",
    "aged 12 years whisky barrels",
    "with minor stains on the hem",
    "mature woman, aged 40",
    "black teak floor, seven years old",
    "a minor detail on the cuff",
    "babydoll dress",
    "the age of 16th century paintings",
)
MINORS = (
    "a minor in a dress",
    "a minor",
    "minors playing",
    "model is a minor",
    "minor girl",
    "12 year old",
    "12 year old girl in a leather jacket",
    "a 12-year-old in a denim jacket",
    "twelve years old, smiling",
    "she is 12 years old",
    "a girl aged 12",
    "aged 9 wearing jeans",
    "school girl",
    "young boy",
    "kids",
    "a child",
    "teenage model",
    "15yo",
    "15 y/o model",
    "sixteen-year-old blonde",
    "16 year old leather model",
    "little girl",
    "a 14 year old wearing a shirt",
    "a 14 year old, denim shirt",
    "minor model",
    "minor with creases",
    "the model looks minor",
    "underage",
    "\uff4d\uff49\uff4e\uff4f\uff52 girl",
    "te\u200ben",
    "girl of 12",
    "a 3 month old baby",
    "12\u2013year\u2013old",
    "toddler",
    "a ten-year-old Asian",
    "7 years of age",
    "age of 15",
    "school_girl",
    "high schooler",
    "the model is minor",
    "newborn",
    "a kid",
    "tiny girl",
)


@pytest.mark.parametrize("words", THINGS)
def test_things_are_read_as_things(words: str) -> None:
    assert of_adults(words) == words
    assert of_adults(f"Studio light, {words.title()}, 35mm.").endswith("35mm.")


@pytest.mark.parametrize("words", MINORS)
def test_minors_are_refused_however_they_are_spelled(words: str) -> None:
    for told in (
        words,
        words.upper(),
        f"a photo, {words}, minor creases, 3 year old leather",
        words.replace("-", "\u2011"),
    ):
        with pytest.raises(ValueError, match="people are adults here"):
            of_adults(told)
