"""Links of earlier versions."""

import pytest

from app.results.links import update
from app.results.tables import boards

NP = {"data": "cuhk03-detected", "layout": "cuhk03-detected", "protocol": "cuhk03-np"}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({}, {}),
        ({"table": ["people"], "results": ["one"], "result": ["one"], "other": ["x"]}, None),
        ({"table": ["pedestrians"]}, {"table": ["Demo"]}),
        ({"table": ["people-market1501"]}, {"table": ["people"]}),  # from the page Data
        ({"result": ["one on people"]}, {"table": ["people"], "result": ["one"]}),
        (
            {"results": ["one on pedestrians", "one on people"]},  # the first one chooses the data set
            {"table": ["Demo"], "results": ["one"]},
        ),
        ({"table": ["people"], "results": ["one on pedestrians"]}, {"table": ["people"]}),
        ({"result": ["nothing"]}, None),  # the page shows an error
        (
            {"result": ["two, re-ranked, on cuhk03-detected by cuhk03-np"]},
            {"table": ["CUHK03-detected, new protocol (NP)"], "result": ["two, re-ranking"]},
        ),
        (
            {"result": ["one, mirror images, on pedestrians"]},  # of the last version
            {"table": ["Demo"], "result": ["one, mirror images"]},
        ),
        (
            {"result": ["one, with mirror images, on pedestrians"]},
            {"table": ["Demo"], "result": ["one, mirror images"]},
        ),
    ],
)
def test_links_of_earlier_versions(make_report, link, expected):
    found = boards(
        {
            "one: pedestrians-market1501": make_report(data="pedestrians"),
            "one: pedestrians-market1501-flip": make_report(data="pedestrians", flip=True),
            "one: people-market1501": make_report(),
            "two: cuhk03-detected-cuhk03-np-reranked": make_report(**NP, rerank=True),
        }
    )
    assert update(link, found) == (link if expected is None else expected)
