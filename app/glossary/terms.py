"""The terms of the pages: two sentences and a small figure each. Every term stands in docs/glossary.md, too."""

from app.glossary.figures import (
    FALSE,
    FIRST,
    SECOND,
    TRUE,
    arrow,
    axes,
    cells,
    drawing,
    frame,
    hill,
    label,
    line,
    numbers,
    path,
    people,
    person,
    tone,
)

MAP = ((0.1, 0.2, 0.1), (0.3, 0.9, 0.4), (0.1, 0.3, 0.1))
OTHER_MAP = ((0.1, 0.1, 0.2), (0.2, 0.8, 0.7), (0.1, 0.1, 0.3))
GRID = ((0.05,) * 3, (0.05, 0.6, 0.05), (0.05,) * 3)

Term = tuple[str, tuple[str, ...]]  # the meaning, and the shapes of the figure
TERMS: dict[str, Term] = {
    # data
    "probe": (
        "The image to search for. Other texts call it the query.",
        (tone(FIRST, person(30)), arrow(80), people(3, 130, 36)),
    ),
    "gallery": (
        "The images to search in. A search sorts them for the probe.",
        (person(10, 48, 12), arrow(44, 36, 22), tone(FIRST, people(4, 84, 36))),
    ),
    "identity": (
        "The label of a person, usually a number. Images with the same identity show the same person.",
        (people(2, 24), label(36, 72, "0527"), label(70, 72, "0527"), people(1, 150), label(162, 72, "0531")),
    ),
    "camera": (
        "The number of the camera that took an image. Cameras differ in light, colours and direction of view.",
        (
            frame(14, 26, 26, 18),
            path("M40 32l10 -6v18l-10 -6"),
            person(62, 48, 12),
            frame(196, 26, 26, 18),
            path("M196 32l-10 -6v18l10 -6"),
            tone(SECOND, person(148, 48, 12)),
            label(27, 60, "1"),
            label(209, 60, "2"),
        ),
    ),
    "data set": (
        "A folder of images with identities. The file names say who is on an image, and which camera took it.",
        (path("M20 18h26l6 7h50v40h-82z"), people(3, 124, 34), label(60, 48, "images")),
    ),
    "split": (
        "The division of the identities: some are for training, others for the test. A model is measured on people "
        "that it was not trained on.",
        (people(3, 12, 30), path("M110 6v64", True), tone(FIRST, people(3, 124, 30)), label(56, 74, "training", 10)),
    ),
    "distractor": (
        "A gallery image of a person who has no probe. It makes the search harder, and counts as a false match.",
        (people(2, 24), tone(FALSE, people(1, 100)), people(2, 142)),
    ),
    "named gallery": (
        "A gallery that you create from your own images on the page Data. It has a name, and one model indexes it.",
        (path("M20 14h30l6 7h56v44h-92z"), label(66, 48, "my gallery"), arrow(124), numbers(170), numbers(190, seed=3)),
    ),
    # search
    "score": (
        "The similarity of two images: the cosine similarity of their descriptors. It is 1 for equal descriptors, and "
        "about 0 for unrelated ones.",
        (person(14), numbers(56), path("M84 38h40m-35 -4l-5 4l5 4m30 -8l5 4l-5 4"), label(104, 28, "0.91"))
        + (numbers(138), person(162)),
    ),
    "ranking": (
        "The gallery, sorted by score. The highest score comes first.",
        (
            people(4, 30, 46),
            label(42, 72, "0.91"),
            label(88, 72, "0.64"),
            label(134, 72, "0.35"),
            label(180, 72, "0.2"),
        ),
    ),
    "rank": (
        "The position of a result in the ranking. The first result has rank 1.",
        (people(3, 40, 54), label(52, 72, "1"), label(106, 72, "2"), label(160, 72, "3")),
    ),
    "true match": (
        "A gallery image of the probe's person. Pages mark it with a green frame and a tick.",
        (person(30, bag=True), arrow(80), tone(TRUE, person(130, bag=True), label(184, 44, "✓", 22))),
    ),
    "false match": (
        "A gallery image of another person. Pages mark it with a red frame and a cross.",
        (person(30, bag=True), arrow(80), tone(FALSE, person(130), label(184, 44, "✗", 22))),
    ),
    "same-camera images": (
        "Images of the probe's person from the probe's own camera. They are too easy to find, so they are ignored.",
        (
            person(24),
            person(64),
            frame(120, 30, 26, 16),
            path("M120 36l-10 -5v14l10 -5", False),
            label(190, 44, "ignored"),
        ),
    ),
    "calibration": (
        "A function from a score to a probability of a true match. It is fitted on pairs of people whose identity is "
        "known.",
        (axes(), path("M28 58C110 58 110 12 206 12"), label(120, 74, "score", 10), label(12, 38, "%", 10)),
    ),
    "open-set identification": (
        "A search for a person who may not be in the gallery. The system must also be able to answer: not here.",
        (person(20), arrow(66), people(3, 110, 34), label(226, 44, "?", 26)),
    ),
    "false-match rate": (
        "The share of pairs of different people that score above a threshold. A higher threshold lowers it, but misses "
        "more true matches.",
        (axes(), tone(FALSE, hill(86, 56, 46)), path("M128 8v54", True), label(128, 74, "threshold", 10)),
    ),
    "re-ranking": (
        "A second sorting of the results. Two images move up if each is among the nearest neighbours of the other.",
        (people(2, 40, 60), path("M70 26h22m-5 -4l5 4l-5 4M92 44h-22m5 -4l-5 4l5 4"), label(180, 40, "1 ↔ 2", 16)),
    ),
    # the network
    "part": (
        "One of three overlapping stripes of the image: head and chest, trunk, legs. The network treats each part by "
        "itself.",
        (person(40, 66, 5), tone(FIRST, frame(36, 4, 41, 26)), tone(SECOND, frame(34, 25, 45, 26)))
        + (tone(TRUE, frame(36, 46, 41, 26)), label(140, 20, "head and chest"), label(140, 42, "trunk"))
        + (label(140, 64, "legs"),),
    ),
    "stream": (
        "One of two small networks, A and B, that look at the same part. Each computes feature maps of its own.",
        (
            frame(20, 22, 32, 32),
            line([(52, 38), (90, 18)]),
            line([(52, 38), (90, 58)]),
            tone(FIRST, frame(90, 8, 70, 22)),
        )
        + (tone(SECOND, frame(90, 46, 70, 22)), label(125, 23, "stream A"), label(125, 61, "stream B")),
    ),
    "filter": (
        "A small pattern detector inside a stream, for instance for an edge or a colour. It looks at every position of "
        "the part.",
        (cells(20, 8, 20, MAP), tone(FIRST, frame(20, 8, 40, 40, 3)), arrow(96), label(184, 42, "filter 5")),
    ),
    "activation": (
        "How strongly a filter reacts at one location. It is 0 if the pattern is absent.",
        (cells(30, 8, 20, MAP), arrow(100), tone(FIRST, frame(146, 22, 32, 32, 2, 0.8)), label(206, 43, "1.84")),
    ),
    "feature map": (
        "The activations of one filter at all locations of a part: a grid of 15 × 15 numbers. A bright cell means that "
        "the pattern is there.",
        (frame(20, 8, 60, 60), arrow(90), cells(136, 8, 20, MAP)),
    ),
    "location": (
        "One cell of a feature map. It belongs to a small square of pixels of the part.",
        (frame(20, 8, 60, 60), tone(SECOND, frame(42, 28, 18, 18, 2)), arrow(90), cells(136, 8, 20, GRID)),
    ),
    "receptive field": (
        "The pixels that the activations at one location depend on. It is larger than the location, because each layer "
        "looks at its neighbours.",
        (frame(20, 8, 60, 60), tone(SECOND, frame(30, 18, 40, 40, 2)), line([(70, 18), (156, 28)]))
        + (line([(70, 58), (156, 48)]), cells(136, 8, 20, GRID)),
    ),
    "region": (
        "A square of neighbouring locations, 5 × 5 in the paper. A part has 3 × 3 regions, so an image has 27.",
        (cells(90, 8, 20, ((0.02,) * 3, (0.02, 0.5, 0.02), (0.02,) * 3)), tone(FIRST, frame(110, 28, 20, 20, 3)))
        + (label(194, 42, "5 × 5"),),
    ),
    "bilinear matrix": (
        "The sum over a region of the products of both streams (equations 1 and 2). An entry is high if two patterns "
        "occur at the same locations.",
        (tone(FIRST, numbers(20)), label(48, 42, "×", 16), tone(SECOND, cells(66, 30, 14, ((0.2, 0.8, 0.3, 0.5),))))
        + (label(134, 42, "=", 16), cells(152, 8, 15, ((0.1, 0.3, 0.1, 0.2), (0.2, 0.8, 0.3, 0.5)) * 2)),
    ),
    "region vector": (
        "The bilinear matrix of a region, written as one row of numbers. All rows together form equation (3).",
        (cells(16, 16, 16, ((0.1, 0.4), (0.8, 0.3))), arrow(58), cells(104, 22, 16, ((0.1, 0.4, 0.8, 0.3) * 2,)))
        + (cells(104, 44, 16, ((0.5, 0.1, 0.2, 0.6) * 2,)),),
    ),
    "descriptor": (
        "The vector of numbers that the network computes for an image. Similar images get similar descriptors.",
        (person(40), arrow(86), numbers(136), label(194, 42, "500")),
    ),
    "architecture": (
        "The plan of a network: CNN keeps every location, B-CNN sums over a whole part, MR B-CNN sums over regions. "
        "Their layers before this step are the same.",
        (cells(14, 10, 6, ((0.1,) * 8,) * 8), frame(94, 10, 48, 48), cells(174, 10, 16, ((0.05,) * 3,) * 3))
        + (label(38, 73, "CNN"), label(118, 73, "B-CNN"), label(198, 73, "MR B-CNN")),
    ),
    "ensemble": (
        "Several networks that are used side by side. Their descriptors are joined end to end.",
        (frame(20, 8, 60, 16), frame(20, 30, 60, 16), frame(20, 52, 60, 16), arrow(92), numbers(140, 4, 68)),
    ),
    "checkpoint": (
        "A folder with the weights of a trained network and its settings. The app lists each checkpoint as a model.",
        (path("M30 14h30l6 7h56v44h-92z"), label(76, 48, "weights"), arrow(134), label(204, 42, "model")),
    ),
    # explanations
    "attribution": (
        "A score, written as an exact sum over pairs of regions. It shows where two images agree for the network.",
        (person(20), person(180), tone(FIRST, path("M44 22C90 22 120 22 188 22M40 40C90 40 120 40 190 40")))
        + (tone(SECOND, path("M38 58C90 58 120 58 190 58", True)),),
    ),
    "contribution": (
        "One term of an attribution. A positive contribution raises the score, a negative one lowers it.",
        (path("M20 40h200"), tone(FIRST, frame(40, 14, 22, 26, 1, 0.6), frame(76, 24, 22, 16, 1, 0.6)))
        + (tone(SECOND, frame(112, 40, 22, 20, 1, 0.6)), label(190, 30, "+"), label(190, 58, "−")),
    ),
    "baseline": (
        "The image that an attribution starts from: the mean image of the gallery, or zero. Contributions say what "
        "differs from it.",
        (
            people(3, 14, 26, 40, 16),
            arrow(104),
            tone(SECOND, frame(150, 12, 26, 52, 1.5, 0.25)),
            label(208, 42, "mean"),
        ),
    ),
    "deletion test": (
        "Regions of an image are covered, and the score is measured again. If the explanation is right, the score "
        "falls as predicted.",
        (person(40), frame(44, 26, 24, 18, 1, 0.9), arrow(90), label(160, 42, "0.91 → 0.62", 13)),
    ),
    "top activations": (
        "The images on which a filter pair has its highest and lowest values. They show what the pair reacts to.",
        (tone(TRUE, people(3, 14, 32)), path("M116 8v60", True), people(3, 128, 32), label(60, 74, "high", 10)),
    ),
    # the map
    "embedding": (
        "The space of all descriptors. Images of one person should be near each other in it.",
        tuple(tone(FIRST, frame(x, y, 6, 6, 1, 0.8)) for x, y in ((50, 20), (62, 28), (52, 34)))
        + tuple(tone(SECOND, frame(x, y, 6, 6, 1, 0.8)) for x, y in ((150, 46), (162, 40), (158, 54)))
        + (frame(10, 4, 220, 68),),
    ),
    "map": (
        "The descriptors as points of a plane. A plane cannot show all distances, so read it with care.",
        (axes(),) + tuple(frame(x, y, 5, 5, 1, 0.7) for x, y in ((60, 20), (70, 26), (120, 44), (130, 50), (180, 24))),
    ),
    "nearest descriptors": (
        "The images with the highest scores for a chosen image. They need not be the nearest points of the map.",
        (frame(116, 34, 7, 7, 1, 0.9),)
        + tuple(
            path(f"M119 37L{x} {y}") + frame(x - 3, y - 3, 6, 6, 1, 0.3) for x, y in ((70, 20), (176, 22), (160, 62))
        ),
    ),
    # training
    "run": (
        "One training and its folder. It continues in the background if you close the page.",
        (axes(), path("M30 14C60 50 100 56 206 58"), label(120, 74, "steps", 10), label(196, 48, "loss", 10)),
    ),
    "step": (
        "One update of the weights, computed from one batch of images. A training has thousands of steps.",
        (people(4, 14, 26, 40, 16), arrow(128), frame(174, 22, 46, 30), label(197, 41, "weights", 10)),
    ),
    "histogram loss": (
        "The number that training makes small. It is the probability that a pair of different people scores higher "
        "than a pair of the same person.",
        (axes(), tone(SECOND, hill(88, 60, 46)), tone(FIRST, hill(154, 56, 40)), label(74, 74, "different", 10))
        + (label(164, 74, "same", 10),),
    ),
    "fine-tune": (
        "To start a training from the weights of a trained network. It needs fewer images than a training from the "
        "start.",
        (frame(16, 22, 60, 32), label(46, 42, "trained"), arrow(88), people(2, 126, 26, 40, 16), arrow(184, 38, 14))
        + (frame(204, 22, 30, 32, 1.5, 0.4),),
    ),
    "augmentation": (
        "Random changes of training images: flip, shift, colours, covered areas. The network then learns not to rely "
        "on them.",
        (
            person(20),
            arrow(62, 38, 20),
            person(96),
            frame(98, 30, 16, 16, 1, 0.8),
            person(144),
            tone(SECOND, person(190)),
        ),
    ),
    # evaluation
    "rank-1": (
        "The share of probes whose first result is a true match. Rank-k is the share with a true match among the first "
        "k results (CMC, Recall@K).",
        (axes(), path("M28 40C60 16 120 12 206 10"), label(120, 74, "K", 10), frame(25, 38, 5, 5, 1, 1)),
    ),
    "mAP": (
        "The mean of the average precision over all probes. It is high if all true matches of a probe come early, not "
        "only the first one.",
        (tone(TRUE, people(2, 20, 34)), people(1, 88), tone(TRUE, people(1, 122)), people(2, 156)),
    ),
    "protocol": (
        "The rules of a measurement: which people are tested, and which images count. Figures can be compared only if "
        "the protocol is the same.",
        (
            frame(70, 6, 100, 64),
            label(120, 26, "probes: 732"),
            label(120, 44, "gallery: 1613"),
            label(120, 62, "same camera: no", 10),
        ),
    ),
    "confidence interval": (
        "Limits around a measured figure. If the test is repeated with other people, 95 of 100 such intervals contain "
        "the true figure.",
        (
            path("M30 50h180"),
            path("M80 40h80m-80 -7v14m80 -14v14"),
            frame(117, 36, 7, 7, 1, 1),
            label(120, 66, "90.4 %", 10),
        ),
    ),
    "zero-shot": (
        "Measured on a data set that the model was not trained on. It shows what a model can do with new cameras.",
        (
            people(2, 14, 30),
            label(40, 74, "rendered", 10),
            arrow(88),
            tone(SECOND, people(3, 134, 32)),
            label(176, 74, "real", 10),
        ),
    ),
}

