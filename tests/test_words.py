"""Code, commands and documents use the terms of docs/glossary.md and none of the words that it replaces."""

import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AVOIDED = {  # word -> the term of the glossary
    r"pictures?(?!\.py)": "image",
    r"bytewise": "int8",
    r"(?:go|goes|went|going) on": "resume, continue",
    r"left out": "skipped",
    r"(?:take|takes|took|taken) away": "remove",
    r"let(?:s)? go": "clear",
    r"right answers?": "true match",
    r"wrong answers?": "false match",
    r"(?:some|no)body": "a person, an identity",
    r"by heart": "overfitting",
    r"anew": "again",
    r"joined networks?": "ensemble",
}
EARLIER = {
    '"pictures"',
    '"nobody"',
    '"--bytewise"',
}  # keys, values and options of earlier versions, which are still read
PATTERN = re.compile(r"\b(?:" + "|".join(AVOIDED) + r")\b", re.I)
PYTHON = sorted(path for top in ("core", "app", "bench") for path in (ROOT / top).rglob("*.py"))
SCRIPTS = sorted([*(ROOT / "app" / "components").glob("*.js"), *(ROOT / "app" / "classroom" / "page").glob("*.[jh]*")])
EXEMPT = {ROOT / "docs" / "glossary.md", ROOT / "CHANGELOG.md"}  # they list the earlier words
DOCUMENTS = sorted({path for top in ("", "docs/", "checkpoints/*/") for path in ROOT.glob(f"{top}*.md")} - EXEMPT)


def find_avoided(text: str) -> list[str]:
    """Words of a text, white space taken as one space, that the glossary replaces."""
    return PATTERN.findall(" ".join(text.split()))


def texts_of(path: Path) -> list[str]:
    """Strings and comments of a Python file; consecutive comments are one text."""
    texts, comment, row = [], "", 0
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                comment = f"{comment} {token.string[1:]}" if token.start[0] == row + 1 else token.string[1:]
                row = token.start[0]
                texts.append(comment)
            elif (
                token.type in (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)) and token.string not in EARLIER
            ):
                texts.append(token.string)
    return texts


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_uses_the_terms(path):
    assert [(text, found) for text in texts_of(path) if (found := find_avoided(text))] == []


@pytest.mark.parametrize("path", SCRIPTS + DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_other_texts_use_the_terms(path):
    assert find_avoided(path.read_text(encoding="utf-8")) == []


def test_an_avoided_word_is_found():
    assert find_avoided("Show the\n    pictures; 3 files were left\nout.") == ["pictures", "left out"]
    assert find_avoided("Show the images; 3 files were skipped. The pictured case is a goer.") == []
