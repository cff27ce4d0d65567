"""Which failing lines are the same, and how often."""

from __future__ import annotations

from graders.evidence.plan import third_environment
from graders.model import Evidence, Status, SubmissionResult
from graders.report.excerpts import quote
from graders.report.failing_lines import failing_lines
from graders.report.sources import quoted
from tests.graders.report import samples

PATH = "modules/secrets/kms.tf"


def _fails(id_: str, *, observed: str = "seen", line: int | None = 1, digest: str = "") -> SubmissionResult:
    seen = Evidence(kind="hcl", path=PATH, line=line, detail="d")
    row = samples.row(
        "kms.rotation", Status.FAIL, points=4, observed=observed, evidence=(Evidence(kind="api", detail="a"), seen)
    )
    made = samples.submission(id_, (samples.row("kms.key", Status.PASS, points=4), row))
    return made.model_copy(update={"digest": digest}) if digest else made


def test_lines_that_differ_in_space_and_comment_are_the_same() -> None:
    """Is the learner's own line compared, whatever it is indented with and whatever is said behind it?"""
    files = {
        "a": {PATH: "enable_key_rotation = false"},
        "b": {PATH: "\tenable_key_rotation   =  false   # later"},
        "c": {PATH: "enable_key_rotation = false // never"},
        "d": {PATH: 'enable_key_rotation = "no # comment"'},
    }
    learners = [_fails(id_) for id_ in "abcd"]
    found = failing_lines(learners, quoted(learners, files))
    assert [(line.text, line.where, line.quoted) for line in found] == [
        ("enable_key_rotation = false", (0, 1, 2), True),
        ('enable_key_rotation = "no # comment"', (3,), True),
    ]


def test_without_the_files_what_was_observed_counts() -> None:
    """Are fails grouped by what was observed where the learner's line is not at hand?"""
    found = failing_lines([_fails("a", observed="off"), _fails("b", observed="off"), _fails("c", observed="none")], {})
    assert [(line.text, line.where, line.quoted) for line in found] == [("off", (0, 1), False), ("none", (2,), False)]


def test_evidence_without_a_line_is_no_line() -> None:
    """Is evidence that names a directory, or a line that is not there, answered by what was observed?"""
    learners = [_fails("a", line=None), _fails("b", line=99)]
    found = failing_lines(learners, quoted(learners, {"b": {PATH: "x = 1"}}))
    assert [(line.text, line.quoted) for line in found] == [("seen", False)]


def test_the_third_environment_does_not_keep_equals_apart() -> None:
    """Are two observations the same that differ only in the name that follows from the digest?"""
    learners = [
        _fails(id_, observed=f"off under {third_environment(digest)}", digest=digest)
        for id_, digest in (("a", "sha256:" + "0a" * 32), ("b", "sha256:" + "1b" * 32))
    ]
    assert [(line.text, line.where) for line in failing_lines(learners, {})] == [
        ("off under <third environment>", (0, 1))
    ]


def test_most_learners_first_and_ten_at_most() -> None:
    """Are the groups ranked by how many have them, and is the list short?"""
    learners = [_fails(f"{group}-{n}", observed=f"way {group:02}") for group in range(14) for n in range(1 + group % 3)]
    found = failing_lines(learners, {})
    assert len(found) == 10
    assert [len(line.where) for line in found] == sorted((len(line.where) for line in found), reverse=True)
    assert found[0].text == "way 02"


def test_a_quoted_line_tells_what_was_observed_about_it() -> None:
    """Does a line that many wrote keep the different reasons it fails for, the most frequent first, three at most?"""
    reasons = ["b", "b", "a", "c", "d", "e"]
    learners = [_fails(str(number), observed=reason) for number, reason in enumerate(reasons)]
    (line,) = failing_lines(learners, quoted(learners, {str(number): {PATH: "x = 1"} for number in range(6)}))
    assert (line.observed, line.more) == ((("b", 2), ("a", 1), ("c", 1)), 2)


def test_passes_and_blocks_are_no_failing_lines() -> None:
    """Is only what fails listed?"""
    assert failing_lines([samples.submission("a", samples.rows(Status.BLOCKED))], {}) == ()


def test_a_line_of_nothing_but_a_comment_stays() -> None:
    """Is a comment shown where it is all there is, since a credential may stand in it?"""
    (found,) = quote("#  password:   hunter2\n", [(1, 1)])
    assert found is not None
    assert found.plain == "# password: hunter2"


def test_what_a_learner_wrote_cannot_steer() -> None:
    """Is a line with control characters made visible, on one line and not endless?"""
    (found,) = quote(f'x = "{samples.NASTY}' + "y" * 5000 + '"', [(1, 1)])
    assert found is not None
    line = found.plain
    assert not set(line) & set("\x1b\x00\u202e\n\t")
    assert len(line) < 400


KEY = """\
resource "aws_kms_key" "mine" {
  description = "d"
  enable_key_rotation = false # never
  tags = {
    ManagedBy = "Hand"
  }
}
"""


def test_a_cited_block_is_answered_by_its_argument() -> None:
    """Where evidence names a whole block, is it the line that the verdict speaks of that counts, and not the block's head?"""

    def learner(id_: str, observed: str) -> SubmissionResult:
        seen = Evidence(kind="hcl", path=PATH, line=1, end_line=7, detail="aws_kms_key.mine")
        return samples.submission(
            id_, (samples.row("kms.rotation", Status.FAIL, points=4, observed=observed, evidence=(seen,)),)
        )

    learners = [
        learner("a", "enable_key_rotation is false"),
        learner("b", "ManagedBy = Hand"),
        learner("c", "it is off"),
    ]
    found = failing_lines(learners, quoted(learners, {id_: {PATH: KEY} for id_ in "abc"}))
    assert [(line.text, line.where) for line in found] == [
        ('ManagedBy = "Hand"', (1,)),
        ("enable_key_rotation = false", (0,)),
        ("it is off", (2,)),
    ]


def test_an_argument_that_is_left_out_is_named() -> None:
    """Is what nobody wrote named, whatever the learners call their block, instead of quoting the block's head?"""

    def learner(id_: str, name: str) -> SubmissionResult:
        seen = Evidence(
            kind="hcl", path=PATH, line=1, end_line=7, detail=f"aws_kms_key.{name} sets no deletion_window_in_days"
        )
        return samples.submission(id_, (samples.row("kms.deletion_window", Status.FAIL, points=3, evidence=(seen,)),))

    learners = [learner("a", "mine"), learner("b", "other")]
    found = failing_lines(learners, quoted(learners, {id_: {PATH: KEY} for id_ in "ab"}))
    assert [(line.text, line.where, line.quoted) for line in found] == [
        ("aws_kms_key sets no deletion_window_in_days", (0, 1), False)
    ]
