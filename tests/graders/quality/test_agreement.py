"""Our IAM evaluator beside suites of others: each form of suite is read, and no difference stays without a judgement.

The suites here are small ones of our own in the same forms.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.quality.agreement import SUITES, Said
from graders.quality.agreement.__main__ import PAGE, held, main
from graders.quality.agreement.checkout import checkout
from graders.quality.agreement.page import Difference, Held, known_differences, page
from lab_env.errors import LabError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ROLE = "arn:aws:iam::111122223333:role/reader"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:dev-AbCdEf"
IAM_SIMULATE, PMAPPER, MOTO = SUITES


def document(**elements: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*", **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def asked(name: str, response: str, **more: Any) -> dict[str, Any]:
    """A case as iam-simulate writes one."""
    resource = more.pop("resource", SECRET)
    request = {
        "action": more.pop("action", "secretsmanager:GetSecretValue"),
        "resource": {"resource": resource, "accountId": "111122223333"},
        "principal": more.pop("principal", ROLE),
        "context": more.pop("context", {}),
    }
    return {"name": name, "request": request, "identityPolicies": [], "expected": {"response": response}, **more}


CORE = [
    asked("nothing allows", "ImplicitlyDenied"),
    asked("it allows", "Allowed", identityPolicies=[document(Resource="arn:aws:secretsmanager")]),
    asked(
        "no such key",
        "ImplicitlyDenied",
        identityPolicies=[document(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})],
    ),
    asked("limited", "Allowed", identityPolicies=[document()], serviceControlPolicies=[{"policies": [document()]}]),
    asked("limited and denied", "ImplicitlyDenied", serviceControlPolicies=[{"policies": [document()]}]),
    asked(
        "bare principal",
        "Allowed",
        resourcePolicy=document(Principal="arn:aws:sts::111122223333:assumed-role/reader/session"),
        principal="arn:aws:sts::111122223333:assumed-role/reader/session",
    ),
    asked("not stored", "Allowed", identityPolicies=[document(Effect="allow")]),
    asked("a pattern", "Allowed", resource="arn:aws:secretsmanager:*:*:secret:*"),
    asked("conditions", "Allowed", simulation={"mode": "Discovery"}),
    asked("unsigned", "Allowed", principal={"type": "Anonymous"}),
    asked("wrong", "Allowed"),
    asked("wrong", "Allowed"),
]
WHOLE = [
    {
        "name": "short",
        "simulation": {
            "request": {**asked("", "")["request"], "resource": {"resource": "*", "accountId": "111122223333"}},
            "identityPolicies": [{"name": "p", "policy": document(Resource="arn:aws:secretsmanager")}],
        },
        "expected": {
            "resultType": "wildcard",
            "results": [{"resourcePattern": "arn:aws:secretsmanager", "result": "Allowed"}],
        },
    }
]
PYTHON = """
import unittest

from principalmapper import *


class Tests(unittest.TestCase):
    def test_one(self):
        user = _build_user_with_policy({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}, "p", "ada", "1")
        self.assertTrue(local_check_authorization(user, "s3:GetObject", "arn:aws:s3:::b/o", {}))
        self.assertFalse(local_check_authorization(user, "iam:GetUser", user.arn, {}))
        user.permissions_boundary = Policy("arn", "b", {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]})
        self.assertFalse(local_check_authorization(user, "s3:GetObject", "arn:aws:s3:::b/o", {}))
        self.assertTrue(_statement_matches_action({"Effect": "Allow", "Action": "S3:Get*"}, "s3:GetObject"))
        self.assertTrue(_get_condition_match({"Null": {"aws:userid": "true"}}, CaseInsensitiveDict({"aws:userid": ""})))
        self.assertTrue(local_check_authorization(graph.nodes[0], "s3:GetObject", "*", {}))
        self.assertTrue("aws:username" in _infer_condition_keys(user, {}))
