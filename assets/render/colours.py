"""The colours of cloth, skin and hair by name, as sRGB, and the way from sRGB to linear light."""

import numpy as np

CLOTH = {
    "black": (24, 24, 26), "white": (228, 228, 224), "grey": (128, 129, 132), "darkgrey": (66, 67, 72),
    "navy": (28, 36, 72), "blue": (50, 84, 150), "lightblue": (136, 172, 208), "red": (162, 40, 42),
    "maroon": (98, 26, 40), "green": (40, 116, 66), "olive": (92, 94, 56), "beige": (198, 178, 142),
    "brown": (100, 70, 48), "yellow": (222, 186, 48), "orange": (214, 112, 38), "purple": (98, 58, 128),
    "pink": (218, 138, 160), "teal": (44, 112, 118), "denim": (66, 86, 120), "lightdenim": (122, 144, 172),
}  # fmt: skip

STREET = {  # as clothes are on the street, for `--vary clothes`
    "black": (25, 25, 27), "charcoal": (52, 53, 57), "grey": (112, 113, 116), "lightgrey": (168, 168, 168),
    "white": (226, 226, 223), "cream": (216, 206, 182), "navy": (32, 38, 62), "royal": (38, 62, 132),
    "blue": (62, 92, 142), "lightblue": (148, 176, 206), "denim": (72, 90, 118), "indigo": (44, 52, 74),
    "lightdenim": (126, 144, 168), "red": (164, 38, 42), "maroon": (88, 30, 40), "green": (48, 112, 70),
    "forest": (38, 62, 48), "olive": (86, 86, 58), "khaki": (142, 128, 98), "beige": (190, 172, 142),
    "brown": (88, 64, 48), "pink": (210, 138, 156), "rose": (200, 60, 104), "purple": (88, 56, 112),
    "lavender": (172, 160, 198), "yellow": (214, 182, 66), "orange": (206, 108, 46), "teal": (44, 106, 112),
    "mint": (158, 204, 184),
}  # fmt: skip

HAIR = {
    "black": (20, 17, 16), "brown": (62, 42, 28), "blond": (176, 140, 84), "red": (122, 62, 34),
    "grey": (148, 146, 142),
}  # fmt: skip

SKIN = {  # the lightest first
    1: (238, 200, 176), 2: (226, 184, 154), 3: (206, 160, 124), 4: (178, 128, 94), 5: (134, 90, 62),
    6: (92, 60, 44),
}  # fmt: skip


def linear(srgb):
    """sRGB 0..255 -> linear light 0..1, any shape, float32."""
    c = np.asarray(srgb, np.float32) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)
