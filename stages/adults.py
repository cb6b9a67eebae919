"""People are adults: words that ask for a minor are refused, in castings, scenes and prompts.

Words speak of people or of things: "a minor in a dress" is refused, "minor creases" and "3 year old leather" are not.
In doubt they are taken for people.
"""

import re
import unicodedata


def _any(words: str) -> str:
    """Returns a pattern for any of the words, which have spaces between them and _ for a space."""
    return "(" + "|".join(each.replace("_", " ") for each in words.split()) + ")"


_PEOPLE = _any(
    r"""
    girls? boys? lad(s|dies)? lass(es|ies)? kid(s|do)? child(ren)? models? person people human wom[ae]n m[ae]n lady
    ladies guys? females? males? daughters? sons? sisters? brothers? students? pupils? teens? she he her him they who
    whose actors? actress(es)? dancers? athletes? blondes? brunettes? redheads? twins? princess(es)? face figure
    """
)
#: What has an age, or is called minor, without being somebody: stuff, things, places and what happens to them.
_THINGS = _any(
    r"""
    acacia alley apartment archive armchair ash asphalt balustrade barn barrels? bark beams? bench(es)? boards? bolt
    books? boots? bottles? bricks? brickwork bridge bronze building buttons? cabin cabinets? camera canvas car
    carpets? cars castle chairs? chest church cloth clothes clothing coats? coins? concrete copper cork
    corridor cotton courtyard cushions? damage denim desk details? doors? dress(es)? fabrics? factory fades? fading
    farm(house)? fence finish fittings? floor(boards|s)? frames? furniture garage garden garments? gate glass
    gloves? guitar hall hats? hedge heels? hide house iron ivy jackets? jeans jumper key lace lamps? leather library
    linen lining linoleum mansion marble mattress metal mirror motorcycle moss oak olive orchard paint(ing)? palace
    panels? parquet patina paving piano pine pipes? planks? plaster plants? pots? print pub quilt
    railing ring rivets? road robe roof room rope rug ruins? rum sails? scarf scarves scooter seams? selvedge
    shelf shelves shirts? shoes? shop silk silver skirts? sneakers? sofas? stains? staircase station steel stone stool
    store street suede suits? suitcase sweaters? tables? tapestry tarmac teak temple theatre tiles? timber town
    trainers? trees? trousers truck trunk tweed upholstery van varnish velvet village villa vines? vineyard vinyl
    wallpaper walls? wardrobe warehouse watch whisk(e)?y windows? wine wood(en)? wool woodwork workshop yarn bourbon
    brandy cheese cognac oil vinegar chestnut elm birch cedar walnut bonsai terracotta rubber
    """
)
#: What may be minor without being a person...
_FLAWS = _any(
    r"""
    adjustments? alterations? blemish(es)? bumps? changes? chips? chords? corrections? cracks? crease[sd]? creasing
    damages? defects? dents? details? differences? discolou?rations? dust edits? errors? fad(ing|es?) faults? fixes
    flaws? folds? fraying frays? glare imperfections? issues? key league leagues loose lines? marks? noise nicks?
    parts? pilling pills planets? players?_on problems? pulls? reflections? repairs? retouch(ing|es)? roads? roles?
    rubs? scales? scratch(es)? scuff(s|ing|ed|marks?)? shadows? shifts? signs? smudges? snags? spots? stain(s|ing)?
    stitch(es|ing)? streets? tears? texture thirds? tones? traces? tweaks? variations? wear wrinkl(es?|ing) works?
    color colour
    """
)
#: Ends what an age or "minor" can be said of: "a 9 year old in leather" is not leather.
_ENDS = (
    r"(in|on|with|at|by|near|from|of|and|or|to|for|who|that|under|over|behind|beside|wear(ing|s)|[a-z]+(?<!l)(?<!r)ing)"
)
#: ...also behind its adjectives: "minor surface scratches", "minor and even fading".
_ADJECTIVES = rf"((?!({_PEOPLE}|{_ENDS})\b)[a-z-]+[ ]+){{0,2}}"

