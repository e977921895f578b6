"""The texts of the page Results, in the order of the screen."""

# page
TITLE = "Results"
INTRODUCTION = "This page compares the results of this project with those of Ustinova, Ganin and Lempitsky (2017)."
NO_RESULTS = (
    "There are no results yet. `python -m core evaluate CHECKPOINT DATA` measures a model on a data set and stores the "
    "result in the folder runs/. This page lists the results of that folder."
)

# name of a result; links hold the names without marks
ON = "{method} on {data}"
METHODS_ON = "{method}, on {data}"  # of a method with options
MARKED = "{method} [{mark}]"
NUMBERED = "{model}, result {number}"  # of other data or another model of the same name
SPLITS = "split {splits}"
MIRROR_IMAGES = "mirror images"
ADAPTATION = "batch-norm adaptation"
CENTRING = "camera centring"
EXPANSION = "query expansion {count}"
RERANKING = "re-ranking"
DATA_BY_PROTOCOL = "{data}, {protocol}"
SAME_CAMERA_COUNTED = "{data}, same-camera images counted"
PART_OF_BENCHMARK = "{data}, {probes} probes"
DEMO = "Demo"
DATA_NAMES = {
    "pedestrians": DEMO,
    "viper": "VIPeR",
    "cuhk03-labeled": "CUHK03-labeled",
    "cuhk03-detected": "CUHK03-detected",
}
PROTOCOL_NAMES = {
    "market1501": "protocol of Market-1501",
    "cuhk03-classic-all-pairs": "classic protocol with all camera pairs",
    "cuhk03-classic": "classic protocol",
    "cuhk03-pair1": "camera pair 1",
    "cuhk03-np": "new protocol (NP)",
    "identity-folders": "half of the identities",
    "all-identities": "all identities",
}
EARLIER_TERMS = {  # terms of names -> those in links of earlier versions
    MIRROR_IMAGES: "with mirror images",
    ADAPTATION: "adapted to each camera",
    CENTRING: "cameras centred",
    EXPANSION.partition("{")[0]: "probes expanded by ",
    RERANKING: "re-ranked",
    ", same-camera images counted": ", same camera counting",
    **{name: layout for layout, name in DATA_NAMES.items()},
    **{f", {name}": f" by {protocol}" for protocol, name in PROTOCOL_NAMES.items()},
}

# table and figure of the paper, with results
DATA = "Data set"
TABLE_OF_PAPER = "**{number}** of the paper"
OTHER_TABLE = "**Measured results**"
METHOD, ARCHITECTURE = "Method", "Architecture"
ALL_RESULTS = "All results on {data}"
DIFFERENCE = "difference to the paper's {method}"
MISSING = "–"
CAPTION = "Results on {data} in percent"
CAPTION_WITH_PAPER = "Results on {data} in percent, with {number} of Ustinova et al. (2017)"
PERCENT = "Percent. mAP uses the first of the three definitions below."
PERCENT_OF_PAPER = "Percent. Grey: published; numbers in brackets are references of the paper. Bold: measured here."
COMPARED_ARCHITECTURES = (
    "The first {count} rows compare the architectures. Their models were trained on the same data set: `{data}`."
)
ABOUT_INTERVALS = "In brackets: the 95 % confidence interval, see below."
ABOUT_ZERO_SHOT = "Zero-shot: the model was not trained on this data set."
ABOUT_PUBLISHED_ZERO_SHOT = (
    "Grey zero-shot rows: published results of networks trained on images of synthetic people. The rows name the "
    "training data. The figures of ResNet-50 are those of the comparison by Wang et al. (2020). UnrealPerson and "
    "ClonedPerson use training methods of their own."
)
NO_RESULT_ON = "There is no result on {data} yet."
MAP_DIFFERENCE = "The difference in mAP uses the definition of the authors, see below."
FIGURE_OF_PAPER = "**Figure 3 ({panel})** of the paper"
OTHER_FIGURE = "**Recall@K**"
FIGURE_ALT = "Recall@1 to {ranks} on {data}"
ABOUT_FIGURE = "Hollow markers: published values. The paper gives its curves at these points only. Lines: measured."
TABLE_AS = "Table as {format}"

