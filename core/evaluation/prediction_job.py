"""Predictions of accuracy in processes of their own: one model on one data set or named gallery.

The folder of a job is `runs/.predictions/HASH`. Its status (core.jobs.job) also has the model's `checkpoint` and the
`data`, and `predicted_on`: the versions of both at the start. The result is in `result.json`, and the first results to
check are in `first_results.csv`.
"""

import os
from pathlib import Path

from core.atomic_files import delete_folder
from core.evaluation.evaluation_job import find_evaluation
from core.folders import runs_folder
from core.jobs.job import Job
from core.read_only import refuse_if_read_only

JOBS, RESULT, FIRST_RESULTS = ".predictions", "result.json", "first_results.csv"


def find_prediction(checkpoint: Path, data: Path) -> Job:
    """Return the job that predicts the accuracy of a model on a data set's folder or a named gallery's folder."""
    return Job(runs_folder() / JOBS / find_evaluation(checkpoint, data).folder.name, "The accuracy is being predicted")


def start_prediction(checkpoint: Path, data: Path, adapt: bool = False, predicted_on: str = "") -> Job:
    """Predict in a process of its own that outlives this one. An earlier result is deleted.

    Args:
        checkpoint: The folder of the checkpoint or run.
        data: The folder of the data set or of the named gallery.
        adapt: Whether to predict rank-1 with batch-norm adaptation, too.
        predicted_on: The versions of the model and the data. A result of other versions is not valid.

    Raises:
        Busy: If a process already predicts the accuracy of the model on this data.
        UserError: In read-only mode.
    """
    refuse_if_read_only()
    job = find_prediction(checkpoint, data)
    job.folder.mkdir(parents=True, exist_ok=True)
    job.refuse_if_alive()
    for name in (RESULT, FIRST_RESULTS):
        (job.folder / name).unlink(missing_ok=True)
    job.write(checkpoint=os.path.abspath(checkpoint), data=os.path.abspath(data), predicted_on=predicted_on)
    options = ["--adapt"] if adapt else []
    where = os.path.abspath(job.folder)
    job.launch(["predict-accuracy", os.path.abspath(checkpoint), os.path.abspath(data), *options, "--job", where])
    return job


def delete_predictions(data: Path) -> None:
    """Delete the predictions for a data set's folder or a named gallery's folder, except one that is being made."""
    for file in (runs_folder() / JOBS).glob("*/status.json"):
        job = Job(file.parent)
        if job.read().get("data") == os.path.abspath(data) and not job.progress.is_alive:
            delete_folder(job.folder)