_NUMBERS = _any(
    r"""
    1[0-7] [1-9] one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen
    """
)
#: Words for minors that mean nobody else.
_ALWAYS = re.compile(
    r"\b(child(ren)?|childlike|schoolchild(ren)?|kids|toddlers?|infants?|newborns?|tweens?|(pre)?teens?|teeny|"
    r"bab(y|ies)(?! (blue|pink|green|yellow|doll|alpaca|cord|corduroy|hair|bangs|breath|grand|steps?|tee|rib))|"
    r"(pre)?teenage[dr]?s?|adolescents?|juveniles?|(pre)?pubescent|under-?aged?|lolitas?|lolis?|jailbait|"
    r"school ?(girl|boy)s?|(little|young|small|tiny) (girl|boy)s?|kindergart(e?n)ers?|preschoolers?|"
    r"(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth) graders?|(middle|high) ?schoolers?)\b"
)
_KID = re.compile(r"\bkid\b(?! (leather|suede|skin|mohair|gloves?|goat))")
_MINOR = re.compile(r"(?<!asia )(?<!ursa )\bminors?\b")
_AGES = re.compile(
    rf"\b((aged?|age of|age is|age:|girl of|boy of|turning|just turned) {_NUMBERS}\b|"
    rf"{_NUMBERS}[ -]?((years?|yrs?|months?|weeks?)[ -]?(old|of age)|y/?o|y\.o\.?|(year|yr)s?,? (girl|boy)))"
    r"(?![a-z0-9])"
)
_MINOR_THING = re.compile(rf"^minor (and |but |to moderate )?{_ADJECTIVES}{_FLAWS}\b")
_THING_AFTER = re.compile(
    rf"^[ -]*((?!({_PEOPLE}|{_ENDS})\b)[a-z'-]+[ -]+){{0,3}}{_THINGS}\b(?![ -]+([a-z'-]+[ -]+)?{_PEOPLE}\b)"
)
_TENS = re.compile(r"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|hundred and)[ -]$")
_THING_BEFORE = re.compile(rf"\b{_THINGS}(,| is| are| that is| that are| about| nearly| almost| over)*[ ,]*$")
#: "Jeans, 5 years old" speaks of jeans; "in a garden, aged 15" of somebody in it.
_PLACED = re.compile(r"\b(in|on|at|by|near|beside|under|before|behind|inside|outside|against|with)\b.*,\s*$")
_PERSON = re.compile(rf"\b{_PEOPLE}\b")


def of_adults(words: str) -> str:
    """Returns the words back. Raises ValueError when they ask for a minor."""
    found = _minor(_read(words))
    if found:
        raise ValueError(f"people are adults here: leave out {found!r}")
    return words


def _read(words: str) -> str:
    """Returns words as they are read: one spelling of each letter, nothing invisible, no case, single spaces."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", words) if unicodedata.category(each) != "Cf")
    dashes = re.sub("[\u2010-\u2015\u2212]", "-", seen).replace("\u2019", "'").replace("_", " ")
    return " ".join(dashes.casefold().split())


def _minor(words: str) -> str | None:
    """Returns what in the words speaks of a minor."""
    for pattern in (_ALWAYS, _KID):
        found = pattern.search(words)
        if found:
            return found.group()
    for found in _MINOR.finditer(words):
        if not (found.group() == "minor" and _flaw(words, found)):
            return found.group()
    for found in _AGES.finditer(words):
        if not _thing(words, found):
            return found.group()
    return None


def _flaw(words: str, found: re.Match[str]) -> bool:
    """Whether "minor" is said of what happens to things: before it, or of it ("creases are minor")."""
    if _MINOR_THING.match(words[found.start() :]):
        return True
    clause = re.split(r"[.;,]", words[: found.start()])[-1]
    ends = re.match(r"\s*($|[.;,)])", words[found.end() :])
    said = re.search(rf"\b{_FLAWS} (is|are|was|were|look|looks|only|very|quite|rather|at most| )+$", clause)
    return bool(ends and said and not _PERSON.search(clause))


def _thing(words: str, found: re.Match[str]) -> bool:
    """Whether an age is a thing's: one follows before anybody does, or stands just before it and nobody near."""
    before, after = words[: found.start()], words[found.end() :]
    if _THING_AFTER.match(after) or _TENS.search(before):
        return True
    clause = re.split(r"[.;]", before)[-1]
    ends = re.match(r"\s*($|[.;,)])", after)
    return bool(ends and _THING_BEFORE.search(clause) and not _PERSON.search(clause) and not _PLACED.search(clause))
