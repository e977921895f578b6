"""Makes links of the guides that lead out of docs/ work on the web site; on GitHub they work as they are.

Images of assets/ become files of the site. A link to code becomes its text, because the site holds no code.
"""

import re
from pathlib import Path

from mkdocs.structure.files import File

ASSETS = Path(__file__).parents[1] / "assets"


def on_files(files, config):
    """Add the images of assets/ to the files of the site."""
    for image in [*ASSETS.glob("*.webp"), *ASSETS.glob("*.gif")]:
        files.append(File.generated(config, f"assets/{image.name}", abs_src_path=str(image)))
    return files


def on_page_markdown(markdown, **_):
    """Rewrite the links of a page that lead out of docs/."""
    markdown = re.sub(r"\]\(\.\./(assets/[^/)]+\.(?:webp|gif))\)", r"](\1)", markdown)
    return re.sub(r"(?<!!)\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", markdown)
