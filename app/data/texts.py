"""The texts of the page Data, in the order of the screen, and of the server gallery on the page Search."""

from core.data.labels import FOLDER, LAYOUT, NAMES, NONE, TABLE
from core.jobs.progress import FAILED, LOST, QUEUED, RUNNING, STOPPED, STOPPING

# page
TITLE = "Data"
INTRODUCTION = (
    "A named gallery is a set of images that are indexed by one model. Indexing continues in the background. You may "
    "close this page."
)

# list of galleries
COLUMN_GALLERY = "Gallery"
COLUMN_IMAGES = "Images"
COLUMN_IDENTITIES = "Identities"
COLUMN_CAMERAS = "Cameras"
COLUMN_INDEXED = "Indexed"
COLUMN_STATE = "State"
COLUMN_MODEL = "Model"
DEMO_STATE = "included"

# form to create a gallery or to add images
NEW_GALLERY = "New gallery"
ADD_IMAGES = "Add images"
NAME = "Name"
NAME_EXAMPLE = "station"
MODEL = "Model"
MODEL_HELP = "The model that indexes the images."
LABELS = "Labels"
LABEL_RULES = {
    LAYOUT: "auto-detect",
    NONE: "none",
    FOLDER: "one folder per identity",
    NAMES: "file names as in Market-1501",
    TABLE: "CSV table",
}
LABEL_RULE_HELP = {
    LAYOUT: "Labels: the layout is detected from folders and file names, e.g. Market-1501, CUHK03, VIPeR, or one "
    "folder per identity.",
    NONE: "Labels: the images stay unlabelled.",
    FOLDER: "Labels: each folder is an identity. Cameras are read from file names like c2_001.jpg.",
    NAMES: "Labels: identities and cameras are read from file names like 0002_c1s1_000451_03.jpg.",
    TABLE: "Labels: identities, cameras and times are read from a CSV table.",
}
SOURCE = "Source"
SERVER_PATH = "server path"
ZIP_UPLOAD = "zip upload"
IMAGE_UPLOAD = "image upload"
PATH = "Path"
PATH_EXAMPLE = "/data/station"
PATH_HELP = "A folder or zip archive on the server. Images of a folder are not copied. Images of a zip are copied."
ZIP = "Zip archive"
IMAGES = "Images"
TABLE_FORMAT = "The table has a header and a column path. The other columns are optional, and their cells may be empty."
TABLE_EXAMPLE = """path,identity,camera,time
monday/0001.jpg,anna,2,2026-03-01T09:30:00
monday/0002.jpg,,2,"""
TABLE_PATH = "Path of the table"
TABLE_PATH_EXAMPLE = "/data/labels.csv"
TABLE_PATH_HELP = "The table is read at each update. By default it is the file labels.csv among the images."
TABLE_UPLOAD = "Upload the table"
CREATE_GALLERY = "Create gallery"
ADDING_IMAGES = "Adding the images"
NAME_IN_USE = "A gallery named {name} already exists. Choose another name, or add the images to that gallery."

# data sets
DATA_SETS = "Data sets"
DATA_SETS_INTRODUCTION = (
    "A data set is a folder of images with identities. This section shows how the names of folders and files are read. "
    "Nothing is computed. A data set can be saved under a name. The pages Data and Training offer saved data sets."
)
DATA_SET = "Data set"
DATA_SET_EXAMPLE = "/data/station"
DATA_SET_HELP = "A folder of images on the server, a file of rules, or the path of CUHK03."
DELETE_DATA_SET = "Delete data set"
CONFIRM_DELETE_DATA_SET = (
    "Delete the data set **{name}**? Its rules are deleted. Its folder of images is not deleted. This cannot be undone."
)
LAYOUT_OF = "Folder {folder}, layout **{layout}**"
UNKNOWN_LAYOUT = "The layout of {folder} is not known. Choose how to read it."
SEVERAL_LAYOUTS = "{folder} fits several layouts. Choose one."
READ_AS = "Read the folder"
BY_GUESS = "by a guess from its folders and file names"
BY_PRESET = "as {title}"
BY_PART_OF_PRESET = "as {title}, which {share:.0%} of the images fit"
BY_OWN_RULES = "by my own rules"
EDIT_RULES = "Edit rules"
NO_RULES_TO_EDIT = "This layout is not described by rules, so it can neither be edited nor be saved under a name."
COLUMN_PART = "Part"
PART_NAMES = {
    "all": "all",
    "train": "training",
    "validation": "validation",
    "query": "probes",
    "gallery": "gallery",
    "pool": "all",
}
COLUMN_DISTRACTORS = "Distractors"
EXAMPLES = "Examples"
UNKNOWN = "unknown"
SAMPLE_IMAGES = "Sample images of some identities"
FINDINGS = "Notes"
GUESS_CAPTION = "This is a guess. Check the examples and the images before you use it."

