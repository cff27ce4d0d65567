"""``%leaks``: every place and every encoding, with the value masked."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.evidence.leak_scan import encodings
from lab.drills import leak_places
from lab.drills.leak_advice import masked
from lab.drills.leaks import (
    Hit,
    Scan,
    canary_of,
    directory_scan,
    leaks_card,
    module_hits,
    scan,
    workspace_scan,
)
from solutions.corpus import load_corpus, materialise
from tests.conftest import missing
from tests.lab.drills.conftest import DrillBench

VALUE = "q7#Zt+1Lw_8%vK?e^5mB~nX=0RyAs!Dc"
WEAK = "Winter-In-Oslo-77"


def _notebook(directory: Path, name: str, *outputs: dict[str, object], source: str = "1") -> Path:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "execution_count": 1, "outputs": list(outputs)}
    path = directory / name
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return path


def _stream(text: str) -> dict[str, object]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _git(directory: Path, *words: str) -> str:
    if shutil.which("git") is None:
        missing("Git is not installed")
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *words], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(directory: Path, path: str, text: str) -> str:
    (directory / path).write_text(text, "utf-8")
    _git(directory, "add", "--all")
    _git(directory, "commit", "-m", path)
    return _git(directory, "rev-parse", "--short", "HEAD")


@pytest.mark.parametrize("form", sorted(encodings(VALUE)))
def test_a_planted_value_is_found_in_every_encoding(tmp_path: Path, form: str) -> None:
    """Is it found at its line, whichever form it is written in, and never shown?"""
    content = encodings(VALUE)[form]
    (tmp_path / "notes.txt").write_bytes(b"first\nsecond\nthird " + content + b"\nfourth\n")
    found = scan(leak_places.files(tmp_path), [canary_of("the secret", VALUE)])
    assert [hit.where for hit in found.hits] == ["notes.txt:3"]
    shown = json.dumps(leaks_card(found)._repr_mimebundle_())
    for seen in encodings(VALUE).values():
        assert seen.decode("latin-1") not in shown


def test_a_canary_does_not_show_itself() -> None:
    """Is neither the value nor one of its forms in what a canary is printed as?"""
    shown = repr(canary_of("the secret", VALUE))
    assert VALUE not in shown
    assert base64.b64encode(VALUE.encode()).decode() not in shown


def test_files_by_the_graders_own_reading(tmp_path: Path) -> None:
    """Does a module's scan say what ``secret.no_plaintext`` says, also of a value that goes through a local?"""
    corpus = load_corpus()
    for name in ("password-in-a-local", "password-in-tfvars", "password-in-a-comment", "password-in-base64"):
        made = materialise(corpus[name], tmp_path)
        hits = workspace_scan(made, tmp_path, None, [], with_history=False).hits
        assert hits, name
        assert tuple(module_hits(made) or ()) == hits, name
        assert all(hit.where.rpartition(":")[2].isdigit() for hit in hits)
    clean = materialise(corpus["reference"], tmp_path)
    assert workspace_scan(clean, tmp_path, None, [], with_history=False).hits == ()


def test_a_module_that_has_only_begun(tmp_path: Path) -> None:
    """Is a module without a resource looked through like any other, and clean while there is nothing in it?"""
    (tmp_path / "variables.tf").write_text('variable "environment" {\n  type = string\n}\n', "utf-8")
    assert workspace_scan(tmp_path, tmp_path, None, [], with_history=False).hits == ()


def test_a_directory_that_is_no_module_is_read_as_hcl_too(tmp_path: Path) -> None:
    """Is a variable's default found where only HCL tells that it is a credential, once for its line, in any directory?"""
    text = f'variable "api_token" {{\n  default = "{WEAK}"\n}}\nprovider "aws" {{}}\n'
    (tmp_path / "main.tf").write_text(text, "utf-8")
    (tmp_path / "prod.tfvars").write_text(f'db_password = "{WEAK}"\n', "utf-8")
    hits = directory_scan(tmp_path, []).hits
    assert [hit.where for hit in hits] == ["main.tf:2", "prod.tfvars:1"]


