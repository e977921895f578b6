"""One version of a named gallery: the table of images, their descriptors, and the model that indexed them."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from core.data.records import DISTRACTOR, EARLIER_DISTRACTOR
from core.errors import UserError
from core.json_file import read_json
from core.search.descriptor_files import RECORDS, map_descriptors

if TYPE_CHECKING:  # these imports take seconds, and a list of galleries does not need them
    import pandas as pd

    from core.search.gallery import Gallery

MODEL = "model.json"


class Snapshot(NamedTuple):
    """One version of a gallery: its name, the content of model.json, the table of images, and the descriptors."""

    version: str
    model: dict[str, Any]
    records: "pd.DataFrame"
    gallery: "Gallery"


@dataclass(frozen=True)
class IndexedVersion:
    """A version that can be searched.

    Attributes:
        folder: Its folder, with descriptors.npy, records.parquet and model.json.
        root: The folder of the gallery, which the paths of images are relative to.
    """

    folder: Path
    root: Path

    @property
    def gallery(self) -> str:
        """The name of the gallery."""
        return self.root.name

    @property
    def model(self) -> dict[str, Any]:
        """The model that indexed the images, and their number.

        Raises:
            UserError: If the version is damaged.
        """
        try:
            return read_json(self.folder / MODEL)
        except UserError as error:
            raise self.damaged(error) from None

    @property
    def images(self) -> int:
        """The number of images."""
        model = self.model
        return model["images"] if "images" in model else model["pictures"]  # the key in earlier versions

    def open(self, fingerprint: str | None = None, model: str = "") -> "Gallery":
        """Open the version for a search. Descriptors are mapped, so a search also works after a deletion.

        Args:
            fingerprint: The fingerprint of the model that describes the probes.
            model: The name of this model in the error message.

        Raises:
            UserError: If the images were indexed by another model.
            FileNotFoundError, ValueError: If a file is missing or damaged.
        """
        import numpy as np

        from core.search.gallery import Gallery

        indexed_by = read_json(self.folder / MODEL) if (self.folder / MODEL).exists() else {}
        if fingerprint and indexed_by.get("fingerprint", fingerprint) != fingerprint:
            raise UserError(
                f"The gallery {self.gallery} was indexed by {indexed_by['name']}, whose descriptors cannot be "
                f"compared with those of {model}. Index it again: `python -m core gallery update {self.gallery} "
                f"--model {model}`."
            )
        records = read_records(self.folder)
        descriptors = map_descriptors(self.folder, len(records))
        paths = np.array([os.path.join(self.root, path) for path in records["path"]], dtype=object)
        return Gallery(descriptors, paths, *(records[name].to_numpy() for name in ("identity", "camera", "time")))

    def snapshot(self) -> Snapshot:
        """Read table and descriptors. Raises as `open` does."""
        return Snapshot(self.folder.name, read_json(self.folder / MODEL), read_records(self.folder), self.open())

    def damaged(self, error: Exception) -> UserError:
        """Return the error that says what to do if the version is damaged."""
        return UserError(
            f"The index of the gallery {self.gallery} is damaged ({str(error).rstrip('.') or self.folder}). Index the "
            f"images again: `python -m core gallery update {self.gallery}`."
        )


def read_records(folder: Path) -> "pd.DataFrame":
    """Read the table of images of a version."""
    import pandas as pd

    records = pd.read_parquet(folder / RECORDS)
    if not (folder / MODEL).exists() or "distractor" not in read_json(folder / MODEL):  # of an earlier release
        records["identity"] = records["identity"].replace(EARLIER_DISTRACTOR, DISTRACTOR)
    return records
