"""Recognise a data set's layout by looking at its folder."""

import os
from pathlib import Path

from core.data.cuhk01_viper import find_cuhk01, find_viper, read_cuhk01, read_viper
from core.data.cuhk03 import find_cuhk03, read_cuhk03
from core.data.image_folder import read_flat_folder, read_identity_folders
from core.data.images import list_image_files
from core.data.market1501 import find_root, read_market1501
from core.data.records import Dataset
from core.errors import UserError


def read_dataset(folder: str | os.PathLike) -> Dataset:
    """Any data set -> Dataset: Market-1501's layout, CUHK03, CUHK01, VIPeR, one folder an identity, or a flat folder.

    CUHK03 may also be given as its .mat file, and `DATA/labeled` or `DATA/detected` chooses among its boxes. No picture
    is opened. Raises UserError if the folder is missing or holds no pictures.
    """
    folder = Path(folder)
    if found := find_cuhk03(folder):
        return read_cuhk03(*found)
    if folder.is_file():
        raise UserError(f"{folder} is a file; give a folder of pictures, e.g. assets/pedestrians, or cuhk-03.mat.")
    if not folder.is_dir():
        where = "" if folder.is_absolute() else f" in {Path.cwd()}"
        raise UserError(
            f"There is no data folder {folder}{where}; give a folder of images. MR_BCNN_DATA names the demo data."
        )
    if root := find_root(folder):
        return read_market1501(root)
    if root := find_viper(folder):
        return read_viper(root)
    if root := find_cuhk01(folder):
        return read_cuhk01(root)
    below = [path for path in list_image_files(folder) if path.parent != folder]
    return read_identity_folders(folder) if below else read_flat_folder(folder)
