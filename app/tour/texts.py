"""Texts of the tour. `[[term]]` opens the meaning of a term, see app/glossary/terms.py."""

# the panel
HEAD = "Tour {chapter} of {count}: {title}"
KINDS = {"read": "The idea", "try": "Try it", "question": "Question"}
STEP = "Step {step} of {count}"
PAPER = "The paper: “{sentence}”"
NEXT, BACK, FINISH = "Next", "Back", "Finish"
CHAPTERS = "Chapters"
CHAPTER = "{number}. {title}"
PRESENT, STOP_PRESENTING = "Present", "Stop presenting"
PRESENT_HELP = "Large type and one figure at a time. The arrow keys turn the steps."
LEAVE = "Leave"
LEAVE_HELP = "Closes the tour. The link keeps your answers, and the start page can resume the tour."
PROGRESS = "{done} of {count} answered"
SHOW_FIGURE = "Show the figure"
RESET = "Reset this step"
OTHER_PAGE = "This step is about another page."
OPEN_STEP = "Open the page of this step"
HINT = "Hint"
CHECK = "Check"
ANSWERS = "Your answer"
RIGHT = "**Right.** {explanation}"
WRONG = "Not yet. Look again, or open the hint."
RIGHT_TOAST = "Right"
UNKNOWN_STEP = "The link asks for step {value} of the tour, which does not exist. Steps go from 1.1 to {last}."
NO_QUESTION = "The question cannot be asked with these settings: {reason}"
NEEDS_TRUE_MATCH = "the probe needs an identity and a true match. Click “Reset this step”."
NEEDS_PLAIN_RANKING = "the search must be without post-processing. Click “Reset this step”."
NEEDS_ONE_IMAGE = "the probe must be a single image. Click “Reset this step”."
NEEDS_STREAMS = "the model needs two streams. Click “Reset this step”."
NEEDS_MODELS = "it needs models of two architectures: {names}."
NEEDS_CAMERAS = "there is no result by cameras for this model."
FINISHED = "**You have answered all {count} questions.**"

# chapter 1
TASK = "The task"
TASK_IDEA = (
    "[[identity|Person re-identification]] means: find the same person in the images of other [[camera|cameras]]. "
    "The images are small, so faces cannot be read.",
    "Two things make it hard. One person **looks different** from camera to camera: other light, another pose, the "
    "other side. And different people **look alike**, because they wear similar clothes. Compare the three images "
    "below.",
)
TASK_SENTENCE = (
    "The main confounding factor is the notoriously high variation of the appearance of the same person (even at short "
    "time spans) due to pose variations, illumination variation, background clutter, complemented by the high number "
    "of individuals wearing similar clothes that typically occur in the same dataset."
)
TASK_TRY = ("Be the computer. Compare the clothes, the hair, the shoes and what the people carry.",)
TASK_QUESTION = "Which of the images A to D shows the same person as the probe? Click it."
TASK_HINT = "Many people wear this colour. Look for what few people have: stripes, shoes, a bag, a kind of hair."
TASK_EXPLANATION = (
    "The person has identity {identity}. The other three people look similar, and a trained network also gives them "
    "high scores."
)
PAIR_PROBE, PAIR_SAME, PAIR_OTHER = "probe", "same person, score {score:.2f}", "another person, score {score:.2f}"
HARD_PAIRS = "One person who looks different, and two people who look alike"
GUESS = "The probe and four gallery images"
CANDIDATE = "Image {letter}"

# chapter 2
SEARCHING = "Probe and gallery"
SEARCHING_IDEA = (
    "The image to search for is the [[probe]]. The images to search in are the [[gallery]]. A network converts each "
    "image to a [[descriptor]], a vector of numbers.",
    "The [[score]] of two images says how similar their descriptors are. The gallery is sorted by score: this is the "
    "[[ranking]]. A green frame marks a [[true match]], a red one a [[false match]].",
)
SEARCHING_SENTENCE = (
    "Our aim is an architecture that can map (embed) an image of a detected person to a high-dimensional vector "
    "(descriptor) such that a simple metric such as Euclidean or cosine distance can be applied to compare pairs of "
    "vectors and reason about the probability of two vectors to describe the same person."
)
SEARCHING_TRY = (
    "Read the scores below the results: they fall from left to right. Select another **model**, and watch the order "
    "change. Turn the **same-camera rule** off: images from the probe's own camera then come first, because they are "
    "too easy to find.",
    "Click any result to search with it. The Back button of the browser returns.",
)
SEARCHING_QUESTION = "How many of the first {count} results are true matches?"
SEARCHING_HINT = "Count the green frames with a tick in the ranking, from rank 1 to rank 5."
SEARCHING_EXPLANATION = (
    "The first true match has rank {rank}. The images before it show other people with a higher score than any image "
    "of the right person."
)
SEARCHING_EXPLANATION_FIRST = "The first true match has rank 1. This is what rank-1 counts: see chapter 7."