"""
LISTS = f"""
invalid_policy_document_test_cases = [
    {{"document": {{"Version": "2012-10-17"}}, "error_message": "Syntax errors in policy."}},
    {{"document": {document()!r}, "error_message": "Not so."}},
]
valid_policy_documents = [{document()!r}]
"""


def put(root: Path, files: dict[str, str]) -> Path:
    """A git checkout with these files."""
    for name, text in {".git/HEAD": f"{COMMIT}\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def simulate(tmp_path: Path) -> Path:
    core = "src/core_engine/coreEngineTests/some/cases.json"
    whole = "src/simulation_engine/simulationEngineIntegrationTests/whole.json"
    return put(tmp_path / "simulate", {core: json.dumps(CORE), whole: json.dumps(WHOLE)})


@pytest.fixture
def mapper(tmp_path: Path) -> Path:
    named = ("local_policy_sim", "local_querying", "org_trees", "permissions_boundaries", "resource_policy_evaluation")
    empty = {f"tests/test_{name}.py": "" for name in named}
    return put(tmp_path / "mapper", {**empty, "tests/test_cross_account_checks.py": PYTHON})


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    return put(tmp_path / "lists", {"tests/test_iam/test_iam_policies.py": LISTS})


def told(one: Held) -> list[tuple[str, Said]]:
    return [(outcome.case.id.partition(": ")[2], outcome.said) for outcome in one.outcomes]


def test_iam_simulate(simulate: Path) -> None:
    """Is each of its cases asked, left undetermined, or left out with the reason, and a name that stands twice told apart?"""
    one = held(IAM_SIMULATE, simulate)
    assert told(one) == [
        ("nothing allows", Said.ALIKE),
        ("it allows", Said.ALIKE),
        ("no such key", Said.ALIKE),
        ("limited", Said.UNDETERMINED),
        ("limited and denied", Said.ALIKE),
        ("bare principal", Said.ALIKE),
        ("not stored", Said.REFUSED),
        ("a pattern", Said.OUTSIDE),
        ("conditions", Said.OUTSIDE),
        ("unsigned", Said.OUTSIDE),
        ("wrong", Said.DIFFERS),
        ("wrong #2", Said.DIFFERS),
        ("short: arn:aws:secretsmanager", Said.ALIKE),
    ]
    assert [o.why for o in one.of(Said.UNDETERMINED)] == ["a service control policy, which is not read"]


def test_pmapper(mapper: Path) -> None:
    """Is each assertion on literals asked, with the boundary that was set before it, and what a helper makes left out?"""
    said = told(held(PMAPPER, mapper))
    assert said == [(f"test_one {n}", Said.ALIKE if n <= 5 else Said.OUTSIDE) for n in range(1, 8)]


def test_moto(lists: Path) -> None:
    """Is each document taken or refused, and a wrong expectation seen?"""
    assert [said for _, said in told(held(MOTO, lists))] == [Said.ALIKE, Said.DIFFERS, Said.ALIKE]


@pytest.fixture
def differing(simulate: Path) -> Held:
    return held(IAM_SIMULATE, simulate)


WRONG = Difference(
    suite="iam-simulate",
    cases="some/cases.json: wrong",
    supports="ours",
    why="Nothing allows it.",
    source="https://a.b",
)


def test_page(differing: Held) -> None:
    """Does the page tell the commit, the figures, the reasons, and of each difference which answer is right?"""
    text = page([differing], [WRONG])
    assert "| `0123456789ab` | 13 | 6 | 1 | 1 | 3 | 2 |" in text
    assert "| a service control policy, which is not read | 1 |" in text
    assert "| some/cases.json: wrong | 2 | ours | Nothing allows it. [Source](https://a.b) |" in text


def test_new_difference_is_refused(differing: Held) -> None:
    """Is a difference that nobody has judged an error that names it?"""
    with pytest.raises(LabError, match=r"'some/cases\.json: wrong' .* nobody has judged; 1 more"):
        page([differing], [])


def test_old_difference_is_refused(differing: Held) -> None:
    """Is a judged difference that is not there any more an error that names it?"""
    alike = [replace(one, said=Said.ALIKE) if one.said is Said.DIFFERS else one for one in differing.outcomes]
    with pytest.raises(LabError, match="no longer differs in 'some/cases"):
        page([replace(differing, outcomes=alike)], [WRONG])


def test_the_page_is_about_what_is_judged() -> None:
    """Is every judged difference on the page that is written, and every suite?"""
    text = PAGE.read_text(encoding="utf-8")
    assert [one for one in known_differences() if one.why not in text or one.source not in text] == []
    assert [suite.name for suite in SUITES if suite.repository not in text] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["iam-simulate"], "names no suite and its checkout"),
        (["nobodys={folder}"], "names no suite and its checkout"),
        (["moto={folder}"], "is no git checkout"),
        (["moto={folder}", "--write"], "not all are named"),
    ],
)
def test_wrong_arguments(arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is a wrong argument one sentence and an exit code, not a trace?"""
    assert main([one.format(folder=tmp_path) for one in arguments]) != 0
    assert says in capsys.readouterr().err


def test_another_repository(tmp_path: Path) -> None:
    """Is a checkout that is not the suite's told as such?"""
    with pytest.raises(LabError, match=r"there is no tests/test_iam/test_iam_policies\.py"):
        held(MOTO, put(tmp_path, {}))


def test_a_checkout_on_a_branch(tmp_path: Path) -> None:
    """Is the commit of a branch found, loose or packed?"""
    loose = put(tmp_path / "a", {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": f"{COMMIT}\n"})
    packed = put(
        tmp_path / "b",
        {".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": f"# pack\n{COMMIT} refs/heads/main\n"},
    )
    assert checkout(loose).commit == checkout(packed).commit == COMMIT


def test_prints(lists: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the command print a page of the suites that are named?"""
    known = [Difference(suite="moto", cases="test_iam_policies.py: refused 2", supports="ours", why="So.", source="x")]
    monkeypatch.setattr("graders.quality.agreement.__main__.known_differences", lambda: known)
    assert main([f"moto={lists}"]) == 0
    assert "## moto" in capsys.readouterr().out