# the editor of rules
FOLDER_LEVEL = "Level {number}: {name}"
EXAMPLE_FILE = "Example"
EXAMPLE_HELP = "Choose what its folders and the parts of its file name mean. The other images are read alike."
IN_THE_FOLDER = "Images directly in the folder: {count:,}"
BELOW_ONE_LEVEL = "Images below one folder level: {count:,}"
BELOW_LEVELS = "Images below {levels} folder levels: {count:,}"
MEANINGS = {
    "*": "no meaning",
    "identity": "identity",
    "camera": "camera",
    "scene": "scene",
    "time": "time",
    "tracklet": "tracklet",
    "split": "split",
}
SPLIT_OF = "Split of {name}"
SPLITS_CAPTION = (
    "These folders are not named like a split. Choose the split of each. The split test is divided: the first image of "
    "each identity and camera is a probe."
)
SPLITS = {
    "train": "training",
    "validation": "validation",
    "probe": "probes",
    "gallery": "gallery",
    "test": "test",
    "pool": "all",
    "skip": "skip",
}
OPTIONS = "Options"
FROM_ZERO = "Cameras count from 0"
FROM_ZERO_HELP = "The cameras are numbered from 1 here. Cameras with letters are numbered by the alphabet."
JUNK = "Junk identities"
JUNK_HELP = "Identities whose images are skipped, separated by commas. Example: -1"
DISTRACTORS = "Distractor identities"
DISTRACTORS_HELP = "Identities of people who are in the gallery only, separated by commas. Example: 0000"
PLACES = "Cameras of one place"
PLACES_HELP = (
    "Images from cameras of one place count as same-camera images. Write the cameras of each place, with a comma "
    "between places. Example: 1 4, 2 5"
)
PATTERN = "Pattern"
CHOOSE_IDENTITY = "Choose which part is the identity."
EDIT_AS_TEXT = "Edit as text"
EDIT_AS_TEXT_HELP = "Shows the whole file of rules, with the patterns."
RULES_TEXT = "Rules"
RULES_TEXT_HELP = "The file of rules in TOML. The guide on galleries describes its keys."
INVALID_TOML = "The rules are not valid TOML: {reason}."
FITTING = "{fitting:,} of {images:,} images fit the rules."
FITTING_WITH_SKIPPED = FITTING + " The rules skip {skipped:,} of them."
NOT_FITTING = "Images that fit no rule"
SAVED_NAME = "Name of the data set"
USE_GUESS = "Use this guess"
SAVE_DATA_SET = "Save data set"
SAVE_CHANGES = "Save changes"
SAVED = "The data set **{name}** is saved."

# a gallery from a data set
GALLERY_OF_DATA_SET = "Gallery name"
CREATE_GALLERY_OF_DATA_SET = "Create gallery of this data set"

# state of a gallery and its actions
STATE = "**{name}** {state}."
SEARCH_GALLERY = "Search this gallery"
STOP = "Stop"
STOP_HELP = "Stops indexing. The next update resumes it."
UPDATE = "Update"
UPDATE_HELP = "Indexes new and changed images of the sources. Resumes indexing that was stopped."
CHANGE_MODEL = "Change model"
NEW_MODEL = "New model"
REINDEX = "Re-index all images"
RENAME = "Rename"
NEW_NAME = "New name"
RENAME_GALLERY = "Rename gallery"
DELETE = "Delete"
CONFIRM_DELETE = (
    "Delete the gallery **{name}**? The images of its zip archives and uploads are deleted too. Its source folders are "
    "not deleted. This cannot be undone."
)
DELETE_GALLERY = "Delete gallery"

# figures and images
IDENTITIES = "Identities"
CAMERAS = "Cameras"
SKIPPED_FILES = "Skipped files"
ADAPTED = (
    "Adapted to {cameras} (AdaBN): a search uses the batch-norm statistics of each camera by default. "
    "*Post-processing* on the page Search switches this off."
)
NOT_ADAPTED = (
    "Not adapted to its cameras (AdaBN). This needs {count} images of each camera, a known camera of each image, and a "
    "model with batch normalisation that was not trained on these images. *Update* adapts a gallery of an earlier "
    "version."
)

