"""The overlap of tested identities with those that a network was trained and validated on, in a result."""

from dataclasses import dataclass, field
from typing import Any

OLD_COUNT = "test_people_trained_on"  # in results of earlier versions
COUNT_FIELDS = ("tested", "trained_on", "validated_on")  # the counts of an overlap in a result


@dataclass(frozen=True)
class Overlap:
    """The number of test identities that a network was trained or validated on.

    `unknown` holds the names of ancestors without a record.
    """

    tested: int
    trained: int = 0
    validated: int = 0  # validation identities that are not training identities
    unknown: tuple[str, ...] = field(default=())

    def __add__(self, other: "Overlap") -> "Overlap":
        """Add the counts of two splits."""
        return Overlap(
            self.tested + other.tested,
            self.trained + other.trained,
            self.validated + other.validated,
            tuple(dict.fromkeys(self.unknown + other.unknown)),
        )

    @property
    def seen(self) -> int | None:
        """The number of test identities in the records; None if it is 0 and a record is missing."""
        count = self.trained + self.validated
        return None if self.unknown and not count else count

    @property
    def mark(self) -> str:
        """A short mark for results whose test identities may have been seen in training; "" for other results."""
        if self.seen is None:
            return "training identities unknown"
        at_least = "at least " if self.unknown else ""
        return f"{at_least}{self.seen:,}{self._of} tested identities seen in training" if self.seen else ""

    @property
    def _of(self) -> str:
        return f" of {self.tested:,}" if self.tested else ""  # older results do not have the number of test identities

    @property
    def sentence(self) -> str:
        """The overlap as text for the command line, the model card and the page Results."""
        missing = f"There is no record of the training identities of {', '.join(self.unknown)}."
        if self.seen is None:
            return f"Unknown: {missing[0].lower()}{missing[1:]}"
        if not self.seen:
            return f"None of the {self.tested:,} tested identities is in the training record."
        return (
            f"{self.seen:,}{self._of} tested identities are in the training record ({self.trained:,} for training, "
            f"{self.validated:,} for validation), so that these results are too high."
            + (f" There may be more. {missing}" if self.unknown else "")
        )

    def to_json(self) -> dict[str, Any]:
        """Convert the overlap to a JSON object."""
        seen = "unknown" if self.seen is None else self.seen
        return {
            "tested": self.tested,
            "seen": seen,
            "trained_on": self.trained,
            "validated_on": self.validated,
            "no_record_of": list(self.unknown),
        }

    @staticmethod
    def is_kept_in(result: dict[str, Any]) -> bool:
        """Return whether a result holds a valid overlap, or none, as older results do."""
        kept = result.get("tested_identities")
        if not isinstance(kept, dict):
            return kept is None and isinstance(result.get(OLD_COUNT) or 0, int)
        return all(isinstance(kept.get(name), int) for name in COUNT_FIELDS) and isinstance(
            kept.get("no_record_of"), list
        )

    @classmethod
    def of_result(cls, result: dict[str, Any]) -> "Overlap":
        """Read the overlap from a result (`core.evaluation.report`); unknown for results of older versions."""
        kept = result.get("tested_identities")
        if kept is None:
            return cls(0, int(result.get(OLD_COUNT) or 0), 0, ("the model of this older result",))
        tested, trained, validated = (kept[name] for name in COUNT_FIELDS)
        return cls(tested, trained, validated, tuple(map(str, kept["no_record_of"])))
