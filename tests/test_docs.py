"""What the documents promise holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from byhand.ladder import RUNGS

ROOT = Path(__file__).parent.parent
COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text()


def section(command):
    return COMMAND_LINE.split(f"\n## {command}\n")[1].split("\n## ")[0]


def documented_keys(command):
    rows = re.findall(r"^\| (`.*?) \|", section(command), re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


@pytest.fixture
def arguments(model_file, small_folder, small, tmp_path):
    from PIL import Image

    Image.fromarray(small.test.images[0]).save(tmp_path / "digit.png")
    Image.fromarray(small.test.images[0].repeat(4, axis=0).repeat(4, axis=1)).save(tmp_path / "number.png")
    return {
        "train": ["--data", small_folder, "--epochs", 1],
        "evaluate": [model_file, "--data", small_folder],
        "read": ["digit.png", "--model", model_file],
        "predict": [model_file, "digit.png"],
        "correct": [tmp_path / "number.png", "--text", "7", "--model", model_file],
        "plot": [model_file, "--data", small_folder],
        "article": ["--run", "ladder", "--quick"],
        "check": [],
        "data list": [],
        "data show": [small_folder],
        "data fetch": ["mnist"],
    }


ELSEWHERE = {
    "article": {"as_printed", "repository", "notebook"},
    "train": {"from", "mix", "corrections", "repeats", "test", "held_out"},
}
"""Keys of what has tests of its own: the article's runs take too long here, --from is another form."""


def test_every_key_of_every_commands_json_is_documented_and_every_documented_key_is_there(
    byhand, arguments, monkeypatch
):
    monkeypatch.setattr("byhand.cli.article.QUICK_SHARE", 0.002)
    monkeypatch.setattr("byhand.ladder.RUNGS", RUNGS[:1])
    commands = re.findall(r"^## (.+)$", COMMAND_LINE, re.MULTILINE)
    assert set(commands) == set(arguments)
    for command in commands:
        keys = set(byhand(*command.split(), *arguments[command], "--json").json)
        assert keys | ELSEWHERE.get(command, set()) == documented_keys(command), command


def test_every_command_and_option_is_documented(byhand, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    for command in re.findall(r"^## (.+)$", COMMAND_LINE, re.MULTILINE):
        said = byhand(*command.split(), "--help").out
        options = set(re.findall(r"--[a-z][a-z-]+", said)) - {"--json", "--help"}
        usage = re.search(r"^`byhand (.+)`$", section(command), re.MULTILINE)[1]
        for option in options:
            short = {"--output": "-o"}.get(option, option)
            assert short in usage, f"{option} of {command}"


def readme_command(number):
    """The commands of a block of the README, as CI takes them from it."""
    script = (ROOT / ".ci" / "run").read_text()
    function = re.search(r"^command_of_readme\(\) \{.*?^\}", script, re.MULTILINE | re.DOTALL)[0]
    done = subprocess.run(
        ["bash", "-c", f"{function}\ncommand_of_readme {number}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_readme_has_the_two_commands_that_ci_runs():
    assert readme_command(1).endswith(".venv/bin/byhand train")
    assert readme_command(2).endswith(".venv/bin/pytest")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_and_pictures_lead_to_files_that_are_there(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_readmes_lines_of_python_do_what_they_say(tmp_path):
    """As printed, but for one epoch."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    [code] = [block for block in blocks if "RECIPES" in block]
    quick = code.replace('RECIPES["sigmoid"]', 'RECIPES["sigmoid"].adapted(epochs=1)')
    assert quick != code
    done = subprocess.run(
        [sys.executable, "-c", quick], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    promised = re.search(r"# (\[.*\])$", code.strip())[1]
    assert done.stdout.splitlines()[-1] == promised


def test_the_readmes_tree_names_what_is_there():
    tree = re.search(r"```text\nsrc/byhand/\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    named = {line.split()[0].rstrip("/") for line in tree.splitlines() if line.strip()}
    there = {
        path.name
        for path in (ROOT / "src" / "byhand").iterdir()
        if not path.name.startswith("__") and path.name != "py.typed"
    }
    assert named == there
