"""Write the classroom page: HTML, style, one script, and the data as scripts."""

from pathlib import Path

from app.classroom.bundle import PAGE, bundle
from app.classroom.network import network_arrays
from app.classroom.pack import pack_script, smallest
from app.classroom.people import choose_probes, image_arrays, mean_vectors, ranking_arrays
from app.shared.images import read_images
from core.atomic_files import replace_file
from core.errors import UserError
from core.folders import CHECKOUT
from core.galleries.cache import load_or_describe
from core.inference.model import load

MAX_BYTES = 12_000_000
COPIED = ("index.html", "style.css")
NOT_EMPTY = "The folder {folder} is not empty. Name a new folder, or delete it first."
TOO_LARGE = "The page has {size:.1f} MB; the limit is {limit:.0f} MB. Use a smaller gallery or network."


def export_page(folder: Path, data: Path, checkpoint: Path) -> int:
    """Write the page for a data set and a model.

    Args:
        folder: The folder to write. It is created, and replaced if it holds an earlier page.
        data: The folder of the data set.
        checkpoint: The checkpoint of the model.

    Returns:
        The size of the page in bytes.

    Raises:
        UserError: If the folder holds other files, the page cannot compute the network, the data cannot be read, or the
            page is too large.
        OSError: If the system refuses to write.
    """
    _check_folder(folder)
    files = {name: (PAGE / name).read_bytes() for name in COPIED} | {"classroom.js": bundle().encode()}
    model, images = load(checkpoint, "cpu"), read_images(data)
    arrays, about = network_arrays(model.network, checkpoint.name)
    gallery, probes = load_or_describe(data, model, checkpoint), choose_probes(images)
    arrays["baseline"] = smallest(mean_vectors(model, gallery))
    packs = {
        "ranking": ranking_arrays(model, gallery, probes, images),
        "images": image_arrays(gallery, probes),
        "network": (arrays, about),
    }
    files |= {f"{name}.js": pack_script(name, *pack) for name, pack in packs.items()}
    files["LICENSE.txt"] = _licences(data)
    if (size := sum(map(len, files.values()))) > MAX_BYTES:
        raise UserError(TOO_LARGE.format(size=size / 1e6, limit=MAX_BYTES / 1e6))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with replace_file(folder / name) as temporary:
            temporary.write_bytes(content)
    return size


def _check_folder(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / "classroom.js").is_file()):
        raise UserError(NOT_EMPTY.format(folder=folder))


def _licences(data: Path) -> bytes:
    """Return the terms of the program and of the data, as far as their files are there."""
    found = [path for path in (CHECKOUT / "LICENSE", data / "LICENSE") if path.is_file()]
    return b"\n\n".join(path.read_bytes() for path in found)
