"""The paper's tables 1 to 4, their comparison with measured results, and published zero-shot results.

`compare` adds measured rows and their differences to a table. The paper gives no numbers for the other points of figure
3: the curves of B-CNN, and the ranks that are not in the tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.inference.overlap import Overlap

ARCHITECTURE_NAMES = {  # the paper's names; the last one is not in the paper
    "cnn": "CNN",
    "b_cnn": "B-CNN",
    "mr_bcnn": "MR B-CNN",
    "mobile_bcnn": "Mobile B-CNN",
}
MEASURED, PUBLISHED, DIFFERENCE = "this project", "published", "difference"
ZERO_SHOT = "zero-shot"


@dataclass(frozen=True)
class PublishedTable:
    """A table of the paper: percentages by method; None where the paper has a dash."""

    caption: str
    panel: str  # the panel of figure 3
    layout: str  # the layout of the data set
    protocol: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]  # prior work has its number in the paper's references

    def figures(self, architecture: str) -> dict[str, float | None] | None:
        """Return the paper's percentages for one of its networks; None if it reports none."""
        values = dict(self.rows).get(ARCHITECTURE_NAMES[architecture])
        return dict(zip(self.columns, values, strict=True)) if values else None


RECALLS = ("recall@1", "recall@5", "recall@10", "recall@20")
TABLES = {
    "table1": PublishedTable(
        "Table 1. CUHK03-labeled",
        "a",
        "cuhk03-labeled",
        "cuhk03-classic",
        RECALLS,
        (
            ("FPNN [10]", (20.65, 51.50, 66.50, 80.00)),
            ("LOMO+XQDA [11]", (52.20, 82.23, 92.14, 96.25)),
            ("ImrovedDeep [1]", (54.74, 86.50, 93.88, 98.10)),
            ("ME [15]", (62.10, 89.10, 94.30, 97.80)),
            ("DiscrNullSpace [27]", (62.55, 90.05, 94.80, 98.10)),
            ("CNN", (64.15, 91.66, 96.97, 99.26)),
            ("MR B-CNN", (69.7, 93.37, 98.91, 99.39)),
        ),
    ),
    "table2": PublishedTable(
        "Table 2. CUHK03-detected",
        "b",
        "cuhk03-detected",
        "cuhk03-classic",
        RECALLS,
        (
            ("FPNN [10]", (19.89, 50.00, 64.00, 78.50)),
            ("ImrovedDeep [1]", (44.96, 76.01, 83.47, 93.15)),
            ("LOMO+XQDA [11]", (46.25, 78.90, 88.55, 94.25)),
            ("DiscrNullSpace [27]", (54.70, 84.75, 94.80, 95.20)),
            ("SiamLSTM [23]", (57.3, 80.1, 88.3, None)),
            ("GatedSiamCNN [22]", (61.8, 80.9, 88.3, None)),
            ("CNN", (58.09, 87.06, 93.38, 97.17)),
            ("MR B-CNN", (63.67, 89.15, 94.66, 97.5)),
        ),
    ),
    "table3": PublishedTable(
        "Table 3. Market-1501",
        "c",
        "market1501",
        "market1501",
        ("recall@1", "recall@5", "recall@10", "mAP"),
        (
            ("DeepAttrDriven [19]", (39.4, None, None, 19.6)),
            ("DiscrNullSpace [27]", (61.02, None, None, 35.68)),
            ("SiamLSTM [23]", (61.60, None, None, 35.31)),
            ("GatedSiamCNN [22]", (65.88, None, None, 39.55)),
            ("CNN", (56.62, 78.92, 85.15, 32.97)),
            ("MR B-CNN", (66.36, 85.01, 90.17, 41.17)),
        ),
    ),
    "table4": PublishedTable(
        "Table 4. CUHK01",
        "d",
        "cuhk01",
        "cuhk01",
        RECALLS,
        (
            ("ImrovedDeep [1]", (47.53, 71.60, 80.25, 87.45)),
            ("ME [15]", (53.40, 76.40, 84.40, 90.50)),
            ("DiscrNullSpace [27]", (69.09, 86.87, 91.77, 95.39)),
            ("CNN", (48.04, 74.34, 83.33, 90.48)),
            ("MR B-CNN", (52.88, 78.08, 86.3, 92.63)),
        ),
    ),
}

ZERO_SHOT_ROWS: dict[str, dict[str, tuple[float, float]]] = {  # method -> protocol -> rank-1 and mAP
    # Images of 256 x 128. The three figures are from the comparison in Wang et al., ACM MM 2020 (RandPerson).
    "ResNet-50, SyRI (Bak et al. 2018)": {"market1501": (29.0, 10.8), "cuhk03-np": (4.1, 3.5)},
    "ResNet-50, PersonX (Sun and Zheng 2019)": {"market1501": (44.0, 20.4), "cuhk03-np": (7.4, 6.2)},
    "ResNet-50, RandPerson (Wang et al. 2020)": {"market1501": (55.6, 28.8), "cuhk03-np": (13.4, 10.8)},
    # Other training methods: Zhang et al., CVPR 2021, and Wang et al., CVPR 2022.
    "UnrealPerson (Zhang et al. 2021)": {"market1501": (79.0, 54.3)},
    "ClonedPerson (Wang et al. 2022)": {"market1501": (84.5, 59.9), "cuhk03-np": (22.6, 21.8)},
}