# evaluation details
DETAILS = "Evaluation details"
DETAILS_OF = "**{name}**: {details}"
NETWORK = "{architecture} with {filters}"
NETWORK_WITH_REGIONS = "{architecture} with {filters} and regions of {size} x {size} locations"
NO_TRAINING_RECORD = "{network}. There is no record of its training."
TRAINING_RECORD = "{network}. Preset {preset}, {images} (repeated images count again)."
TRAINING_IMAGES = "{samples:,} training images of {data}"
AFTER, AND = ", after ", " and "
UNNAMED_DATA = "unnamed data"
PROTOCOL = "Protocol {protocol}: {rule}."
MIRROR_IMAGES_USED = "The descriptor of each image is the mean of those of the image and of its mirror image."
ADAPTATION_USED = "The statistics of batch normalisation were re-estimated from the test images of each camera."
CENTRING_USED = "The mean descriptor of the test images of each camera was subtracted."
SAME_CAMERA_USED = "Unlike in the protocol, images from the probe's camera were counted."
COUNTS = "{probes}, {gallery}."
SKIPPED_PROBES = "Without a true match and skipped: {probes}."
MEAN_OF_SPLITS = "Mean of splits {splits}. The standard deviation of rank-1 between the splits is {spread:.2f}."
ONE_SPLIT = "Split {splits} only."
FILTER, PROBE, GALLERY_IMAGE = "filter", "probe", "gallery image"  # with a number

# curves
RESULTS = "Results"
CURVES_CAPTION = "Recall@K on {data} in percent"
ABOUT_CURVES = "The colours are those of the row edges in the table."
ABOUT_SEEN = "Dotted lines: tested identities were or may have been seen in training."

# uncertainty
UNCERTAINTY = "Uncertainty"
ABOUT_UNCERTAINTY = (
    "A metric is measured on the probes of some identities. Other identities would give another value. The 95 % "
    "confidence interval shows how much it would vary. It is a bootstrap: the tested identities are drawn again 1,000 "
    "times, with replacement, and the metric of each draw is computed. The model and the gallery stay the same. If all "
    "probes have the same value, e.g. 100 %, there is no interval. The standard deviation (SD) over splits or seeds "
    "shows how much the metric varies between test sets or trainings."
)
COLUMN_PROBES, COLUMN_IDENTITIES, COLUMN_SPLITS, COLUMN_SEEDS = "Probes", "Identities", "Splits", "Seeds"
SD_OVER_SPLITS, SD_OVER_SEEDS = "SD over splits", "SD over seeds"
COUNTS_ALT = "Probes, identities, splits and seeds of each result on {data}"
ABOUT_COUNTS = (
    "Probes: of one split; by a single-shot protocol, of one draw. Identities: of all splits. Seeds: of trainings that "
    "differ only in the seed. SD: standard deviation of rank-1. A dash: the result does not store the number."
)
NO_INTERVAL = "{why}: {names}."
COMPARE_TWO = "Compare two results"
FIRST_RESULT, SECOND_RESULT = "First result", "Second result"
ONE_RESULT_ONLY = "A comparison needs two results on this data set."
COLUMN_METRIC, COLUMN_DIFFERENCE, COLUMN_P_VALUE = "Metric", "Difference", "p-value"
COLUMN_INTERVAL = "95 % interval"
COMPARISON_ALT = "The difference of {first} and {second}"
ABOUT_COMPARISON = (
    "Percent. The difference is first minus second, in percentage points. The paired test changes the signs of the "
    "identities' differences at random, 10,000 times. The p-value is the share of these changes whose difference is at "
    "least as large as the measured one. Below 0.05 the sentences say that chance is unlikely. The test is about these "
    "two models, not about other trainings of the same networks. If many pairs are compared, some p-values are small "
    "by chance. Code: `core/evaluation/paired_test.py`."
)

