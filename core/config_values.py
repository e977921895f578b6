"""Configurations as JSON objects and as assignments of the command line."""

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from core.config import MOBILE, MOBILE_FIELDS, NetworkConfig, TrainingConfig
from core.errors import UserError

# names of fields in earlier versions -> present names
OLD_NAMES = {"pictures": "images_per_identity", "normalise_pictures": "normalise_images", "concentrate": "pca_power"}

Config = TypeVar("Config", NetworkConfig, TrainingConfig)


def to_json(config: NetworkConfig | TrainingConfig) -> dict[str, Any]:
    """Convert a configuration to a JSON object. Only mobile_bcnn has the fields of the backbone."""
    values = asdict(config)
    if values.get("architecture", MOBILE) != MOBILE:
        values = {name: value for name, value in values.items() if name not in MOBILE_FIELDS}
    return values


def from_json(kind: type[Config], values: Any, source: str = "the configuration") -> Config:
    """Build a configuration from a JSON object. Names of fields of earlier versions are accepted.

    Args:
        kind: NetworkConfig or TrainingConfig.
        values: The JSON object.
        source: What the error messages call the object, such as its path.

    Raises:
        UserError: If a key is unknown or a value has another type or is not allowed.
    """
    if not isinstance(values, dict):
        raise UserError(
            f"{source} must be a JSON object with the fields of {kind.__name__}, not {type(values).__name__}."
        )
    values = {OLD_NAMES.get(name, name): value for name, value in values.items()}
    known: dict[str, Any] = {
        field.name: field.type for field in fields(kind)
    }  # types, because no annotation above is a string
    if unknown := sorted(set(values) - set(known)):
        raise UserError(f"{source} has an unknown key {unknown[0]!r}; known keys are {', '.join(known)}.")
    for name, value in values.items():
        expected = (int, float) if known[name] is float else known[name]
        if not isinstance(value, expected) or (isinstance(value, bool) and known[name] is not bool):
            raise UserError(f"{source}: {name} must be {known[name].__name__}, not {value!r}.")
    return kind(**values)


def set_fields(configs: Sequence[Any], assignments: Sequence[str]) -> list[Any]:
    """Replace fields of configurations by assignments from the command line.

    Args:
        configs: Configurations without common names of fields.
        assignments: Texts of the form `name=value`. Names of fields of earlier versions are accepted.

    Returns:
        The changed configurations, in the same order.

    Raises:
        UserError: If a name is unknown or a value has another type or is not allowed.
    """
    changes: list[dict[str, Any]] = [{} for _ in configs]
    known: dict[str, tuple[Any, dict[str, Any]]] = {
        field.name: (field.type, change)
        for config, change in zip(configs, changes, strict=True)
        for field in fields(config)
    }
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        name = OLD_NAMES.get(name, name)
        if not sign or name not in known:
            raise UserError(f"--set needs NAME=VALUE, not {assignment!r}; names are {', '.join(known)}.")
        kind, change = known[name]
        try:
            change[name] = {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
        except (KeyError, ValueError):
            raise UserError(f"--set {name} needs a value of type {kind.__name__}, not {text!r}.") from None
    return [replace(config, **change) for config, change in zip(configs, changes, strict=True)]
