"""Texts that several pages show, and the navigation of the app."""

from core.jobs.progress import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING

# the navigation
APP = "Person re-identification"
SEARCH, SEARCH_HELP = "Search", "Search a gallery for a person"
DATA, DATA_HELP = "Data", "Create, extend and inspect named galleries"
REGIONS, REGIONS_HELP = "Regions", "Inspect the regions and filters of one image"
COMPARE, COMPARE_HELP = "Compare", "Explain the score of two images"
EMBEDDING, EMBEDDING_HELP = "Embedding", "Show the descriptors of a gallery as a map"
TRAINING, TRAINING_HELP = "Training", "Start, monitor, stop and compare runs"
RESULTS, RESULTS_HELP = "Results", "Compare measured results with the paper"

# a gallery and its model
GALLERY = "Gallery"
DEMO_GALLERY = "Demo gallery"
MODEL = "Model"
CAMERAS = "Cameras"
CAMERAS_HELP = "Search these cameras only. If none is selected, all cameras are searched."
NO_GALLERY = "There is no gallery {name}. The page Data lists all galleries."
NO_MODELS = (
    "There is no model in {folder}. Run `python -m core train {data}` to train one. The app lists the model of a "
    "finished run. MR_BCNN_CHECKPOINTS sets another folder."
)
OTHER_MODEL = (
    "The gallery {name} was indexed by {checkpoint}. This model is not among the app's models. Re-index the gallery "
    "with another model on the page Data."
)
NO_IMAGES_IN_FOLDER = (
    "There are no gallery images in {folder}. Give a folder of images named like 0002_c1s1_000451_03.jpg in "
    "bounding_box_test, a folder with one folder for each identity, or a folder of any images."
)
NO_IMAGES_IN_GALLERY = "The gallery {name} has no image that can be searched. Add images on the page Data."
READING_GALLERY = "Reading the gallery"
LOADING_MODEL = "Loading the model"
INDEXING = "Indexing the gallery: {done:,} of {total:,} images"

# the models; the stored names of shipped models, and their names to show
MODEL_NAMES = {
    "street-mobile_bcnn": "Street Mobile",
    "streets-mr_bcnn": "Street ensemble",
    "street-mr_bcnn": "Street",
    "pedestrians-cnn": "Pedestrians CNN",
    "pedestrians-b_cnn": "Pedestrians B-CNN",
    "pedestrians-mr_bcnn": "Pedestrians MR B-CNN",
    "cuhk03-mr_bcnn": "CUHK03",
}
MODEL_WITH_SIZE = "{name} ({size})"
FILTERS = "{filters} filters"
NETWORKS = "{members} networks"  # of an ensemble, beside its name
ENSEMBLE_FILTERS = "{filters} in each of {members} networks"
ARCHITECTURES = {"cnn": "CNN", "b_cnn": "B-CNN", "mr_bcnn": "MR B-CNN", "mobile_bcnn": "Mobile B-CNN"}
BASELINES = {"xqda": "LOMO + XQDA (comparison method)", "null-space": "LOMO + null space (comparison method)"}
ABOUT_MODELS = "About the models"
ABOUT_MODELS_INTRODUCTION = (
    "Each model converts an image to a descriptor. Rank-1 and mAP are measured on the probes of the demo gallery."
)
START_SEARCH = "Start here to search"
START_EXPLAIN = "Start here to see matrices"
CARD_NAME = "Name"
CARD_ARCHITECTURE = "Architecture"
CARD_METHOD = "Method"
CARD_FILTERS = "Filters of a stream"
CARD_DATA = "Training data"
CARD_IDENTITIES = "Training identities"
CARD_RECALL = "Rank-1"
CARD_PRECISION = "mAP"
CARD_SIZE = "Size of the weights"
MEGABYTES = "{size:.1f} MB"
MODEL_GONE = "This model was deleted."
DRAWING = "From the image to the descriptor: {steps}"
DRAWN_PARTS, DRAWN_NETWORK, DRAWN_STREAMS = "{count} parts", "1 network", "2 streams"
DRAWN_BACKBONE = "backbone"
DRAWN_REGIONS = "{count} regions"
DRAWN_DESCRIPTOR = "{length} numbers"
GALLERY_MODEL = "The gallery {gallery} was indexed by the model {model}. This page uses this model, not {asked}."

