"""From casting and scene to the words a model is given.

The renderer of the house model's training figures builds its captions here too, so that a casting means the
same to every model.
"""

from collections.abc import Collection

from stages.casting import Casting, Scene, shod
from stages.contracts import Category, Framing, Prompt, View

#: Words for the ten tones of the Monk Skin Tone scale (skintone.google), lightest first.
SKIN = (
    "porcelain", "fair", "light", "beige", "tan",
    "golden brown", "brown", "dark brown", "deep brown", "ebony",
)  # fmt: skip

FRAMING: dict[Framing, str] = {
    "full": "full body",
    "three-quarter": "head to thighs",
    "half": "head to hips",
    "lower": "chest to feet",
}

#: Words for what an outfit is made of.
OUTFIT = {
    "outerwear": "a coat", "dress": "a dress", "top": "a top", "swim": "swimwear", "bottom": "trousers",
    "skirt": "a skirt", "shoes": "shoes", "hat": "a hat", "bag": "a bag", "belt": "a belt", "scarf": "a scarf",
    "necklace": "a necklace", "earrings": "earrings", "glasses": "glasses", "watch": "a watch", "ring": "a ring",
}  # fmt: skip


def build(
    casting: Casting,
    scene: Scene,
    category: Category,
    framing: Framing,
    view: View,
    extra: str = "",
    avoid: str = "",
    outfit: Collection[str] = (),
) -> Prompt:
    """Returns the prompt of one picture.

    Parts that the garment covers or the frame cuts off are not named: a word for an unseen shoe is paid for
    with a shoe in the wrong place. `outfit` are the kinds of an outfit's garments, where several are kept. `extra` goes
    to the end of the prompt, `avoid` to the end of the negative one.
    """
    worn: tuple[str, ...] = {
        "top": ("a top", casting.bottom),
        "bottom": ("trousers", casting.top),
        "skirt": ("a skirt", casting.top),
        "dress": ("a dress", ""),
        "outerwear": ("a coat", casting.bottom),
        "swim": ("swimwear", ""),
    }[category]
    if outfit:
        own = [OUTFIT[kind] for kind in OUTFIT if kind in outfit]
        worn = (*own, "" if {"dress", "swim", "bottom", "skirt"} & {*outfit} else casting.bottom)
    clothes = [word for word in worn if word]
    if framing in ("full", "lower") and "shoes" not in outfit:
        clothes.append(shod(casting, scene).shoes)
    parts = [f"photo of {person(casting)}"]
    if framing != "lower":
        parts.append(f"{casting.hair_style} {casting.hair_colour} hair")
    parts.append("wearing " + " and ".join(clothes))
    parts.append(f"{scene.place}, {scene.light}")
    parts.append(f"{FRAMING[framing]}, {view} view")
    parts += [word for word in (casting.wording, scene.wording, extra) if word]
    negative = [
        word
        for word in ("extra limbs, deformed hands, second garment, blurry", casting.avoid, scene.avoid, avoid)
        if word
    ]
    return Prompt(", ".join(parts), ", ".join(negative), casting.references)


def person(casting: Casting) -> str:
    """Returns who the model is, in words, without hair and clothes."""
    article = "an" if casting.build[0] in "aeiou" else "a"
    return f"{article} {casting.build} {casting.person} with {SKIN[casting.skin - 1]} skin"
