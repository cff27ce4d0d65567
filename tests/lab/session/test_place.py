"""Where ``%%hcl`` may write."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.session.place import NotebookDirectory, find, inside
from lab_env.errors import UsageError


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("modules/secrets/kms.tf", "modules/secrets/kms.tf"),
        ("'main.tf'", "main.tf"),
        ("modules/secrets/containers.json.tftpl", "modules/secrets/containers.json.tftpl"),
        ("modules/secrets/policies/trust.json", "modules/secrets/policies/trust.json"),
        ("./modules//secrets/kms.tf", "modules/secrets/kms.tf"),
    ],
)
def test_a_relative_terraform_file_is_inside(word: str, path: str) -> None:
    """Is a plain path taken, written as the grader will read it?"""
    assert inside(word) == path


@pytest.mark.parametrize(
    "word",
    [
        "",
        "/etc/kms.tf",
        "../kms.tf",
        "modules/../../kms.tf",
        "~/kms.sh",
        "kms.tf.json",
        "terraform.tfvars",
        "terraform.tfvars.json",
        "modules/.kms.tf",
        ".x.json",
        "kms.py",
        ".tf",
        "modules/.tf",
        "C:\\kms.tf",
        "a\\b.tf",
        ".lab/kms.tf",
        ".terraform/kms.tf",
        ".git/hooks/kms.tf",
        "a\x00.tf",
        "a\x1b[2J.tf",
    ],
)
def test_everything_else_is_refused(word: str) -> None:
    """Is a path that leaves the workspace, or is none that Terraform reads, a clean error with a next step?"""
    with pytest.raises(UsageError) as refused:
        inside(word)
    assert refused.value.next_step
    assert all(line.isprintable() for line in refused.value._render_traceback_())


def test_a_write_is_a_submission(tmp_path: Path) -> None:
    """Is what was written read by the grader as the module's file?"""
    from lab_env.submission import load_submission

    place = NotebookDirectory(tmp_path)
    assert place.paths() == ()
    place.write("modules/secrets/kms.tf", "# é\n")
    assert place.paths() == ("modules/secrets/kms.tf",)
    assert place.text("modules/secrets/kms.tf") == "# é\n"
    submission = load_submission(place.files)
    assert (submission.module_dir, [f.path for f in submission.files]) == (
        "modules/secrets",
        ["modules/secrets/kms.tf"],
    )


def test_a_link_does_not_lead_out(tmp_path: Path) -> None:
    """Is a directory that somebody replaced by a link refused, and a linked file replaced instead of followed?"""
    place = NotebookDirectory(tmp_path / "course")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kms.tf").write_text("untouched", encoding="utf-8")
    place.files.mkdir(parents=True)
    (place.files / "modules").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out"):
        place.write("modules/kms.tf", "x")
    (place.files / "kms.tf").symlink_to(outside / "kms.tf")
    place.write("kms.tf", "mine")
    assert (outside / "kms.tf").read_text(encoding="utf-8") == "untouched"
    assert place.text("kms.tf") == "mine"


def test_the_place_is_named_or_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does LAB_WORKSPACE count before the current directory, and is a wrong one told?"""
    monkeypatch.chdir(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    assert find({}).root == tmp_path.resolve()
    assert find({"LAB_WORKSPACE": str(other)}).root == other.resolve()
    with pytest.raises(UsageError, match="does not exist"):
        find({"LAB_WORKSPACE": str(tmp_path / "nowhere")})
