"""Small text has a contrast of at least 4.5 (WCAG 2.2, 1.4.3) in both themes."""

import re
import tomllib
from pathlib import Path

import pytest

from app.shared.context import CSS

APP = Path(__file__).parents[3] / "app"
THEMES = tomllib.loads((APP / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in (APP / "components").glob("*.css")} | {"context": CSS}
EXEMPT = {".excluded img", ".divider", ".link .seen", ".cone", ".tools button:disabled"}  # images, lines, disabled
LEAST = 4.5


def rgb(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def mix(front: list[float], back: list[float], share: float) -> list[float]:
    return [share * a + (1 - share) * b for a, b in zip(front, back, strict=True)]


def luminance(colour: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faded() -> dict[str, float]:
    """The opacity of each rule for text, by sheet and selector."""
    found = {}
    for sheet, css in SHEETS.items():
        for selector, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", css, flags=re.S)):
            opacity = re.search(r"(?<![-\w])opacity: ([\d.]+)", rule)
            if opacity and float(opacity[1]) < 1 and selector.strip() not in EXEMPT:
                found[f"{sheet} {selector.strip()}"] = float(opacity[1])
    return found


def test_contrast_of_known_colours():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)
    assert "image_grid.css .line span, .below" in faded()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_the_theme(theme):
    colours = THEMES[theme]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        for name in ("textColor", "linkColor", "greenTextColor", "redTextColor", "primaryColor"):
            assert contrast(rgb(colours[name]), rgb(colours[ground])) >= LEAST, (name, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("rule", faded())
def test_faded_text(theme, rule):
    colours = THEMES[theme]
    text, ground = rgb(colours["textColor"]), rgb(colours["secondaryBackgroundColor"])
    assert contrast(mix(text, ground, faded()[rule]), ground) >= LEAST


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_of_parts(theme):
    colours = THEMES[theme]
    found = re.findall(r"text\.part-\d \{ fill: color-mix\(in srgb, (#\w+) (\d+)%", SHEETS["region_scene.css"])
    assert len(found) == 3
    for colour, share in found:
        text = mix(rgb(colour), rgb(colours["textColor"]), int(share) / 100)
        assert contrast(text, rgb(colours["backgroundColor"])) >= LEAST, colour


def test_symbols_on_crops():
    found = re.findall(r"\.symbol \{ background: (#\w+); \}", SHEETS["image_grid.css"])
    assert len(found) == 2 and all(contrast(rgb("#ffffff"), rgb(colour)) >= LEAST for colour in found)
