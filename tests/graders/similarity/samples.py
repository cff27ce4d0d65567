"""Made-up comparisons for the tests of the similarity page: copies, groups, remarks, and text that means harm."""

from __future__ import annotations

from graders.similarity import Similarity, compare
from solutions.corpus import load_corpus
from tests.graders.report.samples import NASTY
from tests.graders.similarity.planting import DISGUISES, files_of, renamed, seeded, submission

EVIL = f"""\
# {NASTY.replace(chr(0), "")} and a comment that nobody else could have written like this
resource "aws_iam_policy" "evil" {{
  name        = "</pre><img src=x onerror=alert(1)>"
  description = "{"a-word-without-any-break-" * 12}"
  path        = var.path ? upper(lower("{{{{ 7*7 }}}}")) : trimspace(format("%s", var.path))
  policy      = jsonencode([for one in range(1, 10, 2) : {{ a = one + 1, b = [one, one * 2], c = [1, 2, 3, 4, 5, 6, 7] }}])
}}
"""
LONG = "\n".join(f"  argument_{n} = thing_{n}({n}, [{n}, other_{n}.one.two])" for n in range(60))


def everybody() -> Similarity:
    """A class with four copies, two of one design, a hostile pair and one that could not be read."""
    corpus = load_corpus()
    honest = [submission(case.name, files_of(case)) for case in corpus.of_kind("alternative") if case.base is None]
    copies = [
        submission(f"amara-{name}", DISGUISES[disguise](files_of(corpus[name]), seeded(name)))
        for disguise, name in (("everything", "dynamic-blocks"), ("reformatted", "policy-attached"))
    ]
    third = submission("zoë", renamed(files_of(corpus["dynamic-blocks"]), seeded("z")))
    long = f'resource "a_b" "c" {{\n{LONG}\n}}\n'
    evil = [submission(NASTY, {"m.tf": EVIL + long}), submission("x" * 90, {"<b>.tf": EVIL + long})]
    broken = submission("broken", {"a.tf": 'resource "x" {{{ "y"\n'})
    given = [submission(name, files_of(corpus[name])) for name in ("starter", "reference")]
    return compare([*honest, *copies, third, *evil, broken], given, left_out=[(f"cut {NASTY}", f"Cut off. {NASTY}")])


def nobody() -> Similarity:
    """Two who have nothing in common, and nothing subtracted."""
    return compare([submission("ann", {"a.tf": "a = 1\n"}), submission("ben", {"a.tf": 'b = "x"\n'})])
