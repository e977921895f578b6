"""The colours of cloth, skin and hair by name, as sRGB, and the way from sRGB to linear light."""

import numpy as np

CLOTH = {
    "black": (24, 24, 26), "white": (228, 228, 224), "grey": (128, 129, 132), "darkgrey": (66, 67, 72),
    "navy": (28, 36, 72), "blue": (50, 84, 150), "lightblue": (136, 172, 208), "red": (162, 40, 42),
    "maroon": (98, 26, 40), "green": (40, 116, 66), "olive": (92, 94, 56), "beige": (198, 178, 142),
    "brown": (100, 70, 48), "yellow": (222, 186, 48), "orange": (214, 112, 38), "purple": (98, 58, 128),
    "pink": (218, 138, 160), "teal": (44, 112, 118), "denim": (66, 86, 120), "lightdenim": (122, 144, 172),
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
