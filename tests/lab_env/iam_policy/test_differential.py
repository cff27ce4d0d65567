"""Our evaluator against the engine's own enforcement, on generated policies and real calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from lab_env.iam_policy import OPERATORS, PolicySyntaxError, Principal, Request, conditions, evaluation, parse_document
from lab_env.iam_policy.patterns import Lookup
from lab_env.iam_policy.principals import Naming
from lab_env.iam_policy.truth import FALSE, TRUE
from tests.lab_env.iam_policy.cases import FAMILIES, Case, cases
from tests.lab_env.iam_policy.differences import DIFFERENCES, classify
from tests.lab_env.iam_policy.plays import Play
from tests.lab_env.iam_policy.stage import BOUNDARIES, Stage

SAMPLE = 300
FULL = 2_000


@dataclass(frozen=True)
class Played:
    """A case as our evaluator gets it, and what the engine said."""

    case: Case
    play: Play
    engine_allowed: bool


@dataclass
class Tally:
    """What was compared."""

    scenes: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    operators: Counter[tuple[str, bool | None]] = field(default_factory=Counter)
    modifiers: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    def report(self) -> str:
        lines = [f"{sum(self.scenes.values())} distinct cases: {dict(sorted(self.scenes.items()))}"]
        lines.append(f"decisions: {dict(sorted(self.decisions.items()))}")
        for name in sorted(OPERATORS):
            lines.append(f"  {name}: {self.operators[name, True]} true, {self.operators[name, False]} false")
        lines.append(f"modifiers: {dict(sorted(self.modifiers.items()))}")
        lines.append(f"differences by class: {len(self.classes)} classes")
        lines += [f"  {count:4} {name}" for name, count in self.classes.most_common()]
        return "\n".join(lines)


def staged(stage: Stage, case: Case) -> Play:
    """The case as our evaluator gets it."""
    return Play(
        request=stage.request(case),
        identity=() if case.caller == "root" else tuple(stage.filled(case, document) for document in case.identity),
        resource_policy=None if case.resource_policy is None else stage.filled(case, case.resource_policy),
        boundary=BOUNDARIES.get(case.caller),
        kind={"secret": "secret", "key": "kms", "alias": "kms", "trust": "trust"}[case.scene],
        by_alias=case.scene == "alias",
    )


def played(stage: Stage, case: Case) -> Played:
    return Played(case, staged(stage, case), stage.play(case))


def generated(stage: Stage, count: int) -> list[Played]:
    """``count`` distinct cases, played on the engine; the same ones on every run."""
    found: dict[str, Played] = {}

    @settings(
        max_examples=count + count // 20,  # a few are drawn twice
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases())
    def play(case: Case) -> None:
        if repr(case) not in found:
            found[repr(case)] = played(stage, case)

    play()
    return list(found.values())


def judged(plays: list[Played]) -> Tally:
    """Both sides' decisions counted, and each difference looked up in the classes."""
    tally = Tally()
    for item in plays:
        ours = item.play.allowed()
        tally.scenes[item.case.scene] += 1
        tally.decisions[f"engine {'allowed' if item.engine_allowed else 'denied'}"] += 1
        tally.decisions[f"ours {'allowed' if ours else 'denied'}"] += 1
        count_operators(item.play, tally)
        if ours != item.engine_allowed:
            classes = classify(item.play, item.engine_allowed)
            tally.classes.update(classes)
            if not classes:
                tally.unexplained.append(f"engine {item.engine_allowed}, ours {ours}: {item.case}")
    return tally


def count_operators(play: Play, tally: Tally) -> None:
    """Each operator of the case with what it came out as."""
    context = {key.lower(): value for key, value in {**play.request.principal.context, **play.request.context}.items()}
    for document in play.documents():
        try:
            parsed = parse_document(document)
        except PolicySyntaxError:
            continue
        for condition in (condition for statement in parsed.statements for condition in statement.conditions):
            scope, _, rest = condition.operator.rpartition(":")
            base = rest.removesuffix("IfExists")
            tally.operators[base, conditions.holds(condition, Lookup(context, parsed.version)).value] += 1
            tally.modifiers.update([item for item in (scope, "IfExists" if rest != base else "") if item])


def check(tally: Tally, count: int) -> None:
    print(tally.report())  # the figures are what a reader of the test's log wants
    assert not tally.unexplained, "\n".join(tally.unexplained[:5])
    assert sum(tally.scenes.values()) >= count
    assert set(tally.scenes) == {"secret", "key", "alias", "trust"}
    assert min(tally.decisions.values()) * 4 >= sum(tally.scenes.values())
    assert set(tally.modifiers) == {"ForAllValues", "ForAnyValue", "IfExists"}


@pytest.fixture(scope="module")
def sample(stage: Stage) -> list[Played]:
    return generated(stage, SAMPLE)


