"""The functions for scripts and agents: over HTTP, and as tools of an MCP server in another process."""

import ast
import asyncio
import base64
import shutil
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from gradio_server import gradio_server
from own_loops import in_own_loop

from app import gradio_texts as texts
from core.data.datasets import read_dataset
from core.evaluation.evaluate import evaluate_model
from core.evaluation.protocols import choose_protocol
from core.explain.activations import look_inside
from core.explain.attribution import explain_match
from core.explain.mean_vectors import average_vectors
from core.inference.model import load
from core.search.gallery import Gallery

pytestmark = pytest.mark.server
MODEL = "pedestrians-mr_bcnn"


@pytest.fixture(scope="module")
def server(market, checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tools")
    shutil.copytree(checkpoint, folder / "checkpoints" / MODEL)
    with gradio_server(market, folder / "checkpoints", folder) as url:
        yield url


@pytest.fixture(scope="module")
def call(server):
    client = Client(server, verbose=False, download_files=False)
    yield lambda name, *arguments: client.predict(*arguments, api_name=f"/{name}")
    client.close()


@pytest.fixture(scope="module")
def model(checkpoint):
    return load(checkpoint)


@pytest.fixture(scope="module")
def records(market):
    return {record.path.name: record for record in (lambda data: [*data.query, *data.searchable])(read_dataset(market))}


def ask_agent(server: str, name: str = "", **arguments):
    """The tools of the MCP server, or the text of one's result."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def ask():
        async with (
            streamablehttp_client(f"{server}gradio_api/mcp/") as (reader, writer, _),
            ClientSession(reader, writer) as session,
        ):
            await session.initialize()
            if not name:
                return (await session.list_tools()).tools
            result = await session.call_tool(name, arguments)
            return result.isError, result.content[0].text

    return in_own_loop(asyncio.wait_for(ask(), 90))


def check_search(found: dict, name: str, model, market, records) -> None:
    gallery = Gallery.from_folder(market, model)
    expected = gallery.search(model.describe(records[name].path)[0], 3, probe=records[name])
    rows = found["results"]
    assert [row["image"] for row in rows] == [Path(path).name for path in expected["path"]]
    np.testing.assert_allclose([row["score"] for row in rows], expected["score"], atol=1e-5)
    assert [row["true_match"] for row in rows] == [row["identity"] == records[name].identity for row in rows]


def test_search(call, model, market, records):
    name = next(iter(records))
    check_search(call("search_by_name", name, MODEL, 3), name, model, market, records)


def test_explain(call, model, market, records):
    first, *_, last = records
    found = call("explain", first, last)
    searched = [str(record.path) for record in read_dataset(market).searchable]
    both = [look_inside(model, records[name].path) for name in (first, last)]
    expected = explain_match(model, *both, average_vectors(model, searched))
    for side, values, rest in zip(("probe", "match"), expected.of_regions, expected.rest, strict=True):
        assert found[side]["what_all_images_share"] == pytest.approx(rest, abs=1e-5)
        np.testing.assert_allclose(list(found[side]["regions"].values()), values, atol=1e-5)
        total = sum(found[side]["regions"].values()) + found[side]["what_all_images_share"]
        assert total == pytest.approx(found["score"])
    assert "trunk, middle centre" in found["probe"]["regions"]


def test_describe(call, model, records):
    name, record = next(iter(records.items()))
    found = call("describe", name)
    assert (found["identity"], found["camera"]) == (record.identity, record.camera)
    np.testing.assert_allclose(found["descriptor"], model.describe(record.path)[0], atol=1e-5)


def test_evaluate(call, model, market):
    dataset = read_dataset(market)
    expected = evaluate_model(model, dataset, choose_protocol(dataset)).figures
    found = call("evaluate")
    assert found["recall@1"] == pytest.approx(expected["recall@1"], abs=0.01)
    assert found["mAP"] == pytest.approx(expected["mAP"], abs=0.01)


@pytest.mark.parametrize("name", ["search_by_name", "describe"])
def test_unknown_names_give_a_sentence(call, name, records):
    sentence = texts.NO_DEMO_IMAGE.format(name="x.jpg", example=next(iter(records)))
    for arguments, expected in ((["x.jpg"], sentence), ([next(iter(records)), "gone"], "There is no model 'gone'")):
        with pytest.raises(AppError, match=expected):
            call(name, *arguments)


@pytest.mark.parametrize("results", [0, -3, 101, 2.5, "3", None, True])
def test_a_wrong_number_of_results_gives_a_sentence(call, records, results):
    with pytest.raises(AppError, match="^The number of results is a whole number from 1 to 100, not "):
        call("search_by_name", next(iter(records)), MODEL, results)


@pytest.mark.parametrize("name", ["search_by_name", "describe", "explain", "evaluate"])
def test_a_name_of_a_wrong_type_gives_a_sentence(call, name, records):
    for wrong in ([], {}, 5):
        known = {"search_by_name": 1, "describe": 1, "explain": 2, "evaluate": 0}[name] * [next(iter(records))]
        with pytest.raises(AppError, match="^There is no model "):
            call(name, *known, wrong)
        if known:
            with pytest.raises(AppError, match="^There is no demo image "):
                call(name, wrong, *known[1:])


def test_an_agent_lists_and_calls_the_tools(server, model, market, records):
    tools = {tool.name: tool for tool in ask_agent(server)}
    assert set(tools) == {"search_with_image", "search", "explain", "describe", "evaluate"}
    assert tools["explain"].description.startswith("Explain the score of two demo images")
    assert tools["explain"].inputSchema["required"] == ["probe", "match"]
    assert "name of an image" in tools["explain"].inputSchema["properties"]["probe"]["description"]
    first, *_, last = records
    is_error, text = ask_agent(server, "search", probe=first, results=3)
    assert not is_error
    check_search(ast.literal_eval(text), first, model, market, records)
    score = ast.literal_eval(ask_agent(server, "explain", probe=first, match=last)[1])["score"]
    vectors = [ast.literal_eval(ask_agent(server, "describe", image=name)[1])["descriptor"] for name in (first, last)]
    assert score == pytest.approx(np.dot(*vectors), abs=1e-5)
    assert "recall@1" in ast.literal_eval(ask_agent(server, "evaluate")[1])
    image = "data:image/png;base64," + base64.b64encode(records[first].path.read_bytes()).decode()
    is_error, text = ask_agent(server, "search_with_image", image=image, model=MODEL, results=3, cameras=[])
    assert not is_error and text.count("caption") == 3
    is_error, text = ask_agent(server, "describe", image="x.jpg")
    assert is_error and "There is no demo image 'x.jpg'" in text
