"""Recognise a data set's layout by looking at its folder."""

import os
from pathlib import Path

from core.data.folder import read_flat_folder, read_identity_folders
from core.data.market1501 import find_root, read_market1501
from core.data.records import Dataset
from core.errors import UserError
from core.images import picture_files


def read_dataset(folder: str | os.PathLike) -> Dataset:
    """Market-1501's layout, one folder an identity, or a flat folder -> Dataset. No picture is opened.

    Raises UserError if the folder is missing or holds no pictures.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"There is no data folder {folder}; give a folder of pictures, e.g. assets/pedestrians.")
    if root := find_root(folder):
        return read_market1501(root)
    below = [path for path in picture_files(folder) if path.parent != folder]
    return read_identity_folders(folder) if below else read_flat_folder(folder)
