"""Texts of the glossary in the app."""

TERMS = "Terms"
TERMS_HELP = "Explains the technical terms of this page"
CLICK = "Click a term to see its meaning and a figure."
