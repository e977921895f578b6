"""What each field of a training means, in groups as the form shows them."""

GROUPS: dict[str, dict[str, str]] = {
    "Network": {
        "filters": "Of each convolution. More see more, and take longer: 64 in the paper, 16 here.",
        "region_size": "Places along the side of a region: 15, 5 (the paper's), 3 or 1. B-CNN always has 15.",
        "descriptor": "How many numbers describe an image.",
        "dropout": "Share of the region vectors' numbers that is left out at random while training.",
        "batch_norm": "Normalise maps after each pooling, and the descriptor. The authors do not.",
        "normalise_regions": "Square root and unit length of each region's bilinear matrix.",
        "normalise_images": "Each colour of each image to mean 0 and spread 1, so that exposure matters less.",
        "groups": "Groups of filters, side by side, as joined networks have them; they divide the filters.",
        "instance_norm": "Half of the first maps are normalised image by image instead of over the batch.",
        "bgr": "Blue first, as the authors' OpenCV reads images.",
        "mean": "Pixel values from 0 to 255 enter the network less this ...",
        "scale": "... times this.",
    },
    "Batches": {
        "steps": "Batches in all.",
        "batches": "`identities`: so many people with so many images each. `label_shuffled`: the authors' order.",
        "identities": "People of a batch.",
        "images_per_identity": "Images of each person in a batch.",
        "batch_size": "label_shuffled: images of a batch.",
        "cap": "label_shuffled: at most so many images of a person in a row.",
        "seed": "Another seed, another run. The same seed gives the same weights.",
    },
    "Loss and learning rate": {
        "loss": "The histogram loss, or the binomial deviance that the authors tried first.",
        "nodes": "Of the loss's two histograms.",
        "cost": "Binomial deviance: how much steeper pairs of different people are judged.",
        "identity_weight": "Of telling the training people apart as classes, beside the pairs. 0: not at all.",
        "part_weight": "Of the pairs as each part of the image alone sees them, beside the whole. 0: not at all.",
        "learning_rate": "The highest one.",
        "schedule": "`one_cycle`: up, then down to zero. `step`: a tenth every so often. `plateau`: a tenth when "
        "validation stops improving.",
        "warm_up": "one_cycle: share of the steps on the way up.",
        "step_every": "step: steps until the rate is divided by ten.",
        "patience": "plateau: validations without a better one until the rate is divided by ten.",
        "weight_decay": "Pulls weights towards zero.",
        "precision": "Up to the descriptor. bfloat16 is faster on processors that have it, slower on others.",
    },
    "Changes to images": {
        "flip": "Left and right are exchanged in half of the images.",
        "shift_rows": "At most so many pixels up or down.",
        "shift_columns": "At most so many pixels left or right.",
        "zoom": "Height and width change by up to this share.",
        "erase": "Probability that a rectangle is painted over.",
        "colour": "Strength of other exposure, contrast, saturation and cast.",
        "grey": "Probability that colours are taken away.",
        "blur": "Up to so many pixels.",
        "noise": "Up to so much, of values from 0 to 255.",
    },
    "Watching": {
        "validation_identities": "People held out of the training to judge it, where the data name none.",
        "validate_every": "Steps from one look to the next.",
        "checkpoint_every": "Steps that can be lost at most.",
        "keep_every": "Of the older checkpoints, those of every so many steps stay.",
        "average": "Share of the steps at the end whose kept checkpoints are averaged, to be tried as well.",
        "pca_power": "Power of their spread by which the descriptors' axes are stretched at the end, if it helps.",
    },
}
CHOSEN_ELSEWHERE = ("architecture", "preset")  # by the form's first row
CHOICES = {
    "region_size": (15, 5, 3, 1),
    "batches": ("identities", "label_shuffled"),
    "loss": ("histogram", "binomial_deviance"),
    "schedule": ("one_cycle", "step", "plateau"),
    "precision": ("float32", "bfloat16"),
}
