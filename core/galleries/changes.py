"""Changes of a named gallery's images by the user: removed images, other labels and tags.

changes.json in the gallery's folder has one entry for each changed image: its path in the table of images, and any of
`removed`, `identity`, `camera` and `tags`. Each update applies the changes to the images of the sources. The files of
the sources are never changed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from core.counts import counted
from core.data.cameras import MAX_CAMERA
from core.errors import UserError
from core.galleries.gallery_folder import StoredGallery
from core.json_file import read_json, write_json

CHANGES = "changes.json"
REMOVED, IDENTITY, CAMERA, TAGS = "removed", "identity", "camera", "tags"  # keys of an entry
Changes = dict[str, dict[str, Any]]  # by path


def read_changes(gallery: StoredGallery) -> Changes:
    """Read the changes of a gallery."""
    file = gallery.folder / CHANGES
    return read_json(file) if file.exists() else {}


def remove_images(gallery: StoredGallery, paths: Iterable[str]) -> None:
    """Remove images from the gallery at the next update. The files are not deleted."""
    _change(gallery, paths, {REMOVED: True})


def relabel_images(
    gallery: StoredGallery, paths: Iterable[str], identity: str | None = None, camera: int | None = None
) -> None:
    """Change the labels of images at the next update.

    Args:
        gallery: The gallery.
        paths: The paths of the images in the table of images.
        identity: The new identity, "" for unlabelled; None leaves the identity.
        camera: The new camera, 0 for unknown; None leaves the camera.

    Raises:
        UserError: If the camera is not a number of a camera.
    """
    if camera is not None and not 0 <= camera <= MAX_CAMERA:
        raise UserError(f"The camera must be a number from 0, which means unknown, to {MAX_CAMERA:,}, not {camera}.")
    labels = {IDENTITY: None if identity is None else identity.strip(), CAMERA: camera}
    _change(gallery, paths, {name: value for name, value in labels.items() if value is not None})


def set_identities(gallery: StoredGallery, identities: Mapping[str, str]) -> None:
    """Give images other identities at the next update: the new identity by the path in the table of images."""
    paths = defaultdict(list)
    for path, identity in identities.items():
        paths[identity].append(path)
    for identity, images in paths.items():
        relabel_images(gallery, images, identity=identity)


def tag_images(gallery: StoredGallery, paths: Iterable[str], tags: Collection[str]) -> None:
    """Replace the tags of images. Tags need no update, because a search does not use them."""
    cleaned = sorted({tag.strip() for tag in tags} - {""})
    _change(gallery, paths, {TAGS: cleaned}, update=False)


def reset_images(gallery: StoredGallery, paths: Iterable[str]) -> None:
    """Discard all changes of images: the next update restores them as the sources have them."""
    with gallery.edited() as content:
        changes, paths = read_changes(gallery), set(paths)
        write_json(gallery.folder / CHANGES, {path: change for path, change in changes.items() if path not in paths})
        content["asked"] += 1


def apply_changes(images: pd.DataFrame, changes: Changes) -> pd.DataFrame:
    """Apply changes to a table with the columns path, identity and camera.

    Returns:
        The table without the removed images, and with the new labels.
    """
    if not changes:
        return images
    images = images.copy()
    for name in (IDENTITY, CAMERA):
        values = {path: change[name] for path, change in changes.items() if name in change}
        is_changed = images["path"].isin(list(values))
        images.loc[is_changed, name] = images.loc[is_changed, "path"].map(values).astype(images[name].dtype)
    removed = [path for path, change in changes.items() if change.get(REMOVED)]
    return images[~images["path"].isin(removed)].reset_index(drop=True)


def tags_of(changes: Changes) -> dict[str, int]:
    """Return all tags with the number of images that have each, sorted by name."""
    counts = Counter(tag for change in changes.values() for tag in change.get(TAGS, ()))
    return dict(sorted(counts.items()))


def describe_changes(images: pd.DataFrame, changes: Changes) -> list[str]:
    """Return a note about the changes of the present images, for the user."""
    own = [changes[path] for path in images["path"] if path in changes]
    removed = sum(bool(change.get(REMOVED)) for change in own)
    relabelled = sum((IDENTITY in change or CAMERA in change) and not change.get(REMOVED) for change in own)
    counts = {"removed": removed, "relabelled": relabelled}
    parts = [f"{counted(count, 'image is', 'images are')} {what}" for what, count in counts.items() if count]
    return [" and ".join(parts)] if parts else []


def _change(gallery: StoredGallery, paths: Iterable[str], values: dict[str, Any], update: bool = True) -> None:
    """Add values to the entries of images, and request an update."""
    with gallery.edited() as content:
        changes = read_changes(gallery)
        for path in paths:
            changes[path] = changes.get(path, {}) | values
        write_json(gallery.folder / CHANGES, changes)
        content["asked"] += update
