"""Verdicts by other rules: everybody's, and each learner's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graders.assignment import Assignment, Rules
from graders.assignment import variants as drawing
from graders.batch.cache import Cache
from graders.batch.grade_many import grade_many
from graders.batch.identity import Identity
from graders.batch.ledger import Ledger, read_chain
from graders.batch.run_config import RunConfig
from graders.evidence.kept import KeptEvidence
from graders.marking.policy import with_missing
from graders.model import Depth, Results, Status, SubmissionStatus, Versions
from graders.report import json_report, sarif_report
from graders.report.failing_lines import failing_lines
from graders.report.items import analyse
from graders.rubric import registry
from graders.similarity.page import of_class
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import SubmissionRef
from solutions.corpus import load_corpus
from solutions.wording import in_words_of, marked

LESSON = Lesson("orders-login", "orders-vault", "PGPASSWORD", 14, 21, "Stage", "Owner", "PlatformTeam")
NAMED = {"kms.deletion_window", "kms.tags", "secret.recovery_window", "secret.tags"}
"""What a plan shows of the lesson's values."""


def answer(directory: Path, lesson: Lesson) -> SubmissionRef:
    """The reference, in the words of a lesson."""
    for path, data in load_corpus()["reference"].files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(in_words_of(data.decode(), lesson))
    return SubmissionRef(directory.name, directory)


def failed(results: Results, id: str) -> set[str]:
    one = next(one for one in results.submissions if one.id == id)
    return {row.id for row in one.requirements if row.status is Status.FAIL}


@pytest.fixture
def variants() -> Assignment:
    rows = drawing.draw(b"seed", "course", ["ann", "ben", "dora"], {})
    return Assignment(name="assignment.toml", digest="sha256:0", course="course", variants=rows)


def test_titles_and_hints_say_what_is_asked() -> None:
    """Does every text of the rubric that named a value of the standard lesson name the other one, and no other text change?"""
    standard, other = registry(), registry(Rules(lesson=LESSON))
    told = " ".join(text for one in other.requirements for text in (one.title, *one.hints))
    for value in ("orders-login", "orders-vault", "PGPASSWORD", "14 days", "21 days", "Stage", "Owner", "PlatformTeam"):
        assert value in told
    for value in (STANDARD.secret, STANDARD.alias, STANDARD.password, STANDARD.manager_tag):
        assert value not in told
    assert [one.under(STANDARD) for one in other.requirements] == list(standard.requirements)
    assert other.label == standard.label


def test_the_answers_of_the_repository_have_all_their_marks() -> None:
    """Is each mention of a value in starter and reference known, so that none of the standard lesson's is left in another?"""
    strange = Lesson("s3cret-name", "al1as-name", "V4R_PASSWORD", 29, 28, "EnvTag", "ManTag", "Somebody")
    for name in ("starter", "reference"):
        for path, data in load_corpus()[name].files.items():
            text = data.decode()
            assert in_words_of(text, STANDARD) == text
            other = in_words_of(text, strange)
            for value in (
                STANDARD.secret,
                STANDARD.alias,
                STANDARD.password,
                STANDARD.manager_tag,
                " 7",
                '"Terraform"',
            ):
                assert value not in other, path
            assert f"{STANDARD.environment_tag} =" not in other
            assert "{{lesson." not in other
            assert marked(other) == other


def test_older_results_and_evidence_load() -> None:
    """Are files of before read, and is nothing in new ones but for what is null when nothing else was asked for?"""
    results = Results.model_validate_json(
        json.dumps(
            {
                "schema": 2, "rubric": "r", "created": "2026", "engine": None, "isolation": ["gate"], "submissions": [],
                "versions": {"grader": "1", "terraform": "", "provider": ""},
            }
        )
    )  # fmt: skip
    assert results.assignment is None
    assert json_report.as_document(results)["assignment"] is None
    kept = KeptEvidence(
        depth=Depth.STATIC, capabilities=(), plan=None, deployed=None, drills=None, account=None, folders=()
    )
    document = kept.model_dump(mode="json")
    del document["lesson"]
    assert KeptEvidence.model_validate(document) == kept


def test_rules_are_part_of_every_key(variants: Assignment) -> None:
    """Do two learners' same files, and everybody's, have keys of their own for evidence and verdicts?"""
    identity = Identity(
        depth=Depth.FULL, engine="e", versions=Versions(grader="1", terraform="", provider=""), rubric=registry()
    )
    asked = [Rules(), Rules(lesson=LESSON), variants.rules("ann"), variants.rules("ben")]
    assert len({identity.verdict_key("sha256:a", rules) for rules in asked}) == 4
    assert len({identity.evidence_key("sha256:a", rules) for rules in asked}) == 4
    assert identity.verdict_key("sha256:a") == identity.verdict_key("sha256:a", Rules())


