"""Renders pedestrians for person re-identification. Reading order and facts: docs/renderer.md."""
