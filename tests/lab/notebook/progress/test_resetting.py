"""``%lab_reset`` and ``%lab_progress``."""

from __future__ import annotations

from lab.drills.questions import questions, remember_prediction
from lab_env.errors import UsageError
from tests.lab.notebook.conftest import Notebook


def _check(notebook: Notebook) -> None:
    notebook.run("%lab_check secret.no_plaintext rotation.ignore_changes --depth static")


def test_a_reset_backs_up_and_forgets(notebook: Notebook) -> None:
    """Are all files gone from the workspace and in the backup, byte for byte, and the verdicts forgotten?"""
    notebook.write("reference")
    _check(notebook)
    before = {path: notebook.place.text(path) for path in notebook.place.paths()}
    ran = notebook.run("%lab_reset")
    assert ran.error is None
    assert "Your cells are as they were." in ran.out
    assert notebook.place.paths() == ()
    (folder,) = (notebook.place.root / ".lab" / "backups").iterdir()
    kept = {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*.tf")}
    assert kept == before
    assert "10 of 100" not in notebook.run("%lab_progress").out
    assert "There was no file to remove." in notebook.run("%lab_reset").out


def test_a_step_alone_is_reset(notebook: Notebook) -> None:
    """Does a reset of one step leave the other steps' files and verdicts alone?"""
    notebook.write("reference")
    notebook.place.write("modules/secrets/placeholder.tf", "# mine\n")
    _check(notebook)
    assert notebook.run("%lab_reset rotation").error is None
    assert "modules/secrets/placeholder.tf" not in notebook.place.paths()
    assert "modules/secrets/secret.tf" in notebook.place.paths()
    assert "6 of 100 points" in notebook.run("%lab_progress").out


def test_wrong_words_change_nothing(notebook: Notebook) -> None:
    """Is an unknown step a clean error that removes nothing?"""
    notebook.write("reference")
    for words in ("kmss", "kms secret", "--all"):
        ran = notebook.run(f"%lab_reset {words}")
        assert isinstance(ran.error, UsageError), words
    assert isinstance(notebook.run("%lab_progress now").error, UsageError)
    assert len(notebook.place.paths()) > 3


def test_progress_tells_where_to_go_on(notebook: Notebook) -> None:
    """Does the first cell say that it is new, then what is written, then what was reached and what is next?"""
    assert "Welcome" in notebook.run("%lab_progress").out
    notebook.write("reference", "variables.tf")
    assert "Written so far: modules/secrets/variables.tf." in notebook.run("%lab_progress").out
    notebook.write("reference")
    _check(notebook)
    out = notebook.run("%lab_progress").out
    assert "Pick up where you left off" in out
    assert "10 of 100 points so far." in out
    assert "rotation" in out
    assert "Questions" not in out
    asked = next(iter(questions().values()))
    remember_prediction(notebook.place.root, asked.id, asked.right, right=True)
    assert f"Questions: 1 of {len(questions())} answered, 1 right" in notebook.run("%lab_progress").out
    # A verdict on other files is marked as old.
    notebook.place.write("modules/secrets/more.tf", "# more\n")
    notebook.run("%lab_check secret.no_plaintext --depth static")
    assert "%lab_check looks again" not in notebook.run("%lab_progress").out
