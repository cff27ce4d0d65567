"""What our engines do beside what AWS documents: the page is what a run sees, and every difference is judged."""

from __future__ import annotations

import pytest

from graders.quality.conformance import BEHAVIOURS, Behaviour, Seen, look
from graders.quality.conformance.__main__ import PAGE, looked
from graders.quality.conformance.behaviour import expect, refused
from graders.quality.conformance.page import Look, effects, page
from lab_env.engine import Account, Engine
from lab_env.engine.sessions import client
from lab_env.errors import LabError


def behaviour(id: str, look_: object) -> Behaviour:
    return Behaviour(id, "It is so.", "A document", look_)  # type: ignore[arg-type]


@pytest.mark.engine
@pytest.mark.longest
@pytest.mark.full
def test_page_is_what_a_run_sees(engine: Engine, localstack_engine: Engine) -> None:
    """Do both engines do today what docs/engines.md says?"""
    assert page([looked(engine), looked(localstack_engine)], effects()) == PAGE.read_text(encoding="utf-8")


@pytest.mark.engine
def test_a_look_can_fail(engine: Engine) -> None:
    """Is what differs told: by a look of ours, by a refusal, and by an allowed call that should be refused?"""

    def wrong(_account: Account) -> None:
        expect(False, "it is red")

    def denied(account: Account) -> None:
        client(account, "kms").describe_key(KeyId="alias/nobody")

    def allowed(account: Account) -> None:
        refused(lambda: client(account, "kms").list_keys(), "AccessDenied")

    told = [look(behaviour("kms.x", one), engine).differs for one in (wrong, denied, allowed, lambda _account: None)]
    assert told == ["it is red", "DescribeKey is refused: NotFoundException", "allowed", None]


def test_ids_are_unique() -> None:
    """Has each behaviour a name of its own?"""
    assert len({one.id for one in BEHAVIOURS}) == len(BEHAVIOURS)


@pytest.fixture
def looks() -> list[Look]:
    """Two engines, of which the second differs in one thing."""
    both = [behaviour("kms.a", None), behaviour("kms.b", None)]
    return [
        Look("embedded", "1", [Seen(both[0], None), Seen(both[1], None)]),
        Look("localstack", "2", [Seen(both[0], None), Seen(both[1], "it is red")]),
    ]


def test_new_difference_is_refused(looks: list[Look]) -> None:
    """Is a difference that nobody has judged an error that names it?"""
    with pytest.raises(LabError, match=r"localstack differs from AWS in kms\.b \(it is red\)"):
        page(looks, {})


def test_old_difference_is_refused(looks: list[Look]) -> None:
    """Is a difference that is not there any more an error that names it?"""
    with pytest.raises(LabError, match=r"embedded does kms\.a as AWS does"):
        page(looks, {"embedded": {"kms.a": "None."}, "localstack": {"kms.b": "None."}})


def test_differences_are_in_the_table(looks: list[Look]) -> None:
    """Does the page tell for each behaviour what each engine does, and for a difference what it means?"""
    text = page(looks, {"localstack": {"kms.b": "None: nobody asks."}})
    assert "| It is so. | yes | no: it is red | `kms.b`, A document |" in text
    assert "| localstack | `kms.b` | it is red | None: nobody asks. |" in text
