"""Names of parameters in links and of values in a visitor's session."""

# names in links; all but the first are also keys of widgets
PROBE, MODEL, TOP, CAMERAS, RULE = "probe", "model", "top", "cameras", "rule"
RERANK, EXPAND, ADAPT, CENTRE = "rerank", "expand", "adapt", "centre"
PRIOR, FALSE_MATCHES, PERCENTAGES = "prior", "line", "percentages"
WITH = "with"  # the model in links of earlier versions
TABLE, COMPARED, LOOKED_AT = "table", "results", "result"
FIRST_RESULT, SECOND_RESULT = "first", "second"  # of the page Results: the two results that are compared
SIZE, WEIGHTS, RANGE, ROW, OTHERS = "size", "random", "shared", "row", "models"  # of the page Regions
REGION, ENTRY = "region", "entry"  # chosen by a click
STEPS, MOVED = "steps", "moved"  # open sections of the page Regions
UPLOAD, BOX = "upload", "box"  # the ids of stored uploads, and the boxes on them
EACH = "each"  # "true": each upload is used by itself, not their mean
MATCH, BESIDE, FROM, PAIR, CHECK = "match", "beside", "from", "pair", "check"  # of the page Compare
BARS, PAIRS = "bars", "pairs"  # open sections of the page Compare
PAIR_PRIOR = "pair_prior"  # of Compare: N of the prior for two uploads, 1 true match in N pairs
AFTER = "after"  # of Compare: the rank of the match with the settings of the page Search
WHY = "why"  # session key: the result whose "Explain" link was clicked
BESIDE_MODEL, METHOD, DIMENSIONS, COLOUR, PEOPLE = "other", "map", "dimensions", "colour", "people"  # of Embedding
NEIGHBOURS, DISTANCE, SEED = "neighbours", "distance", "seed"
WATCHED, BESIDE_RUNS = "run", "runs"  # of Training
DATA = "data"  # of Data: the path of a folder that is looked at
SERVER = "server"  # of Search: whether to search the server gallery
GALLERY = "gallery"  # a named gallery; without it the demo gallery is used
TOUR, DONE, PRESENT = "tour", "done", "present"  # of the tour: chapter.step; answered chapters; "1" to present it
CONTEXT = (PROBE, UPLOAD, BOX, EACH, GALLERY, MODEL, TOUR, DONE, PRESENT)  # what links to other pages keep
PICKED = (REGION, ENTRY, MATCH, PAIR, AFTER)  # chosen by a click for one probe; a return to the page does not keep them
MARGIN = "margin"  # of the tour: the margin between the scores in the chapter on the loss
# session keys
GRADED = "graded"  # the last answer in the tour: its step, and whether it was right
REFUSED_ACTION = "refused_action"  # the error of a button's action
GALLERY_BOX, ADDED = "gallery_box", "added"  # the chosen gallery; how often images were added
FILTER, VALUES = "filter", "values"  # columns to filter by; with a column's name, the values to show
CHOSEN, ISOLATED = "chosen", "isolated"  # names of images in the lasso; rows of a re-projected selection
NAME = "name"  # of the probe, as entered
NEWEST = "newest"  # the run that was the newest when the page Training was opened
UPLOADS = "uploads"  # list[Upload], instead of a named probe
REFUSED = "refused"  # a sentence for each skipped upload
BOXES = "boxes"  # id of an upload -> the boxes drawn on it
SETTINGS = "settings"  # address of a page -> its settings at the last visit
WRITTEN = "written"  # the page whose address was changed last; its earlier parameters, and those written
VISITOR, PUT = "visitor", "put"  # a random name of the session; the ids of the uploads that it stored
PAGE, LINKED_ON = "page", "linked_on"  # the current page; the page whose link last named the uploads
CARRIED_TO = "carried_to"  # the page whose link named the uploads because another page had them
UPLOADER = "uploader"  # how often the uploader was cleared
