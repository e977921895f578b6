"""What can be made more varied than in the shipped set, each group by itself: `--vary cameras crops`.

Without any of them a rendering is the shipped one, byte for byte. Every group draws from generators of its own name,
so one more group changes nothing that the others drew, and what it does to a network can be measured.

`calm` is the opposite, and not one of `all`: of varied cameras it makes such as real data sets have.
"""

GROUPS = {
    "cameras": "casts, exposure, contrast, blur, resolution, noise, sharpening, compression; height, distance, roll",
    "crops": "boxes like a detector's: margins, shifts, other shapes, feet or heads cut off",
    "clothes": "street colours, coats, dresses, open jackets, layers, prints, weaves, folds",
    "backgrounds": "paving, grass, brick, glass, shops, trees, cars, railings, strangers, shadows on the ground",
    "light": "hard sun, overcast, dusk, night, halls; the sun anywhere; people in the shade or under leaves",
    "occlusion": "groups, passers-by before and behind, poles, railings, bicycles, plants",
    "carried": "bags of all sizes and colours, shopping, suitcases, umbrellas, books, phones",
    "hair": "lengths, colours, receding hair, hoods, headscarves, glasses, skin tones",
    "poses": "standing, strolling, turning, looking down, telephoning, hands in pockets, folded arms",
    "bodies": "more spread in height, weight and age",
}
CALM = "calm"
ALL = "all"


def chosen(names):
    """Names as given, `all` among them or not -> the groups in the order above. Raises ValueError."""
    names = list(names)
    for name in names:
        if name not in (*GROUPS, CALM, ALL):
            raise ValueError(f"there is no variety {name!r}; choose among {', '.join(GROUPS)}, {CALM}, or {ALL}")
    if CALM in names and not {"cameras", ALL} & set(names):
        raise ValueError("calm cameras are varied ones made alike: give cameras as well, or all")
    return tuple(group for group in (*GROUPS, CALM) if group in names or (ALL in names and group != CALM))