# chapter 3
STREAMS = "Parts and streams"
STREAMS_IDEA = (
    "The network cuts the image into three overlapping [[part|parts]]: head and chest, trunk, and legs. Two small "
    "networks, the [[stream|streams]] A and B, look at each part.",
    "A stream has [[filter|filters]]. Each filter reacts to one pattern, for instance an edge or a colour. Its "
    "reaction at one [[location]] is the [[activation]]. The activations at all locations form a [[feature map]].",
)
STREAMS_SENTENCE = (
    "We incorporate the multi-region bilinear operation (3) into the convolutional architecture in the following way: "
    "instead of using one sub-network for each image part, we use two feature extractors with the same convolutional "
    "architecture described above."
)
STREAMS_TRY = (
    "The figure shows a part, then the feature map of one filter of **stream A**, of one filter of **stream B**, and "
    "their product. The product is bright only where both filters react.",
    "Above the figure, select other strongest entries: each is another pair of filters.",
)
STREAMS_QUESTION = (
    "In the figure “Energy of the regions”, click the brightest region of the part **{part}**. A bright region means: "
    "many filters of both streams react there. Then click Check."
)
STREAMS_HINT = "Compare the nine squares of that part only. Point at a square to read its energy."
STREAMS_EXPLANATION = "The region “{region}” has the highest energy of this part: {energy:.3g}."
SELECTED_REGION = "Selected: {region}"

# chapter 4
EQUATIONS = "Equations (1) and (2)"
EQUATIONS_IDEA = (
    "**Equation (1)**: at one [[location]] l, each [[activation]] of stream A is multiplied by each activation of "
    "stream B. The table of all products is a matrix.",
    "**Equation (2)**: these matrices are added over all locations of a [[region]]. The sum is the [[bilinear "
    "matrix]]. The numbers below are those of the selected region: {region}.",
)
EQUATIONS_SENTENCE = (
    "For each of the two images in the pair at each spatial location, the outputs of two feature extractors fA and fB "
    "are combined using the bilinear operation [20]"
)
EQUATIONS_TRY = (
    "In the figure “From locations to the bilinear matrix”, move the slider or press Play. At each step one location "
    "is added: its product (equation 1) is on the left, the sum (equation 2) on the right.",
    "Point at an entry of the sum to see its numbers.",
)
EQUATIONS_FIGURE = "The three strongest filters of each stream at location {number} of {count} of the region"
EQUATIONS_SUM = "The entry {entry} of the bilinear matrix is the sum over all {count} locations:"
EQUATIONS_QUESTION = (
    "The entry {entry} of this region is {total:.3g}. At location {number}, filter {i} of stream A has the activation "
    "{a:.3g}, and filter {j} of stream B has {b:.3g}. Delete this location from the region. What is the entry then?"
)
EQUATIONS_HINT = "Equation (1) gives the product of the two activations at this location. Equation (2) has added it."
EQUATIONS_EXPLANATION = (
    "The location adds {a:.3g} · {b:.3g} = {product:.3g} to the sum. {total:.3g} − {product:.3g} = {rest:.3g}."
)

# chapter 5
ARCHITECTURES = "Regions and equation (3)"
ARCHITECTURES_IDEA = (
    "**Equation (3)** writes the [[bilinear matrix|bilinear matrices]] of all [[region|regions]] below each other. The "
    "size of a region decides what the [[descriptor]] remembers.",
    "**CNN** keeps every location: it knows exactly where a pattern is. **B-CNN** adds up a whole part: it knows what "
    "is there, but not where. **MR B-CNN** adds up small regions: it knows roughly where.",
)
ARCHITECTURES_SENTENCE = (
    "Overall, the multi-region bilinear CNNs can be regarded as a middle ground between the traditional CNNs and the "
    "bilinear CNNs."
)
ARCHITECTURES_TRY = (
    "The experiment “move the patterns” shuffles the locations of the feature maps, and describes the image again. The "
    "table shows how similar the [[descriptor|descriptors]] before and after are: 1 means equal.",
    "Compare the columns of the table. Which network notices which change?",
)
ARCHITECTURES_QUESTION = (
    "The locations are shuffled **inside each region**: this network does not notice it. They are shuffled **over the "
    "whole part**: now it does. Which network is it?"
)
ARCHITECTURES_HINT = "In the table, find the column with 1 for the regions, and less than 1 for the parts."
ARCHITECTURES_EXPLANATION = (
    "{name} has the similarity {regions:.2f} for the regions and {parts:.2f} for the parts. A sum does not depend on "
    "the order of its terms, so only what leaves its region is noticed."
)

