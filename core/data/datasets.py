"""Detection of a data set's layout from its folder."""

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
    """Read a data set and detect its layout. No image is opened.

    The layouts are Market-1501, CUHK03, CUHK01, VIPeR, identity folders (one folder for each identity), and a flat
    folder of images.

    Args:
        folder: A folder, or the .mat file of CUHK03. `DATA/labeled` and `DATA/detected` select CUHK03's boxes.

    Raises:
        UserError: If the folder is missing or has no images.
    """
    folder = Path(folder)
    if found := find_cuhk03(folder):
        return read_cuhk03(*found)
    if folder.is_file():
        raise UserError(f"{folder} is a file; give a folder of images, e.g. assets/pedestrians, or cuhk-03.mat.")
    if not folder.is_dir():
        where = "" if folder.is_absolute() else f" in {Path.cwd()}"
        raise UserError(
            f"There is no data folder {folder}{where}; give a folder of images. MR_BCNN_DATA sets the demo data."
        )
    if root := find_root(folder):
        return read_market1501(root)
    if root := find_viper(folder):
        return read_viper(root)
    if root := find_cuhk01(folder):
        return read_cuhk01(root)
    below = [path for path in list_image_files(folder) if path.parent != folder]
    return read_identity_folders(folder) if below else read_flat_folder(folder)
