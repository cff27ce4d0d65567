"""The magics themselves: in a shell without a deployment, and in a real kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.drills.questions import Prediction, load_predictions
from lab_env.errors import UsageError
from tests.lab.drills.conftest import DrillBench

NEEDS_A_DEPLOYMENT = ("rotate", "launch", "as_role", "trail", "diagram road", "leaks --plant")


@pytest.fixture
def empty(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> DrillBench:
    """A notebook's directory in which nothing was done yet."""
    return make_bench(tmp_path)


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize("magic", NEEDS_A_DEPLOYMENT)
def test_when_nothing_is_deployed(empty: DrillBench, magic: str) -> None:
    """Is it one clean sentence and the next step, as HTML and as text, and no exception?"""
    name, _, line = magic.partition(" ")
    (output,) = empty.run(name, line)
    first, _, last = str(output["text/plain"]).partition("\n\n")
    assert first.startswith("! not yet: ")
    assert first.count("\n") == 0
    assert last.startswith("Next: ")
    assert "lab-next" in output["text/html"]


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("rotate", "now"),
        ("trail", "x"),
        ("leaks", "--deep"),
        ("leaks", "a b"),
        ("leaks", ".."),
        ("leaks", "/etc"),
        ("leaks", "'"),
        ("diagram", ""),
        ("diagram", "keys"),
        ("predict", "nothing-of-this-name"),
        ("predict", "which-role q"),
    ],
)
def test_words_that_are_not_understood(empty: DrillBench, name: str, line: str) -> None:
    """Is a wrong call one line and the next step instead of a traceback?"""
    with pytest.raises(UsageError) as raised:
        empty.run(name, line)
    lines = raised.value._render_traceback_()
    assert len(lines) == 2
    assert lines[1].startswith("Next: ")


@pytest.mark.engine
@pytest.mark.terraform
def test_leaks_without_a_deployment(empty: DrillBench) -> None:
    """Does a scan work before anything is deployed, also of a directory beside the notebook?"""
    (empty.root / "sample").mkdir()
    (empty.root / "sample" / "prod.tfvars").write_text('db_password = "Winter-In-Oslo-77"\n', "utf-8")
    assert "No leak found" in empty.text("leaks")
    text = empty.text("leaks", "sample")
    assert "prod.tfvars:1" in text
    assert "Winter" not in text


@pytest.mark.engine
@pytest.mark.terraform
def test_answering_by_typing(empty: DrillBench) -> None:
    """Does a typed letter say whether it is right and why, and is it remembered for the progress?"""
    asked = empty.text("predict", "which-role")
    assert "a) The execution role" in asked
    assert "The agent fetches" not in asked
    assert "✗ wrong" in empty.text("predict", "which-role b")
    assert "✓ right" in empty.text("predict", "which-role A")
    assert load_predictions(empty.root)["which-role"] == Prediction("b", "a", True)
    assert "1 of 16 answered" in empty.text("predict")


def test_every_magic_is_documented() -> None:
    """Has each magic of the course its heading and an example in ``docs/magics.md``?"""
    from lab.magics import LabMagics
    from lab.notebook.drills.magics import DrillMagics

    text = (Path(__file__).parents[4] / "docs" / "magics.md").read_text("utf-8")
    for magics in (LabMagics, DrillMagics):
        for kind, sign in (("line", "%"), ("cell", "%%")):
            for name in magics.magics[kind]:
                assert f"### `{sign}{name}" in text, name
                assert f"\n```\n{sign}{name}" in text, name


def test_buttons_for_front_ends_that_have_them(tmp_path: Path) -> None:
    """Do the radio buttons check an answer, tell it, and say it on?"""
    pytest.importorskip("ipywidgets")
    from lab.drills.questions import VIEW, bundle, buttons, question

    given: list[str] = []
    box = buttons(question("which-role"), given.append)
    assert box is not None
    choice, check, said = box.children
    assert check.disabled
    check.click()
    assert given == []
    choice.value = "b)"
    check.click()
    assert given == ["b"]
    assert "wrong" in said.value
    assert VIEW in bundle(box)


def _executed(directory: Path, *sources: str) -> list[list[dict[str, Any]]]:
    """Run cells in a real kernel; the outputs of each."""
    import nbformat
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(directory)}}).execute()
    found: list[list[dict[str, Any]]] = json.loads(json.dumps([cell.outputs for cell in notebook.cells]))
    return found


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.usefixtures("engine", "toolchain")
def test_in_a_real_kernel(
    make_bench: Callable[[Path], DrillBench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a kernel that has loaded the extension, does the lesson's drill run from deployment to trail without a value?"""
    monkeypatch.delenv("LAB_WORKSPACE", raising=False)
    bench = make_bench(tmp_path)
    bench.write("reference")
    outputs = _executed(
        tmp_path,
        "%load_ext lab.magics",
        "%launch",
        "%rotate",
        "%launch",
        "%trail",
        "%as_role secretsmanager:GetSecretValue",
        "%diagram versions",
        "%predict plan-after-rotation",
    )
    texts = ["\n".join(str(o.get("data", {}).get("text/plain", o.get("text", ""))) for o in cell) for cell in outputs]
    assert "✓ started" in texts[1]
    assert "AWSPREVIOUS" in texts[2]
    assert "Same as the current version: ✓ yes" in texts[3]
    assert "dev-app-execution" in texts[4]
    assert "✓ allowed" in texts[5]
    assert "by API" in texts[6]
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs[7])
    value = json.loads(
        bench.session.client("secretsmanager").get_secret_value(SecretId="dev-database-credentials")["SecretString"]
    )
    assert value["password"] not in json.dumps(outputs)
