"""The style of the panel: it stays in view above a figure of the page, and a presentation hides all else."""

PANEL = ".st-key-tour"
BLOCK = '[data-testid="stMainBlockContainer"]'
PARTS = ':is([data-testid="stElementContainer"], [data-testid="stLayoutWrapper"], [data-testid="stColumn"])'
FRAME = "light-dark(#3d4fc4, #7c8cf8)"
BASE = f"""
@media (max-width: 64rem) {{ {PANEL} {{ padding-right: 2.5rem; }} }}  /* the menu of the app is above it */
{PANEL} {{ background: light-dark(#ffffff, #1b1f2a); }}
{PANEL} .katex-display {{ overflow: auto hidden; }}
{PANEL} :is(.stPageLink a, [class*="st-key-go_"] button) {{
  min-height: 0; padding: 0.25rem 0.7rem; border: 1px solid rgb(128 128 128 / 0.35); border-radius: 0.6rem;
  background: none; font-weight: 400;
}}
"""
STICKY = f"""
@media (min-width: 48rem) and (min-height: 40rem) {{
  [data-testid="stLayoutWrapper"]:has(> {PANEL}) {{ position: sticky; top: 0; z-index: 90; }}
}}
"""
LARGE = f"""
{PANEL} :is(p, label, li) {{ font-size: 1.35rem; line-height: 1.4; }}
{PANEL} .katex {{ font-size: 1.5em; }}
"""


def style(figure: str, is_own: bool, presents: bool) -> str:
    """Return the style sheet of a step.

    Args:
        figure: CSS selector of the step's figure, "" for none.
        is_own: Whether the tour draws the figure in its panel.
        presents: Whether the step is presented.
    """
    rules = BASE
    if figure and not is_own:
        rules += f"{figure} {{ outline: 2px dashed {FRAME}; outline-offset: 8px; border-radius: 4px; }}\n"
    if not presents:
        return f"<style>{rules}{'' if is_own else STICKY}</style>"
    shown = f"{PANEL}, {PANEL} *" + (f", {figure}, {figure} *" if figure and not is_own else "")
    around = f":has({PANEL})" + (f", :has({figure})" if figure and not is_own else "")
    rules += f"{BLOCK} {PARTS}:not({shown}, {around}) {{ display: none; }}\n{LARGE}"
    return f"<style>{rules}</style>"
