"""The rules of the house that can be checked by looking at it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"matplotlib", "PIL", "cv2", "typer", "rich", "pooch", "safetensors", "requests"}


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_each_floor_imports_only_from_the_floors_below_it():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module", ["byhand", "byhand.training", "byhand.model", "byhand.gradcheck", "byhand.recipes"]
)
def test_importing_loads_numpy_and_the_standard_library_alone(module):
    code = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    loaded = {name.split(".")[0] for name in python(code).split()}
    assert not loaded & HEAVY
    theirs = {"numpy", "cython_runtime", "byhand"}  # Cython's comes with numpy.random
    assert {name for name in loaded if not name.startswith("_")} <= theirs | sys.stdlib_module_names


def test_byhand_is_imported_in_a_twentieth_of_a_second_beyond_numpy():
    code = "import numpy, time; t = time.perf_counter(); import byhand; print(time.perf_counter() - t)"
    assert min(float(python(code)) for _ in range(3)) < 0.05


def test_every_public_name_can_be_had_and_is_listed():
    code = "import byhand; print([getattr(byhand, n).__name__ for n in byhand.__all__] == byhand.__all__)"
    assert python(code) == "True"
    assert python("import byhand; print(set(byhand.__all__) <= set(dir(byhand)))") == "True"
    assert python("import byhand; print(hasattr(byhand, 'nonsense'))") == "False"


def test_the_lazy_names_are_those_that_are_listed():
    import byhand

    assert sorted(name for names in byhand._HOMES.values() for name in names) == byhand.__all__


def test_a_single_picture_is_read_without_what_only_draws_bars_and_tables_or_checks_types():
    """They would take a fifth of the time."""
    picture = ROOT / "docs" / "pictures" / "note.jpg"
    code = f"import sys; from byhand.cli import run; run(['read', {str(picture)!r}]); print(*sys.modules)"
    loaded = python(code).split()
    assert "cv2" in loaded
    assert not {"rich", "pydantic", "matplotlib", "pooch"} & set(loaded)


def test_pictures_lie_with_the_docs():
    """What someone looked at while working is none of the project's."""
    assert not [path for path in ROOT.iterdir() if path.suffix in (".png", ".jpg")]


def test_no_pickle_is_ever_loaded():
    for path in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"import pickle|pickle\.\w|np\.load\(|allow_pickle", path.read_text()), path
