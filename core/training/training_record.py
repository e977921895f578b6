"""The provenance of a run."""

from dataclasses import replace
from pathlib import Path

from core.inference.provenance import Provenance, TrainingRecord, hash_identities, read_provenance
from core.training.initial_weights import provenance_of
from core.training.run_folder import Run
from core.training.training_data import TrainingData


def record_training(run: Run, material: TrainingData, init: Path | None) -> Provenance:
    """Return the training records of a run, of the checkpoints that it started from, and of its teacher.

    Args:
        run: The run.
        material: The training data of the run.
        init: Checkpoint to fine-tune from. It is ignored when the run has checkpoints.
    """
    dataset, data = material.dataset, material.data
    own = TrainingRecord(
        run.folder.name,
        data["name"],
        run.data.get("protocol"),
        data["split"],
        data["origin"],
        trained=frozenset(hash_identities(dataset, material.records)),
        validated=frozenset(hash_identities(dataset, material.validation.records)),
    )
    if not run.checkpoints():
        ancestors = provenance_of(init) if init else Provenance()
    elif before := read_provenance(run.checkpoints()[-1]):
        own, ancestors = own.merge(before.records[0]), replace(before, records=before.records[1:])
    else:  # an earlier version, which kept no records, started the run
        ancestors = Provenance(unknown=(f"{run.folder.name} up to step {run.newest_step():,}",))
    teacher = run.configs[1].teacher
    if teacher and not run.checkpoints():  # the network learns from the teacher's training images too
        taught = provenance_of(Path(teacher))
        unknown = tuple(dict.fromkeys([*ancestors.unknown, *taught.unknown]))
        records = (*ancestors.records, *(one for one in taught.records if one not in ancestors.records))
        ancestors = replace(ancestors, records=records, unknown=unknown)
    return replace(ancestors, records=(own, *ancestors.records))
