"""The card of a checkpoint: what it is, how it was trained and how well it does, for people to read."""

from core.inference.checkpoint import Checkpoint
from core.inference.provenance import Overlap

PERCENTAGES = ("recall@1", "recall@5", "recall@10", "recall@20", "mAP", "mINP")


def write_card(name: str, checkpoint: Checkpoint, terms: str, scores: str = "") -> str:
    """Markdown made from the checkpoint's configuration, data and metrics alone; `terms` says what its data allow, and
    `scores` on what their calibration rests, if there is one."""
    network, training, metrics = checkpoint.network.config, checkpoint.training, checkpoint.metrics
    parameters = sum(value.numel() for value in checkpoint.network.parameters())
    lines = [
        f"# {name}",
        "",
        f"A `{network.architecture}` network (Ustinova, Ganin, Lempitsky 2017) with {network.filters} filters"
        f"{f' in {network.groups} groups' if network.groups > 1 else ''} and {parameters:,} parameters: images of "
        f"people -> descriptors of {network.descriptor} numbers.",
        "",
        "Use it to search demonstration or research galleries; it is not meant to identify, follow or judge anybody.",
        "",
        "## Training",
        "",
    ]
    if training:
        lines += [
            f"- data: {checkpoint.data.get('name', 'unknown')}: {checkpoint.data.get('training', 'unknown')}",
            f"- held out for validation: {checkpoint.data.get('validation', 'none')}",
            f"- preset `{training.preset}`, seed {training.seed}, step {metrics.get('step', training.steps)} of "
            f"{training.steps} with {training.images_per_step} images each, histogram loss with "
            f"{training.nodes} nodes",
            f"- time: {metrics.get('training_seconds', 0) / 60:.0f} minutes on {metrics.get('machine', 'unknown')}",
        ]
        if validation := metrics.get("validation"):
            lines.append(f"- validation: {_percentages(validation)}")
    elif members := checkpoint.data.get("joined"):
        lines += [
            "Joined of networks that were trained apart, each a group of its filters (`python -m core join`):",
            "",
        ]
        lines += [
            f"- {each['checkpoint']}: {each.get('name', 'unknown')}, {each.get('training', 'unknown')}"
            for each in members
        ]
    else:
        origin = checkpoint.data.get("name")
        lines.append(f"Not trained here: {origin}." if origin else "Never trained.")
    lines += ["", "## Identities seen", "", *_seen(checkpoint)]
    lines += ["", "## Results", ""]
    for data, result in metrics.get("results", {}).items():
        lines += [
            f"- {data}: {_percentages(result)} ({result['probes']} probes, gallery of {result['gallery']}; "
            f"{result.get('rule', result['protocol'])}). {Overlap.of_result(result).sentence}"
        ]
    if "results" not in metrics:
        lines.append("Not evaluated; `python -m core evaluate` does it.")
    if scores:
        lines += ["", "## What a score means", "", f"Calibrated on {scores}"]
    lines += ["", "## Terms", "", terms, ""]
    return "\n".join(lines)


def _seen(checkpoint: Checkpoint) -> list[str]:
    """The trainings behind the weights, a line each, and what has no record."""
    if checkpoint.provenance is None:
        return ["There is no record of the identities that these weights were trained on."]
    lines = [f"- {record.sentence}" for record in checkpoint.provenance.records]
    return lines + [f"- {name}: no record" for name in checkpoint.provenance.unknown] or ["None."]


def read_terms(card: str) -> str:
    """What a card says of the terms of its data; "" if it says nothing."""
    return card.partition("\n## Terms\n")[2].partition("\n## ")[0].strip()


def _percentages(result: dict) -> str:
    return ", ".join(f"{name} {result[name]:.2f} %" for name in PERCENTAGES if name in result)
