"""The question bank, and ``%predict``'s memory."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lab.drills.questions import (
    Prediction,
    load_predictions,
    overview_card,
    question,
    question_card,
    questions,
    read,
    remember_prediction,
    verdict_card,
)
from lab_env.errors import RubricError, UsageError

# The lessons ask by these ids.
PROMISED = [
    "two-vectors",
    "plan-after-rotation",
    "edit-placeholder",
    "two-rotations",
    "valuefrom-colons",
    "which-role",
    "running-task-after-rotation",
    "kms-rotation-meaning",
    "alias-in-policy",
    "default-key",
    "sensitive-output",
    "destroy-then-apply",
]


def test_the_promised_questions_are_there() -> None:
    """Is there a question under every id that the lessons use?"""
    assert set(PROMISED) <= set(questions())


@pytest.mark.parametrize("id", list(questions()))
def test_every_answer_is_explained_and_no_text_gives_it_away(id: str) -> None:
    """Does every option say why, without the question itself telling which is right?"""
    asked = question(id)
    card = question_card(asked)
    for option in asked.options:
        assert verdict_card(asked, option.letter).lead == option.why
        assert option.text in card.plain
    assert asked.answer.why not in card.plain
    right = [
        option for option in asked.options if (verdict_card(asked, option.letter).mark or card.mark).word == "right"
    ]  # type: ignore[union-attr]
    assert right == [asked.answer]
    longest = max(asked.options, key=lambda option: len(option.text))
    assert not (
        longest == asked.answer and len(longest.text) > 3 * min(len(o.text) for o in asked.options if o != longest) + 60
    )


def test_the_right_answers_are_not_all_the_same_letter() -> None:
    """Can nobody pass by always choosing one letter?"""
    letters = [asked.right for asked in questions().values()]
    assert max(letters.count(letter) for letter in set(letters)) <= len(letters) / 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('right = "a"', 'right = "z"', "question[1]: right = 'z' is no option of x; there are a, b"),
        ('"What?"', '" "', "question[1].prompt: it is empty"),
        ('prompt = "What?"', "", "question[1].prompt: it is missing"),
        ('right = "a"', "right = 1", "question[1].right: write plain text"),
        (', { letter = "b", text = "two", why = "w" }', "", "question[1].option: write at least 2"),
        ('letter = "b"', 'letter = "a"', "question[1]: two options of x have the same letter"),
        ('text = "one", why = "w"', 'text = "one", why = ""', "question[1].option[1].why: it is empty"),
        ("prompt =", "promt =", "question[1].promt: this key is not known"),
        ("[[question]]", "[[question]", "this is not TOML"),
    ],
)
def test_a_question_that_is_not_well_formed(old: str, new: str, said: str) -> None:
    """Is a question without a right answer, an explanation or two options refused when the bank is read, and its place named?"""
    options = '[{ letter = "a", text = "one", why = "w" }, { letter = "b", text = "two", why = "w" }]'
    good = f'[[question]]\nid = "x"\nprompt = "What?"\nsource = "https://docs.aws.amazon.com/"\nright = "a"\noption = {options}\n'
    assert list(read(good)) == ["x"]
    assert good.count(old) == 1
    with pytest.raises(RubricError, match=rf"^questions\.toml: {re.escape(said)}") as caught:
        read(good.replace(old, new))
    assert caught.value.next_step
    with pytest.raises(RubricError, match="the question x is there twice"):
        read(good + good)


def test_a_name_that_is_nearly_right() -> None:
    """Is the question that was meant named?"""
    with pytest.raises(UsageError, match="plan-after-rotation"):
        question("plan-after-rotations")
    with pytest.raises(UsageError, match="one of a, b"):
        question("which-role").option("z")


def test_answers_are_remembered(tmp_path: Path) -> None:
    """Is the first answer kept beside the last one, in a file of its own that survives a second kernel?"""
    assert load_predictions(tmp_path) == {}
    remember_prediction(tmp_path, "which-role", "b", right=False)
    remember_prediction(tmp_path, "which-role", "a", right=True)
    remember_prediction(tmp_path, "default-key", "a", right=True)
    assert load_predictions(tmp_path) == {
        "default-key": Prediction("a", "a", True),
        "which-role": Prediction("b", "a", True),
    }
    assert "2 of 16 answered" in overview_card(load_predictions(tmp_path)).plain


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema": 2, "answers": {}}', '{"schema": 1, "answers": 3}', "[" * 5000]
)
def test_a_broken_memory_is_an_empty_one(tmp_path: Path, text: str) -> None:
    """Does a file that somebody broke stop nothing, and is it written again with the next answer?"""
    (tmp_path / ".lab").mkdir()
    (tmp_path / ".lab" / "predictions.json").write_text(text, "utf-8")
    assert load_predictions(tmp_path) == {}
    remember_prediction(tmp_path, "which-role", "a", right=True)
    assert json.loads((tmp_path / ".lab" / "predictions.json").read_text("utf-8"))["answers"]
