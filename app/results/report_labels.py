"""The names of measured results, and the details of their evaluations."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from app.results import texts
from app.shared.charts import Curve, LineStyle
from app.shared.model_cards import short_name_of
from core.config import ARCHITECTURES
from core.counts import counted
from core.evaluation.evaluators import MAP_NAMES
from core.evaluation.protocols import PROTOCOLS
from core.evaluation.report import Report
from core.paper.published import ARCHITECTURE_NAMES, MEASURED, mark

Reports = Mapping[str, Report]  # by the names that `core.evaluation.report.find_reports` gives them


def model(name: str, report: Report) -> str:
    """Return the name of the model, without that of the data set: `run: data-protocol-000500` -> `run 000500`.

    A number after `~` says that the result is of other data or another model of the same name.
    """
    run, _, rest = name.partition(": ")
    suffix = rest.removeprefix(report.name if rest.startswith(report.name) else report.result["data"]).strip("-")
    number, _, step = suffix[1:].partition("-") if suffix.startswith("~") else ("", "", suffix)
    of_model = f"{run} {step}".strip()
    return texts.NUMBERED.format(model=of_model, number=number) if number else of_model


def method(name: str, report: Report) -> str:
    """Return the model and the options of the evaluation, so that each result of a table has a name of its own."""
    result = report.result
    parts = [model(name, report)]
    if len(result["splits"]) < result.get("splits_of_protocol", 1):
        parts.append(texts.SPLITS.format(splits=", ".join(map(str, result["splits"]))))
    parts += [texts.MIRROR_IMAGES] if result.get("flip") else []
    parts += [texts.ADAPTATION] if result.get("adapted") else []
    parts += [texts.CENTRING] if result.get("centred") else []
    parts += [texts.EXPANSION.format(count=result["expansion"])] if result.get("expansion") else []
    parts += [texts.RERANKING] if result.get("rerank") else []
    return ", ".join(parts)


def shown(name: str) -> str:
    """Return the text to show for the model and the options that `method` returns."""
    of_model, comma, options = name.partition(", ")
    return short_name_of(of_model) + comma + options


def row_name(name: str, report: Report) -> str:
    """Return the name of a result in tables and figures: model, options, and the mark of the result."""
    text, of_result = shown(method(name, report)), mark(report.result)
    return texts.MARKED.format(method=text, mark=of_result) if of_result else text


def data_name(report: Report) -> str:
    """Return the data set, and the protocol if the layout has several."""
    result = report.result
    several = sum(result["layout"] in protocol.layouts for protocol in PROTOCOLS.values()) > 1
    data = texts.DATA_NAMES.get(result["data"], result["data"])
    if several:
        protocol = texts.PROTOCOL_NAMES.get(result["protocol"], result["protocol"])
        data = texts.DATA_BY_PROTOCOL.format(data=data, protocol=protocol)
    return texts.SAME_CAMERA_COUNTED.format(data=data) if result.get("include_same_camera") else data


def label(name: str, report: Report) -> str:
    """Return the name of a result in links of earlier versions: model, options and data set."""
    name_of_method = method(name, report)
    text = texts.ON if name_of_method == model(name, report) else texts.METHODS_ON
    return text.format(method=name_of_method, data=data_name(report))


def current_names(values: Sequence[str], known: Collection[str]) -> list[str]:
    """Replace names as earlier versions wrote them by the `known` names of this version."""
    earlier = {_earlier_name(name): name for name in known}
    return [value if value in known else _current_name(value, earlier) for value in values]


def _current_name(value: str, earlier: Mapping[str, str]) -> str:
    """Return the present name of a value, all or a part of whose terms are earlier ones."""
    return earlier.get(value) or earlier.get(_earlier_name(value)) or value


def _earlier_name(name: str) -> str:
    for term, earlier in texts.EARLIER_TERMS.items():
        name = name.replace(term, earlier)
    return name


def in_order(reports: Reports) -> dict[str, Report]:
    """Sort by data set, then groups of architectures that were trained on the same data first, then by architecture."""
    groups = {name: (data_name(report), trained_on(report)) for name, report in reports.items()}
    architectures = defaultdict(set)
    for name, group in groups.items():
        architectures[group].add(reports[name].result["architecture"])

    def place(name: str) -> tuple:
        data, trained = groups[name]
        count = len(architectures[data, trained])
        order = ARCHITECTURES.index(reports[name].result["architecture"])
        return data, -count, trained if count > 1 else "", order, name

    return {name: reports[name] for name in sorted(reports, key=place)}


def compared_architectures(reports: Reports) -> list[str]:
    """Return the names of results of different architectures that were trained on the same data, first in order."""
    named = list(reports)
    first = [name for name in named if trained_on(reports[name]) == trained_on(reports[named[0]])]
    return first if len({reports[name].result["architecture"] for name in first}) > 1 else []


def trained_on(report: Report) -> str:
    """Return the names of all training data of a model."""
    return texts.AND.join(record["data"] for record in _training_records(report.result))


def details(report: Report) -> str:
    """Network, training, protocol, counts and splits in sentences."""
    return " ".join([_network(report.result), *_protocol(report.result), report.overlap.sentence])


def overlaps(reports: Reports) -> list[str]:
    """Return a sentence for each result on identities that the model was trained or validated on."""
    return [
        f"{shown(method(name, report))}: {report.overlap.sentence}"
        for name, report in reports.items()
        if report.overlap.seen
    ]


def curves(reports: Reports, styles: Mapping[str, LineStyle]) -> list[Curve]:
    """Return the Recall@K curves of results."""
    return [Curve(row_name(name, report), report.result["curve"], styles[name]) for name, report in reports.items()]


def average_precisions(reports: Reports) -> pd.DataFrame:
    """One row per result: mAP by each definition, in percent."""
    rows = [
        (row_name(name, report), *(report.result["summary"].get(column) for column in MAP_NAMES.values()))
        for name, report in reports.items()
    ]
    return pd.DataFrame(rows, columns=[texts.RESULT, *map(str.capitalize, MAP_NAMES)])


def measured_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Names and percentages -> method, source and percentages, the columns of `core.paper.tables`."""
    rows = frame.rename(columns={frame.columns[0]: "method"})
    rows.insert(1, "source", MEASURED)
    return rows