def test_files_that_are_no_module_are_read_all_the_same(tmp_path: Path) -> None:
    """Where the gate refuses the files, do the text rules still find what is written in them?"""
    (tmp_path / "main.tf").write_text(f'provider "aws" {{}}\nlocals {{\n  db_password = "{WEAK}"\n}}\n', "utf-8")
    hits = workspace_scan(tmp_path, tmp_path / "elsewhere", None, [], with_history=False).hits
    assert [hit.where for hit in hits] == ["main.tf:3"]


def test_outputs_of_notebooks_but_not_their_text(tmp_path: Path) -> None:
    """Is a printed password found in its cell, and a lesson's own example in the source of a cell left alone?"""
    _notebook(
        tmp_path, "02.ipynb", _stream(f"user = app\npassword = {WEAK}\n"), source='x = "password = Summer-In-Rome-12"'
    )
    hits = scan(leak_places.notebooks(tmp_path), []).hits
    assert [(hit.kind, hit.where) for hit in hits] == [("output", "02.ipynb (cell 1, output):2")]


def test_a_planted_value_anywhere_in_a_notebook(tmp_path: Path) -> None:
    """Is it found once in an output, in HTML beside a text that hides it, and in a cell's source?"""
    canary = canary_of("the secret", VALUE)
    html = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/plain": "hidden", "text/html": f"<b>{VALUE}</b>"},
    }
    _notebook(tmp_path, "a.ipynb", _stream(f"{VALUE}\n"))
    _notebook(tmp_path, "b.ipynb", html)
    _notebook(tmp_path, "c.ipynb", source=f"# {VALUE}")
    hits = scan(leak_places.notebooks(tmp_path), [canary]).hits
    assert [(hit.kind, hit.shown) for hit in hits] == [
        ("output", "a.ipynb (cell 1, output)"),
        ("notebook", "b.ipynb"),
        ("notebook", "c.ipynb"),
    ]


def test_broken_and_hostile_notebooks(tmp_path: Path) -> None:
    """Is a notebook that is none no error, and is a name that is markup shown as text?"""
    (tmp_path / "broken.ipynb").write_text("{", "utf-8")
    for number, text in enumerate(("[]", '{"cells": 3}', '{"cells": [1, {"outputs": [2, {"data": 5}]}]}', "[" * 9000)):
        (tmp_path / f"odd-{number}.ipynb").write_text(text, "utf-8")
    hostile = "<img src=x onerror=alert(1)>.ipynb"
    _notebook(tmp_path, hostile, _stream(f"password = {WEAK}"))
    found = scan(leak_places.notebooks(tmp_path), [])
    assert len(found.hits) == 1
    html = leaks_card(found)._repr_mimebundle_()["text/html"]
    assert "<img" not in html
    assert "&lt;img" in html
    assert WEAK not in html


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Is a link named as not looked at, and what it points at not read?"""
    outside = tmp_path / "outside.txt"
    outside.write_text(f"password = {WEAK}\n", "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.txt").symlink_to(outside)
    (tmp_path / "in" / "link.ipynb").symlink_to(outside)
    found = directory_scan(tmp_path / "in", [])
    assert found.hits == ()
    assert {one.what for one in found.unread} >= {"link.txt", "link.ipynb"}
    assert [one.what for one in scan(leak_places.notebooks(tmp_path / "in"), []).unread] == ["link.ipynb"]


def test_the_history_remembers(tmp_path: Path) -> None:
    """Is a password found that a later commit took out, with the commit that brought it in, and once?"""
    _git(tmp_path, "init", "--quiet")
    _commit(tmp_path, "README.md", "A module.\n")
    guilty = _commit(tmp_path, "prod.tfvars", f'region = "us-east-1"\ndb_password = "{WEAK}"\n')
    _commit(tmp_path, "prod.tfvars", f'# still there\nregion = "us-east-1"\ndb_password = "{WEAK}"\n')
    _commit(tmp_path, "prod.tfvars", 'region = "us-east-1"\n')
    found = directory_scan(tmp_path, [])
    assert [(hit.kind, hit.shown) for hit in found.hits] == [("history", "prod.tfvars")]
    assert found.hits[0].commit in (guilty, _git(tmp_path, "rev-parse", "--short", "HEAD~1"))
    assert "Rotate the value now" in leaks_card(found).plain


def test_the_history_is_read_as_hcl(tmp_path: Path) -> None:
    """Is a password found that was a variable's default in an old commit, with that commit and the line that it wrote?"""
    _git(tmp_path, "init", "--quiet")
    guilty = _commit(tmp_path, "main.tf", f'variable "db_password" {{\n  type    = string\n  default = "{WEAK}"\n}}\n')
    _commit(tmp_path, "main.tf", 'variable "db_password" {\n  type    = string\n  default = "CHANGE_ME"\n}\n')
    found = directory_scan(tmp_path, [])
    assert [(hit.kind, hit.where, hit.commit) for hit in found.hits] == [("history", "main.tf:3", guilty)]
    text = leaks_card(found).plain
    assert f"Commit {guilty} wrote main.tf:3: default = •••••••• (see it with: git show {guilty} -- main.tf)" in text
    assert WEAK not in text + str(leaks_card(found)._repr_mimebundle_())


