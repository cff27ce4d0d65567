"""Reading a policy file: what is understood, and one sentence with file, line and key for what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.marking.policy import Policy, Rules, parse_policy, read_policy
from lab_env.errors import UsageError

WHOLE = """\
# Autumn term
due: 2026-11-20T23:59:00+01:00
late:
  grace_minutes: 15
  percent_per_day: 12.5
  maximum: 50
  cut_off_days: 7
extensions:
  amara-okafor: 2026-11-25T23:59:00Z
submitted:
  "0123": 2026-11-21T08:12:00+01:00
overrides:
  - submission: bruno-keller
    requirement: kms.rotation
    full: true
    reason: Shown in the lab, see the log.
  - submission: no
    points: 60
    reason: "Graded by hand: = + - @"
weights:
  kms.rotation: 8
  runtime: 20
disabled: [runtime.audit]
"""


def parsed(text: str) -> Policy:
    return parse_policy(text.encode(), "policy.yaml")


def refused(text: str | bytes) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_policy(text.encode() if isinstance(text, str) else text, "policy.yaml")
    assert caught.value.next_step
    return caught.value


def test_everything_is_understood(tmp_path: Path) -> None:
    """Is every key read as it is meant, names as they are written, times in UTC?"""
    (tmp_path / "autumn.yaml").write_text(WHOLE, encoding="utf-8")
    policy = read_policy(tmp_path / "autumn.yaml")
    rules = policy.rules
    assert (policy.name, len(policy.digest)) == ("autumn.yaml", len("sha256:") + 64)
    assert rules.due == datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    assert rules.late is not None
    assert (rules.late.grace_minutes, rules.late.percent_per_day, rules.late.maximum) == (15, Decimal("12.5"), 50)
    assert rules.extensions == {"amara-okafor": datetime(2026, 11, 25, 23, 59, tzinfo=UTC)}
    assert list(rules.submitted) == ["0123"]
    assert [(o.submission, o.requirement, o.points, o.full) for o in rules.overrides] == [
        ("bruno-keller", "kms.rotation", None, True),
        ("no", None, 60, False),
    ]
    assert (rules.weights, rules.disabled) == ({"kms.rotation": 8, "runtime": 20}, ("runtime.audit",))


def test_the_documented_example_is_one() -> None:
    """Is the example in docs/marks.md a policy file, with every key that there is?"""
    text = (Path(__file__).parents[4] / "docs" / "marks.md").read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert set(parsed(example).rules.model_dump(exclude_defaults=True)) == set(Rules.model_fields)


def test_the_digest_is_the_bytes() -> None:
    """Do two files with the same bytes have one digest, and a changed comment another?"""
    assert parsed(WHOLE).digest == parsed(WHOLE).digest
    assert parsed(WHOLE).digest != parsed(WHOLE + "# more\n").digest


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    """Is a file without rules a policy without rules?"""
    assert parsed(text).rules.model_dump(exclude_defaults=True) == {}


@pytest.mark.parametrize("name", ["0123", "1e3", "on", "null", "~", "2026-11-20", "0x1F", "-", "1_000"])
def test_a_name_stays_what_is_written(name: str) -> None:
    """Does YAML turn no student into a number, a date or nothing, as key or as value?"""
    rules = parsed(f"due: 2026-11-20T00:00:00Z\nextensions:\n  {name!r}: 2026-11-21T00:00:00Z\n").rules
    assert list(rules.extensions) == [name]
    if name != "-":
        bare = parsed(
            f"overrides:\n  - submission: {name}\n    points: 3\n    reason: r\nweights: {{{name}: 3}}\n"
        ).rules
        assert (bare.overrides[0].submission, list(bare.weights)) == (name, [name])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("due: 2026-11-20T23:59:00Z\nlat:\n  grace_minutes: 1", "line 2: the key lat is not known"),
        ("due: 2026-11-20T23:59:00Z\nlate:\n  percent_pro_day: 1", "line 3: the key late.percent_pro_day is not known"),
        ("overrides:\n  - submission: a\n    points: 3\n    raeson: b", "line 4: the key overrides[1].raeson"),
        ("due: 2026-11-20", "line 1: due: the time has no offset"),
        ("due: 2026-11-20T23:59", "line 1: due: the time has no offset"),
        ("due: soon", "line 1: due: this is no time"),
        ("due: 0001-01-01T00:00:00+14:00", "line 1: due: this is no time that can be"),
        ("weights:\n  kms: 3\n  iam: ten", "line 3: weights.iam: this is no number of points; write it like 2 or 2.5"),
        ("weights:\n  kms: 3.7", "line 2: weights.kms: points are whole or halves"),
        ("weights:\n  kms: -1", "line 2: weights.kms: the number is too small"),
        ("weights:\n  kms: 99999999999", "line 2: weights.kms: the number is too large"),
        ("weights:\n  kms: nan", "line 2: weights.kms: this is no number of points"),
        ("weights:\n  kms: 1e3", "line 2: weights.kms: this is no number of points"),
        ("manual:\n  - {submission: a, points: 0, reason: r}", "0 points change nothing"),
        ("manual:\n  - {submission: a, points: 1, reason: ' '}", "the reason is empty"),
        ("manual:\n  - {submission: a, points: 1}", "manual[1].reason: it is missing"),
        ("bonus:\n  - {submission: a, points: -1, reason: r}", "line 2: bonus[1].points: the number is too small"),
        ("comments:\n  a: ' '", "line 2: comments.a: it is empty"),
        ("missing: 10", "line 1: missing: write 0, or leave it out"),
        ("missing: zero", "line 1: missing: write 0, or leave it out"),
        (
            "overrides: [{submission: a, points: 1, reason: r}]\nbonus: [{submission: a, points: 1, reason: r}]",
            "keep one",
        ),
        ("weights: [kms]", "line 1: weights: write key: value lines"),
        ("disabled: kms.key", "line 1: disabled: write a list"),
        ("late: {percent_per_day: 10}", "late needs due"),
        ("extensions: {a: 2026-11-20T23:59:00Z}", "extensions need due"),
        ("overrides:\n  - submission: a\n    points: 3", "line 2: overrides[1].reason: it is missing"),
        ("overrides:\n  - submission: a\n    points: 3\n    reason: ' '", "the reason is empty"),
        ("overrides:\n  - submission: a\n    points: 3\n    reason: ''", "line 4: overrides[1].reason: it is empty"),
        ("overrides:\n  - submission: a\n    reason: r", "write either points or full"),
        ("overrides:\n  - {submission: a, full: true, reason: r}", "for a whole submission write points"),
        (
            "overrides:\n  - {submission: a, requirement: b.c, points: 1, full: true, reason: r}",
            "write either points or",
        ),
        ("overrides:\n  - {submission: a, requirement: b.c, full: maybe, reason: r}", "write true or false"),
        ("disabled: [kms.key, kms.key]", "disabled names kms.key twice"),
        ("weights: {kms: 3, kms.key: 2}", "both the step kms and a requirement"),
        ("weights: {kms.key: 3}\ndisabled: [kms.key]", "weights gives points to kms.key"),
        ("- a", "the file: write key: value lines"),
        ("due", "the file: write key: value lines"),
        ("a: 1\nb: [", "this is no YAML"),
        ("a: b: c", "line 1: this is no YAML"),
        ("a: 1\n\tb: 2", "line 2: this is no YAML"),
        (b"a: 1\nb: \xff", "line 2: this is not UTF-8"),
        ("a: \x00", "this is no YAML"),
        ("due: a\nlate: b\ndue: c", "line 3: the key due is there twice, first in line 1"),
        ("weights:\n  kms: 1\n  kms: 2", "line 3: the key weights.kms is there twice"),
        ("---\ndue: a\n---\ndue: b\n", "line 3: a second document"),
        ("? [a]\n: b", "a key has to be plain text"),
        ("due: !!python/object/apply:os.system ['true']", "line 1: tags (!) are not read"),
        ("!!str due: a", "line 1: tags (!) are not read"),
        ("<<: {due: a}", "the key << is not known"),
        ("\x1b[31m: 1", "this is no YAML"),
        ('"\\x1b[31mred": 1', "the key ⟨U+001B⟩[31mred is not known"),
    ],
)
def test_what_is_refused(text: str | bytes, words: str) -> None:
    """Is each mistake named with the file, the line and the key?"""
    error = refused(text)
    assert "policy.yaml" in error.message
    assert words in error.message
    assert "\x1b" not in str(error)


LATE = "due: 2026-11-20T00:00:00Z\nlate: {%s}\n"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        ("grace_minutes: 5", "nothing says what a late day costs"),
        ("percent_per_day: 10, points_per_day: 5", "exclude each other"),
        ("cut_off_days: 3, maximum: 10", "maximum limits"),
        ("percent_per_day: 10, maximum: 101", "at most 100"),
        ("percent_per_day: 101", "too large"),
        ("percent_per_day: nan", "write a number"),
        ("percent_per_day: 1e-400000", "too many digits"),
        ("cut_off_days: 0", "too small"),
        ("points_per_day: -5", "too small"),
    ],
)
def test_late_rules_that_make_no_sense(late: str, words: str) -> None:
    """Is a late rule that says two things, nothing, or too much refused?"""
    assert words in refused(LATE % late).message


def test_contradictions_between_overrides() -> None:
    """Is it refused, not decided by order, when two overrides or an extension contradict?"""
    one = "  - {submission: a, requirement: kms.key, points: 1, reason: r}\n"
    whole = "  - {submission: a, points: 1, reason: r}\n"
    assert "twice" in refused(f"overrides:\n{one}{one}").message
    assert "twice" in refused(f"overrides:\n{whole}{whole}").message
    assert "both the whole submission and a requirement" in refused(f"overrides:\n{one}{whole}").message
    assert "disabled switches off" in refused(f"overrides:\n{one}disabled: [kms.key]\n").message
    early = "due: 2026-11-20T00:00:00Z\nextensions: {a: 2026-11-19T23:59:59Z}"
    assert "ends before the due time" in refused(early).message


def test_bombs_are_refused_before_they_grow() -> None:
    """Do aliases, endless nesting and a huge file end in a sentence?"""
    laughs = "a: &a [x, x]\nb: &b [*a, *a]\n"
    assert "line 2: aliases (*a) are not read" in refused(laughs).message
    assert "nested too deep" in refused("a: " + "[" * 100_000).message
    assert "nested too deep" in refused("\n".join(f"{' ' * depth}a:" for depth in range(300))).message
    assert "larger than 256 KB" in refused("#" * (256 * 1024 + 1)).message


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """Is a policy that is not there, or is a directory, a usage error with its path?"""
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(UsageError, match=r"Cannot read"):
            read_policy(path)


@given(st.binary(max_size=200) | st.text(alphabet="abdue: -[]{}'\"\n&*!|>#%@0123T+Z", max_size=80).map(str.encode))
def test_any_bytes_are_rules_or_a_sentence(data: bytes) -> None:
    """Does no file whatever end in anything but rules or a usage error?"""
    try:
        parse_policy(data, "p.yaml")
    except UsageError as error:
        assert "\n" not in error.message  # noqa: PT017 - either outcome is right
