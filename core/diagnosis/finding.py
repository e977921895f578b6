"""One line of the diagnosis: what was checked, whether it works, and what to do."""

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "note", "failed"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        topic: What was checked, in one or two words.
        state: "ok"; "note" for something that only some features need; "failed" for something that is needed.
        sentence: What was found.
        advice: What to type or to change, "" if nothing needs to change.
    """

    topic: str
    state: State
    sentence: str
    advice: str = ""

    def to_json(self) -> dict[str, str]:
        """Convert the finding to a JSON object."""
        return asdict(self)