def test_an_old_value_is_told_once(tmp_path: Path) -> None:
    """Is a value that both readings of an old commit find, and each later commit has, told one time?"""
    _git(tmp_path, "init", "--quiet")
    (tmp_path / "modules").mkdir()
    _commit(tmp_path, "modules/a.tf", f'locals {{\n  db_password = "{WEAK}"\n}}\n')
    _commit(tmp_path, "modules/b.tf", 'variable "environment" {}\n')
    (tmp_path / "modules" / "a.tf").write_text("locals {}\n", "utf-8")
    _git(tmp_path, "commit", "--all", "-m", "Take it out")
    assert [hit.where for hit in directory_scan(tmp_path, []).hits] == ["modules/a.tf:2"]


def test_the_advice_fits_what_put_it_there(tmp_path: Path) -> None:
    """Does a value in a state lead to the output, data source or argument that put it there, whoever finds it?"""
    live = {"mode": "data", "type": "aws_secretsmanager_secret_version", "name": "live"}
    made = {"mode": "managed", "type": "aws_db_instance", "name": "main"}
    state = {
        "version": 4,
        "outputs": {"db_password": {"value": WEAK, "type": "string"}},
        "resources": [
            {**live, "instances": [{"attributes": {"secret_string": VALUE}}]},
            {**made, "instances": [{"attributes": {"password": WEAK}}]},
        ],
    }
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state, indent=2), "utf-8")
    steps = [hit.next_step for hit in directory_scan(tmp_path, [canary_of("the secret", VALUE)]).hits]
    assert any(step.startswith("The output db_password put it there.") for step in steps)
    assert any(step.startswith("data.aws_secretsmanager_secret_version.live read it back.") for step in steps)
    assert any("An argument of aws_db_instance.main" in step for step in steps)
    kinds = [
        ("prod.tfvars", "a value for x"),
        ("main.tf", "a literal lands in x"),
        ("main.tf", "the output x hands out"),
        ("main.tf", "x in a comment"),
    ]
    assert len({Hit("file", shown, 1, what, planted=False).next_step for shown, what in kinds}) == len(kinds)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  default = "x y"', "default = ••••••••"),
        ("PGPASSWORD=x ./migrate up", "PGPASSWORD= ••••••••"),
        ('  "password": "x",', '"password": ••••••••'),
        ("# the password is x", "••••••••"),
        ("x", "••••••••"),
        ("", "••••••••"),
    ],
)
def test_a_line_is_shown_without_its_value(line: str, shown: str) -> None:
    """Is only the name of what a line sets shown?"""
    assert masked(line) == shown