@pytest.mark.engine
@pytest.mark.terraform
def test_a_neighbours_answer_is_judged_by_ones_own_values(variants: Assignment, tmp_path: Path) -> None:
    """Does each get the verdict of their own values: full marks for one's own, the lines about them lost for a copy, the same
    from the cache, and no score and a name for somebody who has none?"""
    ann, ben = variants.rules("ann").lesson, variants.rules("ben").lesson
    refs = [
        answer(tmp_path / "ann", ann),
        answer(tmp_path / "ben", ann),
        answer(tmp_path / "cleo", ann),
    ]
    config = RunConfig(depth=Depth.PLAN, assignment=variants, jobs=1)
    cache = Cache(tmp_path / "cache")
    with Ledger(tmp_path / "run.ledger") as ledger:
        results = grade_many(refs, config, cache=cache, ledger=ledger)
    expected = {
        id
        for id, own, given in (
            ("kms.deletion_window", ben.key_window_days, ann.key_window_days),
            ("secret.recovery_window", ben.secret_window_days, ann.secret_window_days),
            ("secret.tags", ben.environment_tag, ann.environment_tag),
            ("kms.tags", (ben.environment_tag, ben.manager_tag, ben.manager), (ann.environment_tag, ann.manager_tag, ann.manager)),
        )
        if own != given
    }  # fmt: skip
    assert expected
    assert failed(results, "ann") == set()
    assert failed(results, "ben") == expected
    cleo = results.submissions[2]
    assert (cleo.status, cleo.score) == (SubmissionStatus.ERROR, None)
    assert (cleo.reason or "").startswith("cleo is not in variants.csv")
    assert [one.variant for one in results.submissions] == [ann, ben, None]
    assert results.submissions[0].digest == results.submissions[1].digest
    keys = {id: entry.key for id, entry in read_chain(tmp_path / "run.ledger").entries.items()}
    assert keys.keys() == {"ann", "ben"}
    assert keys["ann"] != keys["ben"]
    again = grade_many(refs, config, cache=cache)
    assert [(one.score, one.variant) for one in again.submissions] == [
        (one.score, one.variant) for one in results.submissions
    ]
    loaded = Results.model_validate_json(json_report.dumps(results))
    assert loaded == results


def test_what_is_for_all_has_nobodys_values(variants: Assignment, tmp_path: Path) -> None:
    """Do the class's own texts (its items and failing lines, SARIF's rules, rows of who handed in nothing) name no one's values?"""
    lessons = {name: variants.rules(name).lesson for name in ("ann", "ben")}
    refs = [answer(tmp_path / name, lesson) for name, lesson in lessons.items()]
    results = grade_many(refs, RunConfig(depth=Depth.STATIC, assignment=variants, jobs=1))
    failing = tuple(
        one.model_copy(
            update={
                "requirements": tuple(
                    row.model_copy(update={"status": Status.FAIL, "hint": "h"}) for row in one.requirements
                )
            }
        )
        for one in results.submissions
    )
    results = with_missing(results.model_copy(update={"submissions": failing}), ["dora"])
    rules = sarif_report.as_document(results)["runs"][0]["tool"]["driver"]["rules"]
    told = [item.title for item in analyse(results.submissions)]
    told += [line.title for line in failing_lines(results.submissions, {})]
    told += [row.title for row in results.submissions[-1].requirements]
    told += [rule[part]["text"] for rule in rules for part in ("shortDescription", "help")]
    assert "An essential container gets <variable> from the secret, following its current version" in told
    every = " ".join(told)
    for lesson in (*lessons.values(), STANDARD):
        assert not [value for value in (lesson.secret, lesson.alias, lesson.password) if value in every]
        assert f"{lesson.key_window_days} days" not in every


def test_copies_are_seen_through_their_values(variants: Assignment, tmp_path: Path) -> None:
    """Is a copy with new names the same text again, and is a name that was drawn for another told?"""
    lessons = {name: variants.rules(name).lesson for name in ("ann", "ben", "dora")}
    own = "\n".join(
        f"# {word} of our own, in some other words than anybody else's" for word in ("keys", "names", "roles")
    )
    refs = [answer(tmp_path / "ann", lessons["ann"]), answer(tmp_path / "ben", lessons["ben"])]
    refs.append(answer(tmp_path / "dora", lessons["ann"]))
    for ref in refs:
        (ref.path / "modules" / "secrets" / "notes.tf").write_text(f"{own}\n")
    found = of_class(refs, variants=lessons)
    assert {(pair.left, pair.right) for pair in found.pairs if pair.identical} >= {("ann", "ben")}
    names = (lessons["ann"].secret, lessons["ann"].alias)
    told = [note for id, note in found.notes if id == "dora"]
    assert told in [[f"{name} is in the files, a name that was drawn for ann."] for name in names]
    assert not [note for id, note in found.notes if id in ("ann", "ben")]
