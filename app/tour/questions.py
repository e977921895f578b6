"""The question of each chapter. Answers are computed from what the page shows; none is stored."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.shared import cache, model_cards
from app.shared.keys import MARGIN
from app.shared.settings import list_models
from app.tour import loss_demo, page_state, texts
from app.tour.chapters import LATE_MATCH
from core.errors import UserError
from core.explain.region_names import entry_name, region_name

COUNTED = 5  # results in the question of chapter 2
ASKED_PART = 1  # in chapter 3
CANDIDATES = 4  # images in chapter 1, and camera pairs in chapter 7
ARCHITECTURES = ("pedestrians-cnn", "pedestrians-b_cnn", "pedestrians-mr_bcnn")  # trained alike
INVARIANT = 1 - 1e-5  # a cosine above it is 1 up to rounding errors


@dataclass(frozen=True)
class Question:
    """A question about the page.

    Attributes:
        text: The question.
        correct: The correct answer.
        explanation: Shown with the correct answer.
        options: The label of each answer; without options, the state of the page is the answer.
        given: The answer that the state of the page gives.
        shown: How the panel shows `given`.
    """

    text: str
    correct: str
    explanation: str
    options: dict[str, str] | None = None
    given: str = ""
    shown: str = ""

    def accepts(self, answer: str | None) -> bool:
        """Return whether an answer is right."""
        return answer == self.correct


def ask_for_person() -> Question:
    """Ask which image shows the person of the probe (chapter 1)."""
    case = page_state.hard_case(LATE_MATCH, CANDIDATES - 1)
    names = page_state.images().names
    records = [case.same[0], *(record for record, _ in case.others)]
    found = sorted((names[record.path] for record in records), key=_shuffle)
    options = {name: texts.CANDIDATE.format(letter=letter) for name, letter in zip(found, "ABCD", strict=False)}
    explanation = texts.TASK_EXPLANATION.format(identity=case.probe.identity)
    return Question(texts.TASK_QUESTION, names[case.same[0].path], explanation, options)


def ask_for_matches() -> Question:
    """Ask how many of the first results are true matches (chapter 2)."""
    record, ranking = page_state.ranking()
    is_match = (ranking["identity"] == record.identity).to_numpy()
    if not is_match.any():
        raise UserError(texts.NEEDS_TRUE_MATCH)
    first = int(is_match.argmax()) + 1
    count = min(COUNTED, len(ranking))
    explanation = texts.SEARCHING_EXPLANATION.format(rank=first) if first > 1 else texts.SEARCHING_EXPLANATION_FIRST
    options = {str(number): str(number) for number in range(count + 1)}
    right = str(int(is_match[:count].sum()))
    return Question(texts.SEARCHING_QUESTION.format(count=count), right, explanation, options)


def ask_for_region() -> Question:
    """Ask for the brightest region of a part (chapter 3)."""
    state = page_state.inside()
    energy, geometry = state.regions.energy, state.regions.geometry
    best = ASKED_PART * geometry.side**2 + int(energy[ASKED_PART].argmax())
    explanation = texts.STREAMS_EXPLANATION.format(
        region=region_name(best, geometry), energy=float(energy[ASKED_PART].max())
    )
    selected = texts.SELECTED_REGION.format(region=region_name(state.region, geometry))
    text = texts.STREAMS_QUESTION.format(part=geometry.part_names[ASKED_PART])
    return Question(text, str(best), explanation, None, str(state.region), selected)


def ask_for_entry() -> Question:
    """Ask for an entry of a bilinear matrix without one location (chapter 4)."""
    state = page_state.inside()
    a, b, products = state.regions.filter_pair(state.region, state.i, state.j)
    number = int(products.argmax())
    total, product = float(products.sum()), float(products.ravel()[number])
    one, two = float(a.ravel()[number]), float(b.ravel()[number])
    rest = total - product
    wrong = (total, total - one - two, total / products.size, total + product)
    options = {f"{rest:.6g}": f"{rest:.3g}"}
    for value in wrong:  # labels that look alike would be two correct answers
        if f"{value:.3g}" not in options.values():
            options[f"{value:.6g}"] = f"{value:.3g}"
    entry = entry_name(state.i, state.j, state.regions.matrices.shape[2])
    values = {"total": total, "a": one, "b": two, "product": product, "rest": rest}
    met = state.regions.met(state.i, state.j)
    text = texts.EQUATIONS_QUESTION.format(entry=entry, number=number + 1, i=state.i + 1, j=met + 1, **values)
    ordered = dict(sorted(options.items(), key=lambda option: float(option[0])))
    return Question(text, f"{rest:.6g}", texts.EQUATIONS_EXPLANATION.format(**values), ordered)


def ask_for_architecture() -> Question:
    """Ask which network notices what leaves its region, and nothing else (chapter 5)."""
    names = [name for name in ARCHITECTURES if name in list_models()]
    chosen, found = page_state.probe(), {}
    for name in names:
        key, model = cache.model(name)
        found[name] = _compare(key, chosen.content, model, chosen.image)
    right = [
        name for name, cosines in found.items() if cosines["regions"] > INVARIANT and cosines["parts"] <= INVARIANT
    ]
    if len(names) < 2 or len(right) != 1:
        raise UserError(texts.NEEDS_MODELS.format(names=", ".join(map(model_cards.short_name_of, ARCHITECTURES))))
    options = {name: model_cards.short_name_of(name) for name in names}
    cosines = found[right[0]]
    explanation = texts.ARCHITECTURES_EXPLANATION.format(
        name=options[right[0]], regions=cosines["regions"], parts=cosines["parts"]
    )
    return Question(texts.ARCHITECTURES_QUESTION, right[0], explanation, options)


def ask_for_margin() -> Question:
    """Ask for the smallest distance of the scores with a small loss (chapter 6)."""
    best = loss_demo.smallest()
    losses = {"loss": loss_demo.compute(best)[0], "before": loss_demo.compute(round(best - loss_demo.STEP, 10))[0]}
    explanation = texts.LEARNING_EXPLANATION.format(margin=best, **losses)
    given = st.query_params.get(MARGIN, str(loss_demo.DEFAULT))
    text = texts.LEARNING_QUESTION.format(limit=loss_demo.LIMIT)
    return Question(text, f"{best:.10g}", explanation, None, given)


def ask_for_cameras() -> Question:
    """Ask for the pair of cameras with the lowest rank-1 (chapter 7)."""
    name, report = page_state.camera_report()
    cameras = report.result["cameras"]
    recalls = np.array(cameras["recall@1"], dtype=float)
    order = [tuple(map(int, np.unravel_index(n, recalls.shape))) for n in np.argsort(recalls, axis=None)]
    known = [pair for pair in order if not np.isnan(recalls[pair])]
    if len(known) < 2 or recalls[known[0]] == recalls[known[1]]:
        raise UserError(texts.NEEDS_CAMERAS)
    step = max(1, len(known) // CANDIDATES)
    offered = sorted(known[::step][:CANDIDATES])
    labels = {
        f"{i}-{j}": texts.CAMERA_PAIR.format(probe=cameras["probe"][i], gallery=cameras["gallery"][j])
        for i, j in offered
    }
    i, j = known[0]
    explanation = texts.EVALUATION_EXPLANATION.format(
        probe=cameras["probe"][i],
        gallery=cameras["gallery"][j],
        recall=recalls[i, j],
        mean=report.result["summary"]["recall@1"],
    )
    text = texts.EVALUATION_QUESTION.format(model=model_cards.short_name_of(name))
    return Question(text, f"{i}-{j}", explanation, labels)


QUESTIONS: tuple[Callable[[], Question], ...] = (  # of the chapters
    ask_for_person,
    ask_for_matches,
    ask_for_region,
    ask_for_entry,
    ask_for_architecture,
    ask_for_margin,
    ask_for_cameras,
)


def _shuffle(name: str) -> str:
    """Return a key that sorts names in an order that says nothing about them."""
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


@cache.of_galleries
@st.cache_data(max_entries=20, show_spinner=False)
def _compare(model: tuple, content: tuple, _model, _image) -> dict[str, float]:
    from core.explain.shuffles import compare_shuffles

    return compare_shuffles(_model, _image)
