"""Does every statement of the lessons stand on something?"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.drills.questions import questions
from notebooks.claims import claims, is_documentation, unsupported
from notebooks.course import course
from notebooks.source_format import read_lesson

LINK = "[AWS](https://docs.aws.amazon.com/kms/latest/developerguide/overview.html)"
SHOWN = '```run id=shown expect="a key"\n%terraform plan\n```'


def found(tmp_path: Path, text: str) -> list[str]:
    """What the check says of a lesson."""
    path = tmp_path / "00-sample.md"
    path.write_text(text, encoding="utf-8")
    return [str(one) for one in unsupported([read_lesson(path)])]


def test_nothing_stands_on_nothing() -> None:
    """Has each factual sentence of the course a source in its text, or an output beside it that a test asserts?"""
    assert [str(one) for one in unsupported(course())] == []


def test_a_claim_without_a_source_is_told(tmp_path: Path) -> None:
    """Is it named with its place, and not what only asks, heads or says nothing of AWS or Terraform?"""
    text = "# T\n\nBread is good. KMS never gives a key away. Does KMS?\n\n## KMS keys\n\nThey cost *money*.\n"
    assert found(tmp_path, text) == [
        "00-sample.md, line 1: no source and no asserted output: KMS never gives a key away."
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"# T\n\nKMS never gives a key away ({LINK}).\n",
        f"# T\n\nKMS never gives a key away.\n\n{SHOWN}\n",
        f"# T\n\n{SHOWN}\n\nKMS never gives a key away.\n",
        f"# T\n\nKMS never gives a key away.\n\n```run id=asked\n%predict default-key\n```\n\n{SHOWN}\n",
    ],
    ids=["link", "shown after it", "shown before it", "a question between"],
)
def test_what_a_claim_can_stand_on(tmp_path: Path, text: str) -> None:
    """Is a link in the same text enough, and so is a demonstration next to it?"""
    assert found(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"# T\n\n{LINK}\n\n## Next\n\nKMS never gives a key away.\n",
        f"# T\n\n{SHOWN}\n\n## Next\n\nKMS never gives a key away.\n",
        "# T\n\nKMS never gives a key away.\n\n```run id=silent\n%terraform plan\n```\n",
        "# T\n\nKMS never gives a key away, says [somebody](https://example.com/docs.aws.amazon.com/).\n",
        "# T\n\n| part | what for |\n|---|---|\n| KMS | it never gives a key away |\n",
    ],
    ids=["a link elsewhere", "shown under another heading", "nothing asserted", "somebody's page", "a table"],
)
def test_what_is_not_enough(tmp_path: Path, text: str) -> None:
    """Is a source under another heading, a cell without assertions or a stranger's page no ground?"""
    assert any("KMS" in one for one in found(tmp_path, text))


@pytest.mark.parametrize(
    ("link", "is_one"),
    [
        ("https://docs.aws.amazon.com/kms/latest/developerguide/overview.html", True),
        ("https://github.com/hashicorp/terraform-provider-aws/pull/44876", True),
        ("https://github.com/hashicorp-friends/notes", False),
        ("http://docs.aws.amazon.com/kms/", False),
        ("https://docs.aws.amazon.com.example.com/kms/", False),
        ("https://example.com/?docs.aws.amazon.com", False),
    ],
)
def test_whose_pages_count(link: str, is_one: bool) -> None:
    """Do AWS's and HashiCorp's own pages count, and nothing that only looks like them?"""
    assert is_documentation(link) is is_one


def test_a_question_without_its_outcome_is_told(tmp_path: Path) -> None:
    """Is a question named that another question, a task or nothing follows, and none that its demonstration follows?"""
    asked = "```run id=asked\n%predict default-key\n```"
    again = "```run id=again\n%predict two-vectors\n```"
    answer = "```hcl answer path=a.tf id=answer solution=modules/secrets/kms.tf\n# Write it.\n```"
    assert found(tmp_path, f"# T\n\n{asked}\n\nThink.\n\n{SHOWN}\n") == []
    for rest in ("", again + "\n\n" + SHOWN, answer + "\n\n" + SHOWN):
        told = found(tmp_path, f"# T\n\n{asked}\n\n{rest}\n")
        assert told == [
            "00-sample.md, line 3: %predict default-key is not followed by the cell that shows its outcome."
        ]


def test_every_question_is_asked_once_and_names_its_documentation() -> None:
    """Is each question of the bank in the course, and has each a page of AWS's or HashiCorp's behind its answers?"""
    asked = [
        cell.source.split()[1]
        for lesson in course()
        for cell in lesson.cells
        if cell.kind == "run" and cell.source.startswith("%predict")
    ]
    assert sorted(asked) == sorted(questions())
    assert [one.id for one in questions().values() if not is_documentation(one.source)] == []


def test_sentences() -> None:
    """Are sentences told apart where they end, and are code blocks and lists of names left out?"""
    text = "AWS says so. *Terraform* does not (see there). `kms:Decrypt` is a right:\n\n- KMS\n- ECS tasks\n\n```hcl\n# AWS.\n```\n"
    assert claims(text) == ("AWS says so.", "*Terraform* does not (see there).", "`kms:Decrypt` is a right:")