# chapter 6
LEARNING = "Learning with the histogram loss"
LEARNING_IDEA = (
    "Training shows the network pairs of images. Pairs of the **same person** should get high [[score|scores]], pairs "
    "of **different people** low ones. The figure shows two histograms of scores.",
    "The [[histogram loss]] is the probability that a pair of different people scores at least as high as a pair of "
    "the same person. It is large if the histograms overlap. Training changes the weights so that it gets smaller.",
)
LEARNING_SENTENCE = (
    "As in [26], we use deep embedding learning [4], where multiple pedestrian images are fed into the identical "
    "neural networks and then the loss attempts to pool descriptors corresponding to the same people (matching pairs) "
    "closer and the descriptors corresponding to different people (non-matching pairs) apart."
)
LEARNING_TRY = (
    "Move the slider. It moves the scores of the pairs of the same person away from the others. The loss is computed "
    "by the function that trains the networks of this app.",
    "Start a real training on this page if you like: the preset “demo” takes a few minutes.",
)
LEARNING_QUESTION = (
    "Move the slider to the **smallest** distance for which the loss is below {limit:.0%}. Then click Check."
)
LEARNING_HINT = (
    "Move the slider in single steps with the arrow keys. One step to the left, the loss must be {limit:.0%} or more."
)
LEARNING_EXPLANATION = "At {margin:.2f} the loss is {loss:.2%}, and one step to the left it is {before:.2%}."
MARGIN = "Distance between the mean scores"
LOSS = "Histogram loss: **{loss:.1%}**. Of 100 comparisons, about {count} are in the wrong order."
LOSS_FIGURE = "Scores of pairs (made-up numbers)"
LOSS_ALT = "Two histograms of scores and their overlap"

# chapter 7
EVALUATION = "Evaluation and responsible use"
EVALUATION_IDEA = (
    "One search says little. An evaluation searches with many probes and takes the mean. [[rank-1|Rank-1]] is the "
    "share of probes whose first result is a true match. The curve shows rank-k for each k: this is the CMC curve, or "
    "Recall@K.",
    "[[mAP]] looks at **all** true matches of a probe, not only at the first one. Two results can be compared only if "
    "they use the same [[protocol]].",
)
EVALUATION_SENTENCE = "Following [10], we use Recall@K metric to report our results."
CAMERAS_TRY = (
    "A mean hides where a model fails. The table of [[camera|cameras]] at the end of the page shows rank-1 for each "
    "pair: the camera of the probe, and the camera of the gallery images.",
    "A low number is a hard pair: the two cameras see another light, or another side of the people.",
)
EVALUATION_QUESTION = "For the model {model}: which of these camera pairs has the lowest rank-1?"
EVALUATION_HINT = "In the table “Rank-1 by camera”, the row is the probe's camera, and the column is the gallery's."
EVALUATION_EXPLANATION = (
    "From camera {probe} to camera {gallery}, rank-1 is {recall:.1f} %. The mean of all probes is {mean:.1f} %."
)
CAMERA_PAIR = "probe {probe}, gallery {gallery}"
OPEN_SET_TRY = (
    "In the real world the person may not be in the gallery at all: this is [[open-set identification]]. A ranking "
    "always has a first result, right or wrong.",
    "Here the search is limited to cameras that did not see the person. Read the sentence above the ranking: the app "
    "compares the highest score with those of strangers.",
)
RESPONSIBLE = (
    "A network that finds people can also be used to follow them. All people in the demo images are "
    "computer-generated, so nothing here can harm anyone. With real people: ask for permission, keep as little as "
    "possible, and let a person decide.",
    "Think about it: who may search the cameras of a station, for whom, and for how long are the images kept? Who is "
    "blamed if the first result is a [[false match]]?",
)