def test_an_undone_commit_and_the_index(tmp_path: Path) -> None:
    """Is a value found that only the reflog or the index still has?"""
    canary = canary_of("the secret", VALUE)
    _git(tmp_path, "init", "--quiet")
    _commit(tmp_path, "README.md", "A module.\n")
    _commit(tmp_path, "undone.txt", VALUE)
    _git(tmp_path, "reset", "--hard", "--quiet", "HEAD~1")
    (tmp_path / "staged.txt").write_text(f"staged {VALUE}", "utf-8")
    _git(tmp_path, "add", "staged.txt")
    (tmp_path / "staged.txt").write_text("taken out", "utf-8")
    hits = directory_scan(tmp_path, [canary]).hits
    assert sorted((hit.kind, hit.shown) for hit in hits) == [("history", "staged.txt"), ("history", "undone.txt")]


def test_the_history_of_the_directory_only(tmp_path: Path) -> None:
    """In a larger repository, is only what lies below the directory looked at?"""
    _git(tmp_path, "init", "--quiet")
    (tmp_path / "course").mkdir()
    _commit(tmp_path, "elsewhere.tfvars", f'db_password = "{WEAK}"\n')
    _commit(tmp_path, "course/mine.tfvars", f'db_password = "{WEAK}"\n')
    (tmp_path / "course" / "mine.tfvars").unlink()
    hits = directory_scan(tmp_path / "course", []).hits
    assert [hit.shown for hit in hits] == ["mine.tfvars"]


def test_a_repository_cannot_run_anything(tmp_path: Path) -> None:
    """Does a repository whose settings name programs get none of them run by a scan?"""
    _git(tmp_path, "init", "--quiet")
    _commit(tmp_path, "README.md", "A module.\n")
    for setting in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "gpg.program"):
        _git(tmp_path, "config", setting, f"touch {tmp_path / 'ran'}")
    _git(tmp_path, "config", "log.showSignature", "true")
    assert any(place for place in leak_places.history(tmp_path))
    leak_places.commit_of(tmp_path, _git(tmp_path, "rev-parse", "HEAD:README.md"))
    assert not (tmp_path / "ran").exists()


def test_where_there_is_no_repository(tmp_path: Path) -> None:
    """Is a directory without Git simply one without a history?"""
    (tmp_path / "a.txt").write_text("nothing\n", "utf-8")
    found = directory_scan(tmp_path, [])
    assert found == Scan((), {"file": 1}, (), ())
    assert "No leak found" in leaks_card(found).plain


@pytest.mark.engine
@pytest.mark.terraform
def test_the_reference_is_clean(reference: DrillBench) -> None:
    """After a planted rotation, a launch and an apply, is there no leak around the reference, state and plan included?"""
    assert "✓ planted" in reference.text("leaks", "--plant")
    reference.run("launch")
    reference.session.apply(reference.notes.append)
    text = reference.text("leaks")
    assert "No leak found" in text
    assert "1 planted value" in text
    assert "state file" in text
    assert "saved plan" in text


@pytest.mark.engine
@pytest.mark.terraform
def test_a_data_source_leaks_the_live_value(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Is the planted value found in the state, at its line, when a data source reads it, and is it shown nowhere?"""
    bench = make_bench(tmp_path)
    bench.write("live-value-read-and-not-used")
    bench.deploy()
    outputs = bench.run("leaks", "--plant")
    bench.session.apply(bench.notes.append)
    outputs += bench.run("leaks")
    secret = bench.look().the_secret()
    manager = bench.session.client("secretsmanager")
    value = json.loads(manager.get_secret_value(SecretId=secret.arn)["SecretString"])["password"]
    text = str(outputs[-1]["text/plain"])
    assert "✗ leaking" in text
    assert "terraform.tfstate:" in text
    assert value not in json.dumps(outputs)


def test_hits_say_what_to_do() -> None:
    """Has every kind of place a next step of its own?"""
    kinds = ("file", "state", "plan", "notebook", "output", "history")
    steps = {Hit(kind, "x", 1, "a value", planted=False).next_step for kind in kinds}  # type: ignore[arg-type]
    assert len(steps) == len(kinds)
