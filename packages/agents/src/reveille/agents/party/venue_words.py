"""What people call places, and what they want of them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from reveille.agents.reading import Vocabulary, vocabulary

SETTINGS: Final[Mapping[str, Sequence[str]]] = {
    "indoor": ("indoors", "inside", "under a roof", "heated"),
    "outdoor": ("outdoors", "outside", "open air", "al fresco", "in the open"),
}
# What people call a kind besides its own name and those of its places.
_KINDS: Final[Mapping[str, Sequence[str]]] = {
    "park pavilion": ("park", "pavilion", "picnic area", "meadow"),
    "garden": ("backyard", "yard"),
    "botanical house": ("greenhouse", "glasshouse", "botanical garden", "orangery"),
    "community hall": ("hall", "community center", "community centre", "church hall", "clubhouse"),
    "barn": ("stable", "ranch"),
    "loft": ("studio", "warehouse"),
    "rooftop": ("roof", "roof terrace", "sky bar"),
    "restaurant": ("bistro", "diner", "cafe", "private dining"),
    "ballroom": ("banquet hall", "banquet"),
    "science museum": ("museum", "planetarium", "observatory"),
    "aquarium room": ("aquarium",),
    "beer garden": ("brewery", "pub", "terrace", "courtyard"),
    "play centre": ("play center", "playground", "soft play", "trampoline", "indoor playground"),
    "gallery": ("art gallery", "atelier"),
    "theatre": ("theater", "cinema", "playhouse"),
    "sports club": ("gym", "stadium", "sport hall", "tennis club", "boathouse"),
    "manor": ("mansion", "villa", "castle", "country house", "estate"),
    "campsite lodge": ("lodge", "cabin", "campsite", "camp"),
}
_FEATURES: Final[Mapping[str, Sequence[str]]] = {
    "wheelchair access": ("wheelchair", "accessible", "barrier free", "step free"),
    "parking": ("car park", "parking lot"),
    "stage": (),
    "projector": ("screen", "beamer"),
    "dance floor": ("dancing",),
    "grills": ("grill",),
    "fire pit": ("campfire", "bonfire"),
    "lawn": ("grass",),
    "bar": (),
    "overnight rooms": ("overnight", "sleep over"),
    "skyline view": ("view", "skyline"),
    "sound system": ("speaker", "sound"),
}


@cache
def setting_words() -> Vocabulary:
    return vocabulary(SETTINGS)


@cache
def kind_words() -> Vocabulary:
    return vocabulary(_KINDS)


@cache
def feature_words() -> Vocabulary:
    return vocabulary(_FEATURES)
