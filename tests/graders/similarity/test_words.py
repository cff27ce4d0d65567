"""Which names, texts and comments count as an author's own."""

from __future__ import annotations

from graders.similarity.words import size, words
from lab_env.hcl import parse


def said(text: str, kind: str) -> dict[str, tuple[int, int]]:
    """The words of a kind as they are shown, with their lines."""
    return {w.shown: (w.line, w.end_line) for w in words(parse("a.tf", text)) if w.kind == kind}


def keys(text: str, kind: str) -> list[str]:
    """What is compared."""
    return [w.key for w in words(parse("a.tf", text)) if w.kind == kind]


def test_names_are_what_the_author_named() -> None:
    """Are labels and local values names, and types and arguments not?"""
    text = 'resource "aws_kms_key" "Vault" {\n  enabled = true\n}\nlocals {\n  town = { street = 1 }\n}\n'
    assert said(text, "name") == {"Vault": (1, 1), "town": (5, 5), "street": (5, 5)}
    assert keys(text, "name") == ["vault", "town", "street"]


def test_texts_without_the_vocabulary_of_aws() -> None:
    """Do free texts count, and actions, ARNs, service principals and very short texts not?"""
    text = (
        'a = ["Opens  the vault", "kms:Decrypt", "ecs-tasks.amazonaws.com", "7", "arn:aws:iam::1:role/x", "aws:SourceArn"]\n'
        'b = "${var.x}-vault"\n'
    )
    assert set(said(text, "text")) == {"Opens the vault", "${}-vault"}


def test_heredocs_give_prose_and_values() -> None:
    """Does a heredoc with JSON give its values, one with prose its lines?"""
    text = 'a = <<EOT\n{"Sid": "OpenVault",\n "Effect": "${var.effect}"}\nplain prose here\nEOT\n'
    assert said(text, "text") == {"OpenVault": (2, 2), "plain prose here": (4, 4)}


def test_sentences_over_lines_and_markers() -> None:
    """Is a sentence the same whatever its markers, line breaks, case and punctuation, and where does it stand?"""
    one = "# Rotate it by hand, not\n# by Terraform! See the runbook of the team.\nx = 1\n"
    other = "/*\n * rotate it BY hand not by Terraform\n */\n\n// see the runbook\n// of the team\ny = 2\n"
    assert keys(one, "comment") == ["rotate it by hand not by terraform", "see the runbook of the team"]
    assert keys(other, "comment") == keys(one, "comment")
    assert said(one, "comment") == {
        "Rotate it by hand, not by Terraform!": (1, 2),
        "See the runbook of the team.": (2, 2),
    }


def test_short_sentences_say_nothing() -> None:
    """Is a comment of four words passed over?"""
    assert keys("# The key we use\nx = 1\n", "comment") == []


def test_a_comment_inside_a_text_is_none() -> None:
    """Is a hash in a string no comment?"""
    assert keys('x = "no # this is no comment at all"\n', "comment") == []


def test_size_has_a_bound() -> None:
    """Does a long text weigh more than a name, and an endless one no more than a long one?"""
    assert size("name", "a b c") == 1
    assert size("text", "one two three") == 3
    assert size("text", "x " * 1000) == 6
    assert size("comment", "x " * 1000) == 20