# the bar on every page
BAR = {
    "label": "Probe, gallery and model",
    "copy": "Copy link",
    "copied": "Link copied",
    "help": "Copy the address of this page with the probe, the gallery and the model",
}
NO_PROBE = "none"

# the choice of a data set
OTHER_DATA_SET = "path of a folder"
DATA_SET_PATH = "Path of the data set"
READING_DATA = "Reading the data set"
SHOW_DATA_SET = "Look at the folder on the page Data, and set its rules"

# the list of galleries; each state follows the name of a gallery
GALLERY_STATES = {
    QUEUED: "is waiting to be indexed",
    RUNNING: "is being indexed",
    STOPPING: "is being stopped",
    STOPPED: "is stopped and can be resumed",
    FINISHED: "is indexed and can be searched",
    FAILED: "could not be indexed",
    LOST: "was interrupted and can be resumed",
    "": "is not indexed yet",
}
NEW_GALLERY = "new"

# the progress of a job
COUNTING = "Counting {unit}"
COUNTED = "{done:,} of {total:,} {unit}"
TIME_LEFT = ", about {time} left"

# the probe
PROBE = "Probe"
PROBE_NAMED = "The probe {name}"
DEMO_PROBES = "Demo probes"
SEARCH_WITH = "Search with {name}"
OTHER_PROBES = "Other probes"
IMAGE = "Image"
IMAGE_HELP = "The name of a gallery image or of a demo probe."
NO_IMAGE = "There is no image {name} here. Image names look like {example}."
PROBE_UNUSABLE = "The probe cannot be used: {reason}"

# uploads
UPLOAD = "Upload"
UPLOADED = "uploaded image"
UPLOADED_IMAGES = "{count} uploaded images, averaged"
EACH_UPLOADED = "{count} uploaded images, each by itself"
UPLOADS_USED = "Uploaded images"
ONE_PERSON, EACH_IMAGE = "One person, averaged", "Each by itself"
UPLOAD_NUMBER = "upload {number}"  # the name of an upload that was opened by its link
WHICH_UPLOAD = "Uploaded image"
BOX_OF = "{name}, box {number}"
UPLOADS_STORED = "Uploads are stored on this server for one day. Anyone with the link of this page can see them."
TOO_MANY_UPLOADS = "At most {limit} images can be uploaded. Skipped files: {names}."
UPLOAD_TOO_LARGE = "{name} is larger than {limit} MB. Reduce its size first."
UPLOAD_GONE = "This upload was deleted or has expired. Upload it again."
NOT_STORED = "The server could not store the upload. The link of this page does not contain it."
MADE_SPACE = "The space for uploads is limited. Earlier uploads were deleted: {count}."
REMOVE_UPLOAD = "Remove {name}"
DRAW_ON = "Draw a box on {name}"
DELETE_NOW = "Delete now"
DELETE_NOW_HELP = "Deletes your uploads and the uploads of this page from the server. Their links stop working."
DELETED = "The uploads were deleted."
PHOTOGRAPH = "Photograph"
DRAW_BOX = (
    "**Draw a box around one person.** Only the image inside the box is used. With the keyboard: Enter adds a box, "
    "arrow keys move it, Shift and arrow keys resize it."
)
DRAW_BOX_LABEL = "{name}: a photograph with boxes. Press Enter to draw the first box."
NO_BOX = "{name} is not used yet. Draw a box around one person."

# a ranking and its images
RANKING = "Ranking"
TRUE_MATCH = "true match"
FALSE_MATCH = "false match"
SAME_CAMERA = "same camera, ignored"
IDENTITY = "identity {identity}"
DISTRACTOR = "distractor"
CAMERA = "camera {camera}"
SCORE = "score {score:.3f}"
RANK_TITLE = "Rank {rank}: {facts}. Search with {name}"
RANK = "rank {rank:g}"
IGNORED = "ignored"
TRUE_MATCH_TITLE = "{rank}: {facts}. Search with {name}"
WORST_PROBE_TITLE = "Search with {name}: first true match at rank {rank:g}, average precision {precision:.0%}"
RANKED = "{images} ranked"
SKIPPED = "skipped files: {count:,}"
DESCRIBE_TIME = "probe described in {ms:.0f} ms"
SEARCH_TIME = "searched in {ms:.1f} ms"
LEGEND = "✓ true match · ✗ false match"

