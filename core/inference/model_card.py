"""Model cards: a checkpoint's training, data, metrics, limits and terms as Markdown."""

from core.config import MOBILE, TrainingConfig
from core.errors import UserError
from core.inference.checkpoint import Checkpoint
from core.inference.overlap import Overlap

PERCENTAGES = ("recall@1", "recall@5", "recall@10", "recall@20", "mAP", "mINP")


def write_card(name: str, checkpoint: Checkpoint, terms: str) -> str:
    """Write a model card from a checkpoint's configuration, data, metrics and provenance.

    Args:
        name: The name of the checkpoint.
        checkpoint: The checkpoint.
        terms: The terms of use that the training data allow.

    Returns:
        The text of `card.md`.

    Raises:
        UserError: If the metrics or the data of the checkpoint are damaged.
    """
    try:
        return _card(name, checkpoint, terms)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"The metrics of {name} are damaged: {error!r}. Restore its metrics.json.") from None


def _card(name: str, checkpoint: Checkpoint, terms: str) -> str:
    network, training, metrics = checkpoint.network.config, checkpoint.training, checkpoint.metrics
    parameters = sum(value.numel() for value in checkpoint.network.parameters())
    source = "Ustinova, Ganin, Lempitsky 2017"
    if network.architecture == MOBILE:
        source += "; the first layers of MobileNetV2, Sandler et al. 2018"
    lines = [
        f"# {name}",
        "",
        f"A `{network.architecture}` network ({source}) with {network.filters} filters"
        f"{f' in {network.groups} groups' if network.groups > 1 else ''} and {parameters:,} parameters. It converts "
        f"images of people to descriptors of {network.descriptor} numbers.",
        "",
        "Use it to search in demonstration and research galleries. Do not use it to identify, track or judge people.",
        "",
        "## Training",
        "",
    ]
    if training:
        lines += [
            f"- data: {checkpoint.data.get('name', 'unknown')}: {checkpoint.data.get('training', 'unknown')}",
            f"- validation data: {checkpoint.data.get('validation', 'none')}",
            f"- preset `{training.preset}`, seed {training.seed}, step {metrics.get('step', training.steps)} of "
            f"{training.steps}, {training.images_per_step} images a step, {_loss(training)}",
            f"- time: {metrics.get('training_seconds', 0) / 60:.0f} minutes on {metrics.get('machine', 'unknown')}",
        ]
        if backbone := checkpoint.data.get("backbone"):
            lines.append(
                f"- initial weights of the backbone: {backbone}, trained on photographs of ImageNet, and on no images "
                "of re-identification data sets"
            )
        if validation := metrics.get("validation"):
            lines.append(f"- validation: {_percentages(validation)}")
    elif members := checkpoint.data.get("joined"):
        lines += [
            "An ensemble of networks that were trained independently (`python -m core join`). Its members are:",
            "",
        ]
        lines += [
            f"- {each['checkpoint']}: {each.get('name', 'unknown')}, {each.get('training', 'unknown')}"
            for each in members
        ]
    else:
        origin = checkpoint.data.get("name")
        lines.append(f"Imported, not trained with this software: {origin}." if origin else "Not trained.")
    lines += ["", "## Provenance", "", *_provenance(checkpoint)]
    lines += ["", "## Results", ""]
    for data, result in metrics.get("results", {}).items():
        lines += [
            f"- {data}: {_percentages(result)} ({result['probes']} probes, gallery of {result['gallery']}; "
            f"{result.get('rule', result['protocol'])}). {Overlap.of_result(result).sentence}"
        ]
    if "results" not in metrics:
        lines.append("Not evaluated. Use `python -m core evaluate`.")
    lines += ["", "## Terms", "", terms, ""]
    return "\n".join(lines)


def _loss(training: TrainingConfig) -> str:
    """Return the loss over pairs and its setting."""
    if training.loss == "histogram":
        return f"histogram loss with {training.nodes} nodes"
    return f"binomial deviance with cost {training.cost:g}"


def _provenance(checkpoint: Checkpoint) -> list[str]:
    """Return one line for each training of the network and its ancestors, and for each ancestor without a record."""
    if checkpoint.provenance is None:
        return ["There is no record of the training identities."]
    lines = [f"- {record.sentence}" for record in checkpoint.provenance.records]
    return lines + [f"- {name}: no record" for name in checkpoint.provenance.unknown] or ["None."]


def read_terms(card: str) -> str:
    """Return the terms of use in a card's text; "" if there are none."""
    return card.partition("\n## Terms\n")[2].partition("\n## ")[0].strip()


def replace_section(card: str, title: str, text: str) -> str:
    """Replace the text of a section of a card; a new section is put before the terms."""
    before, heading, after = card.partition(f"\n## {title}\n")
    if not heading:
        before, terms, after = card.partition("\n## Terms\n")
        return f"{before}\n## {title}\n\n{text}\n{terms}{after}"
    _, following, rest = after.partition("\n## ")
    return f"{before}{heading}\n{text}\n{following}{rest}"


def _percentages(result: dict) -> str:
    return ", ".join(f"{name} {result[name]:.2f} %" for name in PERCENTAGES if name in result)
