"""The first page imports nothing heavy, and the model is loaded when the browser has shown the page."""

import subprocess
import sys
import time
from pathlib import Path

from app.shared import cache

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "pandas", "pyarrow", "scipy", "sklearn", "umap", "numba", "matplotlib", "h5py", "pymilvus"}
IMPORTS = """
import ast, sys
for file in ("app/main.py", "app/app_pages/search.py"):
    found = [node for node in ast.parse(open(file).read()).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    exec(compile(ast.Module(found, []), file, "exec"))
print(*sys.modules)
"""


def test_nothing_heavy_is_imported_for_the_first_page():
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}){IMPORTS}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_the_model_is_loaded_after_the_first_page(open_app, monkeypatch):
    monkeypatch.setattr(cache, "PAINT_S", 1000)
    before = set(cache._shelf()._loadings)
    assert not open_app().exception and set(cache._shelf()._loadings) == before
    monkeypatch.setattr(cache, "PAINT_S", 0)
    open_app()
    end = time.monotonic() + 60
    # not `!= before`: those of other tests may be removed meanwhile
    while not (added := set(cache._shelf()._loadings) - before) and time.monotonic() < end:
        time.sleep(0.05)
    [key] = added
    assert cache._shelf()._loadings[key].wait(60)