@pytest.mark.engine
def test_sample(sample: list[Played]) -> None:
    """Do three hundred generated policies come out as on the engine, but for the ten explained classes?"""
    check(judged(sample), SAMPLE)


@pytest.mark.engine
@pytest.mark.full
def test_thousands(stage: Stage) -> None:
    """Do 2,000 generated policies come out as on the engine, each operator true and false, each class met?"""
    tally = judged(generated(stage, FULL))
    check(tally, FULL)
    assert [name for name in OPERATORS if not tally.operators[name, True]] == []
    assert [name for name in OPERATORS if not tally.operators[name, False]] == []
    assert set(tally.classes) == {difference.name for difference in DIFFERENCES}


def decisive(stage: Stage, operator: str) -> Iterator[tuple[bool, Case]]:
    """Cases whose decision is this operator's alone: an Allow under one condition, once true and once false."""
    keys = next(
        keys
        for operators, keys in FAMILIES.values()
        if operator.rpartition(":")[2].removesuffix("IfExists") in operators
    )
    wanted = {True, False}
    for key, values in sorted(keys.items()):
        for value in values:
            statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}
            case = Case("secret", "plain", "secretsmanager:GetSecretValue", ({"Statement": statement},), None)
            ours = staged(stage, case).allowed()
            if ours in wanted:
                wanted.remove(ours)
                yield ours, case


@pytest.mark.engine
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_operator_decides(stage: Stage, operator: str) -> None:
    """Does the operator, alone in a statement, come out as on the engine, true and false, with every modifier?"""
    modified = (
        [operator]
        if operator == "Null"
        else [operator, f"{operator}IfExists", f"ForAllValues:{operator}", f"ForAnyValue:{operator}IfExists"]
    )
    for name in modified:
        outcomes = []
        for ours, case in decisive(stage, name):
            item = played(stage, case)
            assert item.engine_allowed == ours or classify(item.play, item.engine_allowed), case
            outcomes.append(ours)
        assert sorted(outcomes) == [False, True], name


def _breaks(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Break our evaluator in one way."""

    def of(name: str) -> Any:
        return getattr(evaluation, name)

    def votes(change: Callable[[Any], Any]) -> Callable[..., Any]:
        genuine = of("_vote")
        return lambda *arguments, **named_: change(genuine(*arguments, **named_))

    match what:
        case "no statement denies":
            monkeypatch.setattr(evaluation, "_vote", votes(lambda vote: replace(vote, deny=False)))
        case "conditions are ignored":
            monkeypatch.setattr(evaluation, "all_hold", lambda *_: TRUE)
        case "everybody is named":
            monkeypatch.setattr(evaluation, "named", lambda *_, **__: (Naming.SELF, TRUE))
        case "nobody is named":
            monkeypatch.setattr(evaluation, "named", lambda *_, **__: (Naming.NOT, FALSE))
        case "resources are ignored":
            monkeypatch.setattr(evaluation, "resource_covered", lambda *_, **__: TRUE)
        case "NotAction is Action":
            genuine = of("action_covered")
            monkeypatch.setattr(
                evaluation, "action_covered", lambda element, action: genuine(replace(element, negated=False), action)
            )
        case "a key policy is not needed":
            monkeypatch.setattr(evaluation, "_needs_resource_policy", lambda *_: False)
        case _:
            monkeypatch.setitem(conditions._AFFIRMATIVE, what, lambda *_: FALSE)


@pytest.mark.engine
@pytest.mark.parametrize(
    "what",
    [
        "no statement denies",
        "conditions are ignored",
        "everybody is named",
        "nobody is named",
        "resources are ignored",
        "NotAction is Action",
        "a key policy is not needed",
        "Bool",
        "BinaryEquals",
        "IpAddress",
    ],
)
def test_broken_evaluator_is_noticed(sample: list[Played], monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Would the comparison, with its ten classes, notice an evaluator that is broken in this way?"""
    _breaks(monkeypatch, what)
    wrong = (item for item in sample if item.play.allowed() != item.engine_allowed)
    assert any(not classify(item.play, item.engine_allowed) for item in wrong)


def test_classes_excuse_nothing_else() -> None:
    """Does a plainly wrong decision stay unexplained?"""
    allow = {"Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}
    principal = Principal.session("arn:aws:iam::111122223333:role/exec")
    secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:dev-AbCdEf"
    play = Play(Request("secretsmanager:GetSecretValue", secret, principal), (allow,), None, None, "secret")
    assert play.allowed()
    assert classify(play, engine_allowed=False) == ()
    assert classify(replace(play, identity=()), engine_allowed=True) == ()


def test_ten_classes_at_most() -> None:
    """Are there at most ten classes of difference, each with what AWS's page says?"""
    assert len(DIFFERENCES) <= 10
    assert all(difference.page and difference.aws and difference.engine for difference in DIFFERENCES)
