"""The chapters of the tour: pages, their parameters, and the steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.shared.keys import CAMERAS, LOOKED_AT, MODEL, MOVED, PROBE, ROW
from app.shared.settings import EXPLAINED_MODEL
from app.tour import texts

SEARCH, REGIONS, TRAINING, RESULTS = "search", "regions", "training", "results"  # files of app_pages
READ, TRY, QUESTION = "read", "try", "question"  # kinds of steps

LATE_MATCH = "0539_c2s3_079956_00.jpg"  # a demo image whose first true match is not the first result
PAIR_OF_LOOKS = "0547_c2s1_066672_00.jpg"  # a demo image with a true match that looks different
COMPLETE = "0521_c1s2_053164_00.jpg"  # a demo image whose three parts are easy to see
STRANGER = "0536_c1s2_042222_00.jpg"  # a demo image whose person most cameras did not see
ABSENT = "absent"  # in place of cameras: those that did not see the probe's person

Link = Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One step of a chapter.

    Attributes:
        kind: READ, TRY or QUESTION.
        paragraphs: Texts with terms in `[[ ]]`.
        figure: CSS selector of the figure; "" if the step has none, OWN if the tour draws it.
        page: The page, if it is not that of the chapter.
        link: The parameters of the page, if the step does not keep those of the step before.
    """

    kind: str
    paragraphs: tuple[str, ...]
    figure: str
    page: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Chapter:
    """A chapter: one idea, one thing to do, one question, a hint, and the sentence of the paper that it explains."""

    title: str
    page: str
    link: Link
    sentence: str
    hint: str
    steps: tuple[Step, ...] = field(default=())


OWN = ".st-key-tour_figure"
CHAPTERS = (
    Chapter(
        texts.TASK,
        SEARCH,
        {MODEL: EXPLAINED_MODEL},
        texts.TASK_SENTENCE,
        texts.TASK_HINT,
        (Step(READ, texts.TASK_IDEA, OWN), Step(QUESTION, texts.TASK_TRY, OWN)),
    ),
    Chapter(
        texts.SEARCHING,
        SEARCH,
        {PROBE: LATE_MATCH, MODEL: EXPLAINED_MODEL},
        texts.SEARCHING_SENTENCE,
        texts.SEARCHING_HINT,
        (
            Step(READ, texts.SEARCHING_IDEA, ".st-key-ranking"),
            Step(TRY, texts.SEARCHING_TRY, ".st-key-ranking"),
            Step(QUESTION, (), ".st-key-ranking", link={PROBE: LATE_MATCH, MODEL: EXPLAINED_MODEL}),
        ),
    ),
    Chapter(
        texts.STREAMS,
        REGIONS,
        {PROBE: COMPLETE, MODEL: EXPLAINED_MODEL},
        texts.STREAMS_SENTENCE,
        texts.STREAMS_HINT,
        (
            Step(READ, texts.STREAMS_IDEA, ".st-key-image"),
            Step(TRY, texts.STREAMS_TRY, """:is(.st-key-product, [class*="st-key-strongest_"])"""),
            Step(QUESTION, (), ".st-key-image"),
        ),
    ),
    Chapter(
        texts.EQUATIONS,
        REGIONS,
        {PROBE: COMPLETE, MODEL: EXPLAINED_MODEL},
        texts.EQUATIONS_SENTENCE,
        texts.EQUATIONS_HINT,
        (
            Step(READ, texts.EQUATIONS_IDEA, OWN),
            Step(TRY, texts.EQUATIONS_TRY, ".st-key-location_sum"),
            Step(QUESTION, (), OWN),
        ),
    ),
    Chapter(
        texts.ARCHITECTURES,
        REGIONS,
        {PROBE: COMPLETE, MODEL: EXPLAINED_MODEL, ROW: "models", MOVED: "true"},
        texts.ARCHITECTURES_SENTENCE,
        texts.ARCHITECTURES_HINT,
        (
            Step(READ, texts.ARCHITECTURES_IDEA, ".st-key-side_by_side"),
            Step(TRY, texts.ARCHITECTURES_TRY, ".st-key-moved"),
            Step(QUESTION, (), ".st-key-moved"),
        ),
    ),
    Chapter(
        texts.LEARNING,
        TRAINING,
        {},
        texts.LEARNING_SENTENCE,
        texts.LEARNING_HINT,
        (Step(READ, texts.LEARNING_IDEA, OWN), Step(TRY, texts.LEARNING_TRY, OWN), Step(QUESTION, (), OWN)),
    ),
    Chapter(
        texts.EVALUATION,
        RESULTS,
        {MODEL: EXPLAINED_MODEL, LOOKED_AT: EXPLAINED_MODEL},
        texts.EVALUATION_SENTENCE,
        texts.EVALUATION_HINT,
        (
            Step(READ, texts.EVALUATION_IDEA, ".st-key-recall"),
            Step(TRY, texts.CAMERAS_TRY, ".st-key-cameras"),
            Step(QUESTION, (), ".st-key-cameras"),
            Step(
                TRY,
                texts.OPEN_SET_TRY,
                ".st-key-ranking",
                SEARCH,
                {PROBE: STRANGER, MODEL: EXPLAINED_MODEL, CAMERAS: ABSENT},
            ),
            Step(READ, texts.RESPONSIBLE, "", SEARCH, {}),
        ),
    ),
)
