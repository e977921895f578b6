"""Renders pedestrians for person re-identification. Reading order and facts: README.md beside this file."""
