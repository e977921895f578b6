"""The results that the page Compare explains: the match, and a second result to compare it with."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from app.compare import texts
from app.shared import true_matches
from app.shared.images import Images
from app.shared.probe_picker import Chosen
from core.data.records import Record

CHOICES = (texts.NONE, texts.BEST_TRUE_MATCH, texts.BEST_FALSE_MATCH)


@dataclass(frozen=True)
class Result:
    """A gallery image as a result of a probe, or an upload. `rank` is None if it does not count for the probe."""

    name: str
    record: Record | None
    rank: int | None
    mark: str
    upload: Chosen | None = None

    @property
    def facts(self) -> str:
        """Return the rank and the mark: rank 2, true match."""
        if self.upload:
            return texts.MATCH
        rank = texts.RANK.format(rank=self.rank) if self.rank else texts.NOT_RANKED
        return ", ".join(filter(None, (rank, true_matches.MARK_TEXTS[self.mark])))


def of_upload(upload: Chosen) -> Result:
    """Return an upload as a result."""
    return Result(upload.name, None, None, true_matches.verdict("", None), upload)


def find_result(name: str, ranking: pd.DataFrame, probe: Record | None, images: Images) -> Result:
    """Return an image by its name in links as a result."""
    record = images.records[name]
    rows = ranking[ranking["path"] == str(record.path)]
    rank = int(rows["rank"].iloc[0]) if len(rows) else None
    return Result(name, record, rank, true_matches.verdict(record.identity, probe))


def find_best(ranking: pd.DataFrame, probe: Record | None, mark: str, images: Images) -> str | None:
    """Return the name of the best result with a mark, or None."""
    if not true_matches.is_known(probe):
        return None
    is_match = ranking["identity"] == probe.identity
    rows = ranking[is_match if mark == true_matches.RIGHT else ~is_match]
    return images.names[Path(rows["path"].iloc[0])] if len(rows) else None


def find_other(choice: str, match: Result, ranking: pd.DataFrame, probe: Record | None, images: Images):
    """Return the result to compare a match with; None if there is none or if it is the match itself."""
    mark = {texts.BEST_TRUE_MATCH: true_matches.RIGHT, texts.BEST_FALSE_MATCH: true_matches.WRONG}.get(choice)
    name = find_best(ranking, probe, mark, images) if mark else None
    return find_result(name, ranking, probe, images) if name and name != match.name else None


def default_choice(match: Result) -> str:
    """Compare a false match with the best true match."""
    return texts.BEST_TRUE_MATCH if match.mark == true_matches.WRONG else texts.NONE