# verification and open-set identification
VERIFICATION = "Verification and open-set identification"
NO_SCORES = "None of these results has stored scores. `python -m core evaluate` stores scores, except with re-ranking."
ABOUT_VERIFICATION = (
    "Shows how well a threshold on the score separates pairs of one identity from pairs of different identities, and "
    "how well it detects that a person is absent. The scores are those of test identities. The colours are the same as "
    "in the table."
)
ROC, DET, OPEN_SET = "ROC", "DET", "Open set"
ABOUT_ROC = (
    "Each point of a curve is a threshold. Pairs above the threshold count as one identity. Horizontal axis: the share "
    "of the pairs of different identities above the threshold. Vertical axis: the share of the pairs of one identity "
    "above the threshold."
)
ABOUT_DET = (
    "The two error rates at the same thresholds. Both axes are scaled by the normal distribution. The dotted line "
    "shows where the error rates are equal."
)
ABOUT_OPEN_SET = (
    "Each point of a curve is a threshold for the first result of a search. Vertical axis: the share of searches for "
    "present persons whose first result is a true match above the threshold. Horizontal axis: the share of searches "
    "for absent persons with a result above the threshold."
)
VERIFICATION_ALT = "{name} on {data}"
RESULT = "Result"
ERROR_RATES_ALT = "Error rates on {data}"
ABOUT_ERROR_RATES = (
    "Percent. EER: equal error rate. Misses: false non-match rate at a false-match rate (FMR). Found: rank-1 at a "
    "false-alarm rate. The calibration on the page Search uses validation identities instead, see "
    "`python -m core calibrate`."
)
FALSE_MATCH_RATE, TRUE_MATCH_RATE = "false-match rate", "true-match rate"
FALSE_NON_MATCH_RATE = "false non-match rate"
FALSE_ALARM_RATE, FOUND_RATE = "false-alarm rate", "found at rank 1"
RATES = "{name}<br>score {score:.3f}: {x_name} {x:.3g} %, {y_name} {y:.3g} %"

# average precision
AVERAGE_PRECISION = "Three definitions of average precision"
ABOUT_AVERAGE_PRECISION = (
    "Three different figures are called mean average precision in the literature. The example is a probe whose true "
    "matches are at ranks 1, 4 and 6. Each dot is a rank K. Horizontal axis: the share of the true matches that are "
    "among the first K results (recall). Vertical axis: the share of true matches among the first K results "
    "(precision). The shaded area is the average precision."
)
EXAMPLE = "**{definition}**: {value:.4f}"
EXAMPLE_ALT = "The area of the definition {definition}"
DEFINITIONS_ALT = "mAP by each definition"
DEFINITIONS_CAPTION = "mAP by three definitions on {data}"

# probes of one result
ONE_RESULT = "Probes of one result"
WORST_FIRST = "Probes by average precision"
OPEN_PROBE = "Click an image to search with it in a new tab."
WORST_PROBES = "Worst probes"
COLUMN_IMAGE = "Image"
COLUMN_IDENTITY = "Identity"
COLUMN_CAMERA = "Camera"
COLUMN_SPLIT = "Split"
COLUMN_FIRST_RANK = "First true match"
FIRST_RANK_FORMAT = "rank %g"
COLUMN_AVERAGE_PRECISION = "Average precision"
COLUMN_SEARCH = SEARCH = "Search"
PROBES_ALT = "Probes in ascending order of average precision"
NO_PROBES = "This result has no stored probes. Measure it again to see them."
OTHER_DATA = (
    "The rows have no links. The images are from {data}, but the app shows {opened}. To search with these images, "
    "start the app with MR_BCNN_DATA set to their folder."
)
OPENED_DATA, OPENED_NOTHING = "the data set {data}", "no images"
GALLERY_DELETED = "The rows have no links. The gallery {name} was deleted or is not indexed."
NOT_IN_GALLERY = "Some rows have no link. Their images are no longer in the gallery {name}."
NO_LINKS = "The rows have no links. Their images are not in {root}."
SOME_LINKS = "Some rows have no link. Their images are not in {root}."

# cameras
CAMERAS = "Rank-1 by camera"
CAMERAS_CAPTION = "Rank-1 of {name} by camera on {data}"
ABOUT_CAMERAS = (
    "A cell is the rank-1 in percent of the probes of one camera if only the true matches of one gallery camera are in "
    "the gallery. The false matches of all cameras stay in the gallery. A cell is empty if no true match counts, e.g. "
    "for the probe's own camera under the same-camera rule."
)
PROBES_OF, CAMERA, GALLERY_CAMERA = "probes of", "camera {camera}", "gallery camera {camera}"