def zero_shot_rows(results: dict[str, dict[str, Any]]) -> list[dict[str, str | float]]:
    """Return the published zero-shot results for the tests of a table.

    Args:
        results: The content of one result.json by the name of each test (`core.evaluation.report.Report.task`).

    Returns:
        Rows with method, source, "TEST recall@1" and "TEST mAP"; no row without a figure.
    """
    rows: list[dict[str, str | float]] = []
    for method, published in ZERO_SHOT_ROWS.items():
        row: dict[str, str | float] = {"method": method, "source": PUBLISHED}
        for test, result in results.items():
            if figures := published.get(_benchmark_protocol(result)):
                row |= zip((f"{test} recall@1", f"{test} mAP"), figures, strict=True)
        if len(row) > 2:
            rows.append(row)
    return rows


def _benchmark_protocol(result: dict[str, Any]) -> str:
    """Return the name of the protocol; "" for data in the layout of Market-1501 that are not Market-1501."""
    is_other = result["layout"] == TABLES["table3"].layout and not fits(TABLES["table3"], result)
    return "" if is_other else result["protocol"]


def fits(table: PublishedTable, result: dict[str, Any]) -> bool:
    """Return whether a result was measured on the table's data set by its protocol.

    Other data sets use Market-1501's layout too, so Market-1501 is recognised by its number of probes. A result that
    includes same-camera images is of another protocol.

    Args:
        table: The table.
        result: The content of a result.json (`core.evaluation.report`).
    """
    if (result["layout"], result["protocol"]) != (table.layout, table.protocol) or result.get("include_same_camera"):
        return False
    return table.layout != "market1501" or result["summary"]["probes"] >= 3000


def is_zero_shot(result: dict[str, Any]) -> bool:
    """Return whether the training records show that the model was not trained on the data set.

    Rendered data sets have the layout of Market-1501, so a result in that layout is zero-shot on Market-1501 only.
    """
    if Overlap.of_result(result).unknown or not result.get("training_records"):
        return False
    if not _benchmark_protocol(result):
        return False
    trained = {_benchmark(record["data"]) for record in result["training_records"]}
    return _benchmark(result["data"]) not in trained


def mark(result: dict[str, Any]) -> str:
    """Return a short mark: zero-shot, or tested identities that were or may have been seen in training; or ""."""
    return ZERO_SHOT if is_zero_shot(result) else Overlap.of_result(result).mark


def compare(
    columns: Iterable[str], results: dict[str, dict[str, Any]], table: PublishedTable | None = None
) -> pd.DataFrame:
    """Create a table of published and measured results.

    The differences of mAP use the authors' definition of average precision. The name of a measured row has the mark of
    its result (`mark`). A zero-shot result has no difference: the paper's networks were trained on the data set. If
    there is one, the published zero-shot results on the data set follow those of the table.

    Args:
        columns: The metrics, e.g. "recall@1".
        results: The contents of result.json by model name.
        table: The paper's table, if there is one.

    Returns:
        Columns method, source and the metrics in percent. The published rows come first. Each measured row is followed
        by its difference from the paper's row of the same architecture, if there is one.
    """
    columns = list(columns)
    rows = [(method, PUBLISHED, *values) for method, values in table.rows] if table else []
    if unseen := next((result for result in results.values() if is_zero_shot(result)), None):
        for row in zero_shot_rows({"": unseen}):
            rows.append((f"{row['method']} [{ZERO_SHOT}]", PUBLISHED, *(row.get(f" {column}") for column in columns)))
    for model, result in results.items():
        name = f"{model} [{mark(result)}]" if mark(result) else model
        measured = [result["summary"].get(column) for column in columns]
        rows.append((name, MEASURED, *measured))
        if table and _is_comparable(result) and (paper := table.figures(result["architecture"])):
            comparable = [result["summary"].get(_paper_metric(column)) for column in columns]
            differences = [
                None if ours is None or paper[column] is None else round(ours - paper[column], 2)
                for column, ours in zip(columns, comparable, strict=True)
            ]
            definition = ", mAP by the paper's definition" if "mAP" in columns else ""
            rows.append(
                (f"{name} - {ARCHITECTURE_NAMES[result['architecture']]}{definition}", DIFFERENCE, *differences)
            )
    return pd.DataFrame(rows, columns=["method", "source", *columns])


def _benchmark(data: str) -> str:
    """Return the name of a data set without its kind of boxes: both versions of CUHK03 have the same identities."""
    return data.lower().removesuffix("-labeled").removesuffix("-detected")


def _paper_metric(column: str) -> str:
    return "mAP_authors_2017" if column == "mAP" else column


def _is_comparable(result: dict[str, Any]) -> bool:
    """Return whether the paper's network was trained on the data set too, and is equal: its MR B-CNN has size 5."""
    return not is_zero_shot(result) and (result["architecture"] != "mr_bcnn" or result["region_size"] == 5)
