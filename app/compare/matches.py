"""Answers to a probe: which one is compared with it, and which one is put beside that."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from app.shared import true_matches
from app.shared.images import Images
from core.data.records import Record

NOBODY, FIRST_RIGHT, FIRST_WRONG = BESIDES = ("nobody", "first right", "first wrong")


@dataclass(frozen=True)
class Answer:
    """An image of the data as an answer to a probe. `rank` is None if it does not count for it."""

    name: str
    record: Record
    rank: int | None
    mark: str

    @property
    def facts(self) -> str:
        """rank 2, same person"""
        rank = f"rank {self.rank}" if self.rank else "not ranked: it is the probe itself, or from its camera"
        return ", ".join(filter(None, (rank, true_matches.MARK_TEXTS[self.mark])))


def answer(name: str, ranking: pd.DataFrame, probe: Record | None, images: Images) -> Answer:
    record = images.records[name]
    rows = ranking[ranking["path"] == str(record.path)]
    rank = int(rows["rank"].iloc[0]) if len(rows) else None
    return Answer(name, record, rank, true_matches.verdict(record.identity, probe))


def first(ranking: pd.DataFrame, probe: Record | None, mark: str, images: Images) -> str | None:
    """The name of the best answer with a mark, if there is one."""
    if not true_matches.is_known(probe):
        return None
    right = ranking["identity"] == probe.identity
    rows = ranking[right if mark == true_matches.RIGHT else ~right]
    return images.names[Path(rows["path"].iloc[0])] if len(rows) else None


def put_beside(choice: str, match: Answer, ranking: pd.DataFrame, probe: Record | None, images: Images):
    """The answer that a choice asks for beside a match; None if there is none, or it is the match itself."""
    mark = {FIRST_RIGHT: true_matches.RIGHT, FIRST_WRONG: true_matches.WRONG}.get(choice)
    name = first(ranking, probe, mark, images) if mark else None
    return answer(name, ranking, probe, images) if name and name != match.name else None


def usual_choice(match: Answer) -> str:
    """Beside a wrong answer, the right one."""
    return FIRST_RIGHT if match.mark == true_matches.WRONG else NOBODY