# the calibration of a model
NO_CALIBRATION = "This model has no calibration, so its scores have no probabilities. {how}."
CALIBRATED_ON = (
    "Calibrated on the data set {data}: {people}. With other cameras the figures shift, and are usually overconfident."
)
TRANSFERRED = (
    "The false-match rates were estimated from the scores of {images:,} images of this gallery from {cameras} cameras, "
    "without labels. The other figures are those of the calibration on the data set {data} ({people}) at the same "
    "false-match rate."
)

# the true matches of a probe
NO_TRUE_MATCH = "No searched image is a true match."
FIRST_TRUE_MATCH = "**First true match at rank {rank}**. True matches: {count}. Average precision: {precision:.0%}."
TRUE_MATCHES = "True matches"
RANKS_OF_TRUE_MATCHES = "Ranks of the true matches"
SAME_CAMERA_RULE = (
    "Images of the probe's identity from the probe's camera are ignored. They were taken moments apart in front of the "
    "same background, so they are too easy to find. If the data set names places, cameras of one place count as "
    "one camera."
)
SAME_CAMERA_CAPTION = "Same-camera rule: {rule}"

# the foot of a page
HOW_IT_WORKS = "How it works"
HOW_IT_WORKS_TEXT = (
    "The image is divided into three overlapping **parts**: head and chest, trunk, and legs. Two small networks, the "
    "**streams**, compute feature maps of each part. At each location, the activation of every filter of one stream is "
    "multiplied by the activation of every filter of the other stream. The products are summed over each **region** of "
    "the map (multi-region bilinear pooling). The sums show which patterns occur together, and in which region. The "
    "**descriptor** of the image is computed from all regions. It is a vector of numbers, 500 in the paper. The "
    "**score** of two images is the cosine similarity of their descriptors: 1 for the same direction, 0 for orthogonal "
    "descriptors. Networks with a **backbone** (Mobile B-CNN) divide the image into two halves, and both streams use "
    "the features of the backbone."
)
RESPONSIBLE_USE = (
    "The people in the demo images are computer-generated. This software is for research and teaching. Do not use it "
    "to identify or follow people."
)

# links
UNKNOWN_VALUE = "The link asks for {name} {value!r}, which does not exist. The default is used. Valid values: {known}."
UNKNOWN_NUMBER = (
    "The link asks for {name} {value!r}, which does not exist. The strongest is shown. Valid values: 0 to {last}."
)
NO_VALUES = "none"

# formulas
SHOW_CODE = "Show the code that computes this"
CODE_OF = "`{name}` in `{file}`"

# axes and hover texts of charts
PUBLISHED = "{name}, published"
RECALL_HOVER = "{name}: %{{y:.2f}}<extra></extra>"
K, K_HOVER = "K", "K = %{x}"
RECALL_AT_K = "Recall@K, %"
RECALL, PRECISION = "recall", "precision"
PRECISION_HOVER = "rank %{text}: recall %{x:.2f}, precision %{y:.2f}<extra></extra>"
PROBE_CAMERA, GALLERY_CAMERA = "probe camera", "gallery camera"
CAMERA_HOVER = "probe camera %{y}, gallery camera %{x}: %{z:.2f} %<extra></extra>"
PAIR_SCORE = "score"
SAME_IDENTITY, DIFFERENT_IDENTITIES, OVERLAP = "same identity", "different identities", "overlap"
PAIRS_HOVER = "%{y:.2f} % of pairs"

READ_ONLY = "This server is read-only. Nothing can be started, changed or deleted here, and uploads are not stored."

# batch-norm adaptation
ADAPT = "Batch-norm adaptation (AdaBN)"
ADAPT_HELP = (
    "Uses the mean and variance of batch normalisation of each camera, estimated from its images. Helps with cameras "
    "that the model was not trained on. Can hurt if the model was trained on images of these cameras, or if cameras "
    "see different people. It is on by default for a named gallery with {count} or more images of each camera, unless "
    "the model was trained on images of the gallery."
)
NOT_ADAPTED = "The ranking is without batch-norm adaptation (AdaBN). {why}"
ALL_CAMERAS = (
    "The camera of the probe is not known: the probe is described with the statistics of all cameras together."
)
ADAPTING = "Adapting the model to each camera. This is done once. You may leave the page."
