"""Measured results as people read them: what they are called, and how their figures came about."""

from collections.abc import Mapping

import pandas as pd

from app.shared.charts import Curve
from core.config import ARCHITECTURES
from core.evaluation.evaluators import MAP_NAMES
from core.evaluation.protocols import PROTOCOLS
from core.evaluation.report import Report
from core.paper.published import ARCHITECTURE_NAMES, MEASURED

HOW_TO_MAKE_ONE = (
    "Nothing is measured yet. `python -m core evaluate CHECKPOINT DATA` measures a model on a data set and keeps the "
    "result below runs/, where this page finds it."
)
CAMERAS = (
    "Percent of a camera's probes that find their person first, if of the person's other images only those of one "
    "gallery camera are there: right answers of the other cameras are set aside, wrong ones stay. A cell is empty "
    "where nothing counts, as for a probe's own camera under the same-camera rule."
)

Reports = Mapping[str, Report]  # by the names that `core.evaluation.report.find_reports` gives them


def model(name: str, report: Report) -> str:
    """What was measured, without what it was measured on: `run: data-protocol-000500` -> `run 000500`."""
    run, _, rest = name.partition(": ")
    more = rest.removeprefix(report.name if rest.startswith(report.name) else report.result["data"])
    return f"{run} {more.strip('-')}".strip()


def method(name: str, report: Report) -> str:
    """The model, and in which way it was used where there are several: no two results on one table are called alike."""
    result = report.result
    ways = [model(name, report)]
    if len(result["splits"]) < result.get("splits_of_protocol", 1):
        ways.append(f"split {', '.join(map(str, result['splits']))}")
    ways += ["with mirror images"] if result.get("flip") else []
    ways += ["adapted to each camera"] if result.get("adapted") else []
    ways += ["cameras centred"] if result.get("centred") else []
    ways += [f"probes expanded by {result['expansion']}"] if result.get("expansion") else []
    ways += ["re-ranked"] if result.get("rerank") else []
    return ", ".join(ways)


def where(report: Report) -> str:
    """The data, and the protocol if there is more than one for them."""
    result = report.result
    several = sum(result["layout"] in protocol.layouts for protocol in PROTOCOLS.values()) > 1
    data = f"{result['data']} by {result['protocol']}" if several else result["data"]
    return f"{data}, same camera counting" if result.get("include_same_camera") else data


def label(name: str, report: Report) -> str:
    called = method(name, report)
    return f"{called}{'' if called == model(name, report) else ','} on {where(report)}"


def in_order(reports: Reports) -> dict[str, Report]:
    """By data, then by architecture as the paper lists them, then by name."""
    return dict(
        sorted(
            reports.items(), key=lambda one: (where(one[1]), ARCHITECTURES.index(one[1].result["architecture"]), one[0])
        )
    )


def came_about(report: Report) -> str:
    """Network, training, protocol, counts and splits, in sentences."""
    parts = [f"{part}." for part in (_network(report.result), *_protocol(report.result))]
    return " ".join([*parts, report.overlap.sentence])


def too_good(reports: Reports) -> list[str]:
    """A sentence for each result on identities that the model has seen."""
    return [
        f"{label(name, report)}: {report.overlap.sentence}" for name, report in reports.items() if report.overlap.seen
    ]


def curves(reports: Reports) -> list[Curve]:
    return [
        Curve(label(name, report), report.result["architecture"], report.result["curve"])
        for name, report in reports.items()
    ]


def average_precisions(reports: Reports) -> pd.DataFrame:
    """One row a result: mAP by each definition, in percent."""
    rows = [
        (label(name, report), *(report.result["summary"].get(column) for column in MAP_NAMES.values()))
        for name, report in reports.items()
    ]
    return pd.DataFrame(rows, columns=["Result", *map(str.capitalize, MAP_NAMES)])


def measured_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """A column of names and percentages -> method, source and percentages, as `core.paper.tables` takes them."""
    rows = frame.rename(columns={frame.columns[0]: "method"})
    rows.insert(1, "source", MEASURED)
    return rows


def curve_rows(reports: Reports) -> pd.DataFrame:
    """One row a result: Recall@1, Recall@2, ..., in percent."""
    rows = [
        {"method": label(name, report)}
        | {f"recall@{k}": value for k, value in enumerate(report.result["curve"], start=1)}
        for name, report in reports.items()
    ]
    return measured_rows(pd.DataFrame(rows, columns=None if rows else ["method"]))


def camera_rows(report: Report) -> pd.DataFrame:
    """One row a probe camera, one column a gallery camera: rank-1 in percent."""
    cameras = report.result["cameras"]
    frame = pd.DataFrame(cameras["recall@1"], columns=[f"gallery camera {number}" for number in cameras["gallery"]])
    frame.insert(0, "probes of", [f"camera {number}" for number in cameras["probe"]])
    return measured_rows(frame)


def _network(result: dict) -> str:
    network = f"{ARCHITECTURE_NAMES[result['architecture']]} with {_count(result['filters'], 'filter')}"
    if result["architecture"] == "mr_bcnn":
        network += f" and regions of {result['region_size']} x {result['region_size']} places"
    if not result.get("preset"):
        return f"{network}; how it was trained is not on record"
    records = result.get("training_records") or [
        {"samples": result.get("training_images", 0), "data": result.get("trained_on") or "unnamed data"}
    ]
    images = ", after ".join(f"{record['samples']:,} training images of {record['data']}" for record in records)
    return f"{network}; preset {result['preset']}, {images} (repeats counted)"


def _protocol(result: dict) -> list[str]:
    summary, splits = result["summary"], result["splits"]
    parts = [f"Protocol {result['protocol']}: {result['rule']}"]
    if result.get("flip"):
        parts.append("Each image was described together with its mirror image")
    if result.get("adapted"):
        parts.append("The normalisations took each camera's mean and variance from its own test images")
    if result.get("centred"):
        parts.append("From each descriptor the mean of its camera's test images was taken")
    if result.get("include_same_camera"):
        parts.append("Against that rule, images from the probe's own camera were let count")
    parts.append(f"{_count(summary['probes'], 'probe')} against a gallery of {summary.get('gallery', 0):,}")
    if without := summary.get("probes_without_answer"):
        parts[-1] += f"; {_count(without, 'probe')} without a right answer left out"
    if len(splits) > 1:
        spread = f", between which rank-1 has a standard deviation of {result['spread'].get('recall@1', 0):.2f}"
        parts.append(f"Mean of splits {', '.join(map(str, splits))}{spread}")
    elif result["protocol"] not in PROTOCOLS or PROTOCOLS[result["protocol"]].splits > 1:
        parts.append(f"Split {', '.join(map(str, splits))} alone")
    return parts


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"