# the terms of each page, by the page's address, in the order of reading
PAGES: dict[str, tuple[str, ...]] = {
    "": (
        "probe",
        "gallery",
        "identity",
        "camera",
        "descriptor",
        "score",
        "ranking",
        "rank",
        "true match",
        "false match",
        "same-camera images",
        "calibration",
        "open-set identification",
        "re-ranking",
    ),
    "data": ("data set", "named gallery", "identity", "camera", "split", "distractor", "protocol", "descriptor"),
    "regions": (
        "part",
        "stream",
        "filter",
        "activation",
        "feature map",
        "location",
        "receptive field",
        "region",
        "bilinear matrix",
        "region vector",
        "top activations",
        "descriptor",
        "architecture",
    ),
    "compare": (
        "probe",
        "true match",
        "score",
        "region",
        "attribution",
        "contribution",
        "baseline",
        "region vector",
        "bilinear matrix",
        "deletion test",
    ),
    "embedding": ("descriptor", "embedding", "map", "nearest descriptors", "identity", "camera", "score", "checkpoint"),
    "training": (
        "run",
        "step",
        "checkpoint",
        "histogram loss",
        "augmentation",
        "fine-tune",
        "architecture",
        "split",
        "rank-1",
    ),
    "results": (
        "protocol",
        "rank-1",
        "mAP",
        "confidence interval",
        "zero-shot",
        "false-match rate",
        "open-set identification",
        "same-camera images",
        "split",
        "architecture",
    ),
}


def card(term: str) -> dict[str, str]:
    """Return the meaning and the figure of a term."""
    meaning, shapes = TERMS[term]
    return {"meaning": meaning, "figure": drawing(term, *shapes)}