# sources
SOURCES = "Sources"
SOURCE_COLUMNS = ("Number", "Kind", "Origin", "Labels", "Table")
SOURCE_NOTES = (
    "A note on a source counts all its files. The data quality counts the indexed images, with changed labels and "
    "without removed images."
)
REMOVE_SOURCE = "Remove source"

# server gallery, on the page Data
SERVER_GALLERY = "Server gallery (Milvus)"
SERVER_SETUP = (
    "A Milvus server can search galleries that are too large for this machine. Start the app with the environment "
    "variable `MR_BCNN_MILVUS=http://host:19530`, and with `MILVUS_TOKEN` if the server needs a token. Then upload "
    "galleries on this page and search them on the page Search."
)
SERVER_STATES = {
    QUEUED: "The upload starts soon.",
    RUNNING: "The gallery is being uploaded.",
    STOPPED: "The upload is stopped and can be resumed.",
    STOPPING: "The upload is stopping after the current images.",
    FAILED: "The gallery could not be uploaded.",
    LOST: "The upload was interrupted and can be resumed.",
}
NOT_ON_SERVER = "There is no server gallery at `{uri}`."
ON_SERVER = "Server gallery: {images} at `{uri}`, collection `{collection}`, index {index}."
ON_SERVER_OUTDATED = ON_SERVER + " The gallery has changed since the last upload."
STOP_UPLOAD = "Stop upload"
INDEX = "Index"
INDEXES = {"FLAT": "FLAT: exact", "HNSW": "HNSW: approximate, faster for millions of images"}
UPLOAD_GALLERY = "Upload gallery"
UPDATE_SERVER = "Upload changes"
REMOVE_FROM_SERVER = "Remove from server"
REMOVE_FROM_SERVER_HELP = "Deletes the server gallery. The gallery on this machine is not changed."

# data quality
DATA_QUALITY = "Data quality"
SIZE = "{megabytes:,.1f} MB"
UNLABELLED = "{images} unlabelled"
IMAGE_SIZES = ("smallest", "median", "largest")
NEAR_DUPLICATES = "Search for near-duplicates"
NEAR_DUPLICATES_HELP = "Finds pairs of images with almost the same descriptor. The limit is {limit:,} images."
COMPARING_IMAGES = "Comparing all images"
FINDING = "{finding}: {count:,}"
DUPLICATES = "Duplicate files"
CONTRADICTIONS = "Duplicate files with different identities"
UNUSUAL_SHAPES = "Images whose height is not {low} to {high} times their width, as for one standing person"
ONE_CAMERA = "Identities seen by one camera only"
COLUMN_IDENTITY = "Identity"
COLUMN_FILE = "File"
COLUMN_REASON = "Reason"
NEAR_DUPLICATE_PAIRS = "Pairs of near-duplicates"
FIRST_ROWS = "The table shows the first {count:,}."
NO_FINDINGS = "No problems found."

# evaluation
EVALUATION = "Evaluation"
EVALUATE_FOLDER = "Evaluate on a data set"
EVALUATED_FOLDER = "Data set"
EVALUATED_FOLDER_HELP = (
    "A folder on the server in the layout of a known data set, or with one folder per identity. A saved data set is a "
    "folder with its rules."
)
EVALUATED_FOLDER_EXAMPLE = "/data/market1501"
EVALUATION_RULE = (
    "A named gallery has no probes. Each image with an identity and a camera is a probe, and all other images are its "
    "gallery. Images of the probe's identity from the probe's camera are ignored."
)
EVALUATION_RULE_OF = "Protocol `{protocol}`: {rule}."
CANNOT_EVALUATE = "This gallery cannot be evaluated. {reason} Add labels by a CSV table, or relabel images."
NO_IDENTITIES = "{data} has no identities, which an evaluation needs. {advice}"
FOLDER_ADVICE = "Use the layout of a benchmark, or one folder per identity."
EVALUATED_MODELS = "Models"
EVALUATED_MODELS_HELP = (
    "Another model than the gallery's describes all images first. Its descriptors are stored, so the next evaluation "
    "is fast."
)
PROTOCOL = "Protocol"
EVALUATE = "Evaluate"
EVALUATION_STATES = {
    QUEUED: "**{model}**: the evaluation is queued.",
    RUNNING: "**{model}** is being evaluated. You may close this page.",
    STOPPING: "**{model}**: the evaluation is stopping.",
    STOPPED: "**{model}**: the evaluation was stopped.",
    FAILED: "**{model}** could not be evaluated.",
    LOST: "**{model}**: the evaluation was interrupted.",
}
STOP_EVALUATION = "Stop evaluation"
NO_EVALUATIONS = "There are no results yet."
OPEN_RESULTS = "Open page Results"
COLUMN_RESULT = "Model"
RESULT_NUMBER = "result "  # before a number: of several results of the same name
COLUMN_PROBES = "Probes"
COLUMN_VERSION = "Gallery version"
CURRENT_VERSION = "current"
EARLIER_VERSION = "earlier"
RESULT_OF = "Result of"
WORST_PROBES = "Probes with the lowest average precision"
RANK = "rank {rank:g}"
WORST_PROBE = "{name}: first true match at rank {rank:g}, average precision {precision:.0%}"
RANK_1_BY_CAMERAS = "Rank-1 by cameras"
CAMERAS_ALT = "Rank-1 by probe camera and gallery camera"
CAMERAS_TABLE_HELP = "Rank-1 in percent. Only true matches of the gallery camera count."

