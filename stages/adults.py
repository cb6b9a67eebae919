"""People are adults: words that ask for a minor are refused, in castings and in prompts."""

import re

#: Words for minors. Castings and prompts that use one are refused: pictures of people are of adults.
MINORS = re.compile(
    r"\b(child(ren)?|kids|toddlers?|infants?|(pre)?teens?|(pre)?teenage[dr]?s?|adolescents?|underage|"
    r"school(girl|boy)s?|(little|young) (girl|boy)s?|minors?|(aged?|age of) (1[0-7]|[1-9])|"
    r"(1[0-7]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen)[ -]?((years?|yrs?|months?)[ -]?(old|of age)|y/?o))\b",
    re.IGNORECASE,
)


def of_adults(words: str) -> str:
    """Gives the words back. Raises ValueError when they ask for a minor."""
    found = MINORS.search(words)
    if found:
        raise ValueError(f"people are adults here: leave out {found.group()!r}")
    return words