def curve_rows(reports: Reports) -> pd.DataFrame:
    """One row per result: Recall@1, Recall@2, ..., in percent."""
    rows = [
        {"method": row_name(name, report)}
        | {f"recall@{k}": value for k, value in enumerate(report.result["curve"], start=1)}
        for name, report in reports.items()
    ]
    return measured_rows(pd.DataFrame(rows, columns=None if rows else ["method"]))


def camera_rows(report: Report) -> pd.DataFrame:
    """One row per probe camera, one column per gallery camera: rank-1 in percent."""
    cameras = report.result["cameras"]
    frame = pd.DataFrame(
        cameras["recall@1"], columns=[texts.GALLERY_CAMERA.format(camera=number) for number in cameras["gallery"]]
    )
    frame.insert(0, texts.PROBES_OF, [texts.CAMERA.format(camera=number) for number in cameras["probe"]])
    return measured_rows(frame)


def _network(result: dict) -> str:
    text = texts.NETWORK_WITH_REGIONS if result["architecture"] == "mr_bcnn" else texts.NETWORK
    network = text.format(
        architecture=ARCHITECTURE_NAMES[result["architecture"]],
        filters=counted(result["filters"], texts.FILTER),
        size=result.get("region_size"),
    )
    if not result.get("preset"):
        return texts.NO_TRAINING_RECORD.format(network=network)
    images = texts.AFTER.join(
        texts.TRAINING_IMAGES.format(samples=record["samples"], data=record["data"])
        for record in _training_records(result)
    )
    return texts.TRAINING_RECORD.format(network=network, preset=result["preset"], images=images)


def _training_records(result: dict) -> list[dict]:
    """Return the data and the number of samples of each training; older results have those of the last one."""
    return result.get("training_records") or [
        {"samples": result.get("training_images", 0), "data": result.get("trained_on") or texts.UNNAMED_DATA}
    ]


def _protocol(result: dict) -> list[str]:
    summary, splits = result["summary"], ", ".join(map(str, result["splits"]))
    sentences = [texts.PROTOCOL.format(protocol=result["protocol"], rule=result["rule"])]
    for option, sentence in (
        ("flip", texts.MIRROR_IMAGES_USED),
        ("adapted", texts.ADAPTATION_USED),
        ("centred", texts.CENTRING_USED),
        ("include_same_camera", texts.SAME_CAMERA_USED),
    ):
        if result.get(option):
            sentences.append(sentence)
    probes = counted(summary["probes"], texts.PROBE)
    gallery = counted(summary.get("gallery", 0), texts.GALLERY_IMAGE)
    sentences.append(texts.COUNTS.format(probes=probes, gallery=gallery))
    if skipped := summary.get("probes_without_answer"):
        sentences.append(texts.SKIPPED_PROBES.format(probes=counted(skipped, texts.PROBE)))
    if len(result["splits"]) > 1:
        spread = result["spread"].get("recall@1", 0)
        sentences.append(texts.MEAN_OF_SPLITS.format(splits=splits, spread=spread))
    elif result["protocol"] not in PROTOCOLS or PROTOCOLS[result["protocol"]].splits > 1:
        sentences.append(texts.ONE_SPLIT.format(splits=splits))
    return sentences