# comparison of two models
COMPARE_MODELS = "Compare two models"
FIRST_MODEL = "First model"
SECOND_MODEL = "Second model"
COMPARISON = (
    "**{first}** is better for {first_probes}, **{second}** for {second_probes}. The rank of the first true match is "
    "the same for {neither}."
)
COLUMN_PROBE = "Probe"
COLUMN_CAMERA = "Camera"
COLUMN_RANK_OF = "First true match: {model}"
COLUMN_GAIN = "Difference of ranks"
COLUMN_BETTER = "Better model"
NEITHER = "neither"
SELECT_PROBE = "Click the header of a column to sort by it. Select a row to see its images."
PROBE_AND_MATCHES = "The probe and the images of its identity"
PROBE = "probe"
SAME_CAMERA = "same camera"
CAMERA_NUMBER = "camera {camera}"

# images of a gallery
BROWSE = "Browse and edit images"
SHOW_LABEL = "Show"
SHOW = {
    "all": "all",
    "unlabelled": "unlabelled",
    "duplicates": "duplicate files",
    "shapes": "unusual shapes",
    "one_camera": "identities of one camera",
    "relabelled": "relabelled",
    "removed": "removed",
    "skipped": "skipped files",
}
TAG = "Tag"
TAGS = "Tags"
CLICK = "A click"
CLICKS = {"open": "opens the image", "select": "selects the image"}
SELECT_ALL = "Select all {count:,}"
CLEAR = "Clear selection"
NO_IMAGES = "No image passes the filters."
NO_SKIPPED_FILES = "No files were skipped."
IMAGE_TITLE = "{name}: {facts}"
SELECTED_IMAGES = "**Selected images: {count:,}**"
TIME = "Time"
IMAGE_SIZE = "Size in pixels"
FILE_SIZE = "File size"
RELABEL = "Relabel"
CAMERA_HELP = "0: unknown."
CHANGE_LABELS = "Change"
RELABEL_IMAGES = "Relabel {count:,}"
TAG_IMAGES = "Tag"
SAVE_TAGS = "Save tags of {count:,}"
REMOVE_IMAGES = "Remove"
REMOVE_IMAGES_HELP = "Removes the images from the gallery. The files are not deleted. The filter *removed* shows them."
RESTORE = "Restore"
RESET = "Reset"
RESET_HELP = "Discards all changes of these images: labels, tags and removal."
NEW_GALLERY_HELP = "The new gallery has copies of these images, with their labels, and the same model."

