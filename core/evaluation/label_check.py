"""The check of labels: suspicious labels of described images, the corrected labels, and their effect on mAP."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from core.counts import counted
from core.data.records import Record
from core.data.splits import Split
from core.errors import UserError
from core.evaluation.evaluators import mean_evaluation
from core.evaluation.label_decisions import (
    Decision,
    changed_identities,
    correct_records,
    decided_questions,
    path_name,
)
from core.evaluation.label_errors import FAR, Suspicion, describe_suspicion, find_label_errors
from core.evaluation.protocols import Protocol

FIGURES = {"recall@1": "rank-1", "mAP": "mAP"}


@dataclass(frozen=True)
class Effect:
    """The evaluation before and after the decisions, on the same descriptors and images.

    Attributes:
        changed: The number of images with another identity.
        before: The summary of the evaluation (`Evaluation.summary`) with the labels as they are.
        after: The summary with the corrected labels.
    """

    changed: int
    before: dict[str, float | int]
    after: dict[str, float | int]

    @property
    def sentence(self) -> str:
        """The effect in words."""
        parts = [f"{name} {self.before[key]:.2f} % -> {self.after[key]:.2f} %" for key, name in FIGURES.items()]
        probes = f"{self.before['probes']:,} probes -> {self.after['probes']:,} probes"
        changed = counted(self.changed, "image has", "images have")
        return f"{', '.join(parts)} ({probes}; {changed} another identity)"


@dataclass(frozen=True)
class LabelCheck:
    """Described images whose labels are checked.

    Attributes:
        folder: The folder of images, which names in tables are relative to.
        records: The records of N images.
        descriptors: Their unit descriptors, (N, D).
        protocol: The protocol of the effect, or None.
        splits: The splits of these images that the protocol evaluates.
        problem: Why the effect cannot be measured, if there is no protocol.
    """

    folder: Path
    records: Sequence[Record]
    descriptors: np.ndarray
    protocol: Protocol | None = None
    splits: Sequence[Split] = ()
    problem: str = ""

    @cached_property
    def names(self) -> list[str]:
        """The name of each image in tables."""
        return [path_name(record.path, self.folder) for record in self.records]

    @cached_property
    def identities(self) -> np.ndarray:
        """The identity of each image, (N,)."""
        return np.array([record.identity for record in self.records], str)

    @cached_property
    def cameras(self) -> np.ndarray:
        """The camera of each image, (N,)."""
        return np.array([record.camera for record in self.records], int)

    @cached_property
    def suspicions(self) -> list[Suspicion]:
        """All suspicions, the worst first."""
        return find_label_errors(self.descriptors, self.identities, self.cameras)

    def undecided(self, decisions: Iterable[Decision], cameras: Collection[int] = ()) -> list[Suspicion]:
        """Return the suspicions that no decision answers, and that have an image of one of the cameras, if any."""
        images, pairs = decided_questions(self._identity_of, decisions)
        return [
            one
            for one in self.suspicions
            if not (
                self.names[one.image] in images
                if one.kind == FAR
                else frozenset((self.identities[one.image], self.identities[one.other])) in pairs
            )
            and (not cameras or {int(self.cameras[one.image]), int(self.cameras[one.other])} & set(cameras))
        ]

    def changes(self, decisions: Iterable[Decision]) -> dict[str, str]:
        """Return the new identity of each image whose identity changes, by its name."""
        return changed_identities(self._identity_of, decisions)

    def effect(self, decisions: Iterable[Decision]) -> Effect:
        """Evaluate with the labels as they are, and with the corrected labels.

        Raises:
            UserError: If the images cannot be evaluated.
        """
        if self.protocol is None:
            raise UserError(self.problem)
        new = self.changes(decisions)
        return Effect(len(new), self._before, self._evaluate(new) if new else self._before)

    def table(self, suspicions: Iterable[Suspicion]) -> pd.DataFrame:
        """Return suspicions as a table with an empty column `decision`, which `read_decisions` reads if filled in."""
        rows = [
            {
                "score": one.score,
                "kind": one.kind,
                "path": self.names[one.image],
                "identity": self.identities[one.image],
                "camera": self.cameras[one.image],
                "other": self.names[one.other],
                "other_identity": self.identities[one.other],
                "other_camera": self.cameras[one.other],
                "nearest": self.names[one.nearest] if one.kind == FAR else "",
                "nearest_identity": self.identities[one.nearest] if one.kind == FAR else "",
                "reason": describe_suspicion(one, self.identities),
                "decision": "",
            }
            for one in suspicions
        ]
        return pd.DataFrame(rows, columns=list(rows[0]) if rows else ["score", "kind", "path", "other", "decision"])

    @cached_property
    def _identity_of(self) -> dict[str, str]:
        return dict(zip(self.names, self.identities.tolist(), strict=True))

    @cached_property
    def _before(self) -> dict[str, float | int]:
        return self._evaluate({})

    @cached_property
    def _row_of(self) -> dict[Path, int]:
        return {record.path: row for row, record in enumerate(self.records)}

    def _evaluate(self, new: dict[str, str]) -> dict[str, float | int]:
        def described(records: Sequence[Record]) -> tuple[np.ndarray, list[Record]]:
            known = [record for record in records if record.path in self._row_of]
            rows = [self._row_of[record.path] for record in known]
            return self.descriptors[rows], correct_records(known, new, self.folder)

        assert self.protocol is not None
        evaluations = [self.protocol.score(*described(split.query), *described(split.gallery)) for split in self.splits]
        return mean_evaluation(evaluations)[0].summary
