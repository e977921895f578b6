"""Where data, models and runs lie, as the environment says; for both front ends."""

import os
from pathlib import Path

from core.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_MODEL = "pedestrians-mr_bcnn"


def data_folder() -> Path:
    return Path(os.environ.get("MR_BCNN_DATA") or ROOT / "assets" / "pedestrians")


def checkpoint_folder() -> Path:
    return Path(os.environ.get("MR_BCNN_CHECKPOINTS") or ROOT / "checkpoints")


def run_folder() -> Path:
    return Path(os.environ.get("MR_BCNN_RUNS") or ROOT / "runs")


def milvus_server() -> str:
    """The address of the server that own galleries may be sent to, "" if there is none."""
    return os.environ.get("MR_BCNN_MILVUS", "")


def models() -> dict[str, Path]:
    """Names -> folders of the shipped checkpoints, the default first, and of the finished runs."""
    shipped = {path.name: path for path in folders_in(checkpoint_folder())}
    runs = {f"runs/{path.name}": path for path in folders_in(run_folder())
            if '"finished"' in _read(path / "status.json")}  # fmt: skip
    if not shipped and not runs:
        raise UserError(
            f"There is no model in {checkpoint_folder()}: `python -m core train {data_folder()}` trains one, "
            "and the finished run is then offered here."
        )
    first = {name: shipped[name] for name in (DEFAULT_MODEL,) if name in shipped}
    return first | shipped | runs


def folders_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def changed(*paths: Path) -> tuple[int, ...]:
    """When files or folders last changed: part of a cache's key."""
    return tuple(path.stat().st_mtime_ns for path in paths if path.exists())


def described_key(folder: Path, checkpoint: Path) -> tuple:
    """What a described gallery is made of: a data folder and a checkpoint, and when they last changed."""
    return (folder, changed(folder, *folders_in(folder)), checkpoint, changed(checkpoint, *checkpoint.iterdir()))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