# suspicious labels
SUSPICIOUS_LABELS = "Suspicious labels"
SUSPICIOUS_LABELS_RULE = (
    "An image is suspicious if it is more similar to another identity than to its own. Two identities are suspicious "
    "if they are as similar to each other as the images of one identity. A similarity of 1 is usual for images of one "
    "identity, and 0 for images of different identities, from the same camera or from two cameras."
)
SHOW_KIND = "Kind"
KINDS = {"far": "wrong identity", "near": "one person with two identities"}
ALL_CAMERAS = "all"
TOO_MANY_IMAGES = (
    "The app compares up to {limit:,} images. For this gallery, use the command "
    "`python -m core labels {checkpoint} {gallery} --output list.csv`."
)
NO_SUSPICIOUS_LABELS = "There are no suspicious labels."
ALL_DECIDED = "All suspicious labels are decided: {count:,}."
PROGRESS = "**{number:,} of {count:,}**"
QUESTIONS = {
    "far": "Do the first two images show the same person?",
    "near": "Do both images show the same person?",
}
SUSPICIOUS_IMAGE = "Suspicious image: identity {identity}"
OWN_IDENTITY = "Typical image of identity {identity}"
NEAREST_IDENTITY = "Most similar image of the nearest other identity {identity}"
PAIR = "Images to compare"
SAME_PERSON = "Same"
SAME_HELP = {
    "far": "The identity is right.",
    "near": "Merges the two identities. The smaller name stays.",
}
DIFFERENT_PERSON = "Different"
DIFFERENT_HELP = {
    "far": "The identity is wrong. The first image becomes unlabelled.",
    "near": "The two identities are right.",
}
NEAREST_PERSON = "It is {identity}"
NEAREST_HELP = "The first image shows the person of the third image and gets that identity."
SKIP = "Skip"
SKIP_HELP = "Changes nothing. The images are not shown again."
UNDO = "Undo"
UNDO_HELP = "Removes the last decision."
EFFECT = (
    "Effect of {changed}: rank-1 {recall_before:.1f} % → {recall_after:.1f} %, mAP "
    "{map_before:.1f} % → {map_after:.1f} %, on the same descriptors, with {probes_before:,} probes before and "
    "{probes_after:,} after."
)
NO_EFFECT = "The effect on mAP cannot be measured. {problem}"
MEASURE_EFFECT = "Measure the effect on mAP"
MEASURING_EFFECT = "Evaluating with the labels before and after"
APPLY_DECISIONS = "Relabel {images}"
APPLY_DECISIONS_HELP = "Changes the identities in this gallery. The files are not changed."

# the predicted accuracy on unlabelled images
PREDICTION = "Can I trust this on my cameras?"
PREDICTION_HELP = (
    "Predicts rank-1 and false-match rates from the scores of the images. Identities are not used. At least 200 images "
    "from two cameras are needed, and most people must be seen by more than one camera."
)
PREDICTED_MODEL = "Model to test"
PREDICT_ADAPTED = "Batch-norm adaptation"
PREDICT_ADAPTED_HELP = "Also predicts rank-1 with batch-norm adaptation. All images are processed three times."
PREDICT = "Predict"
PREDICTION_STATES = {
    QUEUED: "**{model}**: the prediction is queued.",
    RUNNING: "**{model}**: rank-1 is being predicted. You may close this page.",
    STOPPING: "**{model}**: the prediction is stopping.",
    STOPPED: "**{model}**: the prediction was stopped.",
    FAILED: "**{model}**: the prediction failed.",
    LOST: "**{model}**: the prediction was interrupted.",
}
PREDICTION_OUTDATED = "The images or the model have changed since the last prediction. Predict again."
STOP_PREDICTION = "Stop prediction"
PREDICTED = (
    "**Predicted rank-1: {value:.0f} %.** The {level} % interval is {low:.0f} % to {high:.0f} %. Checked first results "
    "narrow it."
)
PREDICTED_RANK_1 = "Predicted rank-1"
PREDICTION_OF = (
    "Each of {images:,} images is searched for in the images of the other cameras. There are {cameras} cameras. Lines "
    "are {level} % intervals. If one value is too high, the others usually are, too. So "
    "compare rows rather than trust one value."
)
PREDICTION_ALT = "Predicted rank-1 with intervals, of all probes and by camera"
PREDICTION_HOVER = "%{y}: %{x:.1f} %<extra></extra>"
ALL_PROBES = "All probes"
WITH_OPTION = {"centre": "Camera centring", "adapt": "Batch-norm adaptation"}
OF_CAMERA, WORST_CAMERA = "Camera {camera}", "Camera {camera} (worst)"
FALSE_MATCH_RATES = "Thresholds"
FALSE_MATCH_RATES_HELP = (
    "The scores of false matches are estimated from all pairs of images from different cameras. Nearly all of these "
    "pairs show different people."
)
ONE_IN = "1 in {number:,}"
COLUMN_RATE, COLUMN_THRESHOLD = "False-match rate", "Threshold here"
COLUMN_CALIBRATED, COLUMN_PREDICTED_RATE = "Threshold of the calibration", "Its predicted rate here"
RATE = "{value:.2f} % [{low:.2f}, {high:.2f}]"
DOWNLOAD_FIRST_RESULTS = "Download 50 first results (CSV)"
FIRST_RESULTS_HELP = (
    "Fill in the column decision with same or different. Leave it empty for a probe without a true match. Then run "
    "`python -m core predict-accuracy CHECKPOINT DATA --pairs FILE`."
)
