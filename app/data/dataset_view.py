"""How a data set is read: counts by part, examples, sample images, warnings and notes."""

from collections.abc import Sequence

import streamlit as st

from app.components.image_grid import crop, crop_grid
from app.data import texts
from app.shared import widgets
from core.data.inspection import Inspection
from core.data.records import DISTRACTOR, Dataset, Record

IDENTITY_LENGTH = 12  # characters of an identity below an image


def show_data_set(dataset: Dataset, found: Inspection, key: str) -> None:
    """Show how a data set is read. Its sample images are opened, and no others."""
    plain = widgets.as_plain_text
    widgets.warn(found.warnings)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=430):
            st.dataframe(
                [
                    {
                        texts.COLUMN_PART: texts.PART_NAMES[part],
                        texts.COLUMN_IMAGES: count.images,
                        texts.COLUMN_IDENTITIES: count.identities,
                        texts.COLUMN_CAMERAS: count.cameras,
                        texts.COLUMN_DISTRACTORS: count.distractors,
                    }
                    for part, count in found.counts.items()
                ],
                hide_index=True,
                column_config={
                    name: st.column_config.NumberColumn(format="localized")
                    for name in (texts.COLUMN_IMAGES, texts.COLUMN_IDENTITIES, texts.COLUMN_DISTRACTORS)
                },
                key=f"{key}_counts",
            )
        if found.findings:
            with st.container(width=430):
                st.markdown(f"**{texts.FINDINGS}**")
                st.caption("\n".join(f"- {plain(finding)}" for finding in found.findings))
    st.markdown(f"**{texts.EXAMPLES}**")
    st.dataframe(
        [
            {
                texts.COLUMN_FILE: example.path,
                texts.COLUMN_PART: texts.PART_NAMES[example.part],
                texts.COLUMN_IDENTITY: example.record.identity or texts.UNKNOWN,
                texts.COLUMN_CAMERA: str(example.record.camera or texts.UNKNOWN),
                texts.TIME: "" if example.record.time is None else f"{example.record.time:.12g}",
            }
            for example in found.examples
        ],
        hide_index=True,
        key=f"{key}_examples",
    )
    if found.samples:
        st.markdown(f"**{texts.SAMPLE_IMAGES}**")
        samples = [record for records in found.samples.values() for record in records]
        crop_grid(_crops(samples), "strip", texts.SAMPLE_IMAGES, f"{key}_samples")


def _crops(records: Sequence[Record]) -> list[dict]:
    crops = []
    for record in records:
        camera = texts.CAMERA_NUMBER.format(camera=record.camera) if record.camera else ""
        who = record.identity if record.identity == DISTRACTOR else record.identity[:IDENTITY_LENGTH]
        title = ", ".join(filter(None, (record.path.name, record.identity, camera)))
        crops.append(crop(widgets.thumbnail_or_blank(str(record.path)), title, left=who, below=camera))
    return crops
