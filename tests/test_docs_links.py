"""The documents lead where they say: files, headings, functions, and the navigation of the web site."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"!?\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\]|\[!\[.*?\]\(.*?\)\])*)\]\((?P<target>[^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\((?P<target>[^)\s]+)\)")


def tracked_documents() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split("\n") if listed.returncode == 0 else []
    found = [ROOT / name for name in names if name and (ROOT / name).exists()]
    return found or [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("checkpoints/*/card.md")]


DOCUMENTS = tracked_documents()


def without_code(document: Path) -> str:
    """The text without code blocks and code spans' brackets, which hold no links."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.S | re.M)
    return "\n".join(line for line in text.split("\n") if not line.startswith("    "))


def links(document: Path) -> list[tuple[str, str]]:
    """(text, target) of every link and image that leads to a file or a heading of the repository."""
    text = without_code(document)
    found = [(match["text"], match["target"]) for match in LINK.finditer(text)]
    found += [("", match["target"]) for match in IMAGE.finditer(text)]
    return [(words, target) for words, target in found if not re.match(r"[a-z]+:", target)]


@cache
def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub and mkdocs make them."""
    names: set[str] = set()
    for heading in re.findall(r"^#+ (.*)$", without_code(document), re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
        name = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
        number = 1
        while name in names:
            name, number = f"{name.removesuffix(f'-{number - 1}')}-{number}", number + 1
        names.add(name)
    return names


def broken_links(document: Path) -> list[str]:
    broken = []
    for _, target in links(document):
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(target)
    return broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(document):
    assert not broken_links(document)


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# A title: with `code`\n[good](#a-title-with-code), [also](page.md#a-title-with-code), [web](https://there)\n"
        "[no file](gone.md), ![no image](gone.png), [no heading](#gone), [no heading there](page.md#gone)\n"
        "    [in a code block](gone.md)\n[![badge](gone-badge.svg)](gone-target.md)\n"
    )
    expected = ["gone.md", "gone.png", "#gone", "page.md#gone", "gone-target.md", "gone-badge.svg"]
    assert sorted(set(broken_links(page))) == sorted(expected)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_functions_are_in_the_linked_files(document):
    """A link such as [`bilinear_pool`](core/models/bilinear_pooling.py) leads to the file that defines the name."""
    for words, target in links(document):
        if target.endswith(".py") and re.fullmatch(r"`\w+`", words):
            source = (document.parent / target).read_text(encoding="utf-8")
            name = words.strip("`")
            assert re.search(rf"^\s*(def|class) {name}\b|^{name}\b.*=", source, re.M), f"{target} defines no {name}"


def test_the_web_site_has_every_guide():
    listed = set(re.findall(r"([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.M))
    assert listed == {document.name for document in (ROOT / "docs").glob("*.md")}


def modules_of_the_api() -> list[str]:
    """Modules whose functions and classes docs/api.md shows."""
    named = re.findall(r"^::: ([\w.]+)\.\w+$", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.M)
    return sorted(set(named))


@pytest.mark.parametrize("name", modules_of_the_api())
def test_described_arguments_have_a_type(name):
    """The strict build of the web site fails without."""
    file = ROOT / f"{name.replace('.', '/')}.py"
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef) and "Args:" in (ast.get_docstring(function) or ""):
            every = function.args
            found = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]
            untyped = {one.arg for one in found if one and not one.annotation} - {"self", "cls"}
            assert not untyped, f"{file}: {function.name}"


def test_the_readme_links_every_guide():
    targets = {target.partition("#")[0] for _, target in links(ROOT / "README.md")}
    guides = {f"docs/{document.name}" for document in (ROOT / "docs").glob("*.md")} - {"docs/index.md"}
    assert guides <= targets


def test_the_renderers_files_are_there():
    table = read_section(ROOT / "docs" / "renderer.md", "How it works")
    for name in re.findall(r"`(\w+\.py)`", table):
        assert (ROOT / "assets" / "render" / name).exists(), name


def read_section(document: Path, heading: str) -> str:
    return document.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
