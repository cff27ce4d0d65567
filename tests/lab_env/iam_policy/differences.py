"""Where the engine decides otherwise than AWS documents it: ten classes, each a reading that can be tried on a case.

A class is not a label for a difference. It is the engine's own reading of one thing, applied to a case: a difference
belongs to a set of classes only when our evaluator, given exactly their readings, comes to the engine's decision.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

from lab_env.iam_policy import OPERATORS, Principal
from tests.lab_env.iam_policy.cases import Json
from tests.lab_env.iam_policy.plays import Play, conditions, statements

_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def _base(operator: str) -> str:
    return operator.rpartition(":")[2].removesuffix("IfExists")


def _no_variables(play: Play) -> Play:
    return replace(
        play,
        identity=tuple({**document, "Version": "2008-10-17"} for document in play.identity),
        resource_policy=play.resource_policy and {**play.resource_policy, "Version": "2008-10-17"},
    )


def _session_as_principal_arn(play: Play) -> Play:
    if play.request.principal.kind != "session":
        return play
    context = {**play.request.context, "aws:PrincipalArn": play.request.principal.arn}
    return replace(play, request=replace(play.request, context=context))


def _not_principal_never_matches(play: Play) -> Play:
    return play.rewrite(lambda statement: None if "NotPrincipal" in statement else statement)


def _wildcards_cross_colons(play: Play) -> Play:
    def loose(text: str) -> str:
        account = play.request.resource.split(":")[4]
        # The cases' own patterns of this form fit the resource once their star may pass the colon behind the account.
        return re.sub(rf":{account[:4]}\*.*", f":{account}:*", text)

    def change(statement: Json) -> Json:
        for element in ("Resource", "NotResource"):
            if element in statement:
                values = statement[element]
                statement[element] = loose(values) if isinstance(values, str) else [loose(value) for value in values]
        block: Json = {}
        for operator, key, values in conditions(statement):
            like = operator.replace("ArnEquals", "StringLike").replace("ArnNotEquals", "StringNotLike")
            like = like.replace("ArnLike", "StringLike").replace("ArnNotLike", "StringNotLike")
            held = block.setdefault(like, {})
            if key in held:
                return statement
            held[key] = values
        return {**statement, "Condition": block} if block else statement

    return play.rewrite(change)


def _alias_is_the_resource(play: Play) -> Play:
    if not play.by_alias:
        return play
    resource = play.request.resource.rpartition(":")[0] + ":alias/lab"
    return replace(play, request=replace(play.request, resource=resource))


def _keys_are_missing(play: Play) -> Play:
    asks = any(
        key.lower().startswith("aws:resourcetag/")
        for document in (*play.identity, *([play.boundary] if play.boundary else []))
        for statement in statements(document)
        for _, key, _ in conditions(statement)
    )
    missing = ("secretsmanager:", "kms:") if asks else ("secretsmanager:", "kms:", "aws:resourcetag/")
    context = {key: value for key, value in play.request.context.items() if not key.lower().startswith(missing)}
    return replace(play, request=replace(play.request, context=context))


def _identity_must_allow_assuming(play: Play) -> Play:
    return replace(play, identity_too=play.kind == "trust" and play.request.principal.kind != "root")


def _guesses(play: Play) -> Play:
    several = {key.lower() for key, value in play.request.context.items() if not isinstance(value, str)}

    def change(statement: Json) -> Json | None:
        for operator, key, _ in list(conditions(statement)):
            if _base(operator) not in OPERATORS:
                return None
            if key.lower() in several and not operator.startswith("For"):
                if "Not" not in operator:
                    return None
                del statement["Condition"][operator][key]
        return statement

    return play.rewrite(change)


def _accepts_what_aws_refuses(play: Play) -> Play:
    def change(statement: Json) -> Json:
        statement.pop("Sid", None)
        text = json.dumps(statement).replace('"arn:aws:*:', '"arn:aws:secretsmanager:')
        changed: Json = json.loads(text)
        return changed

    return play.rewrite(change)


def _root_assumes_roles(play: Play) -> Play:
    principal = play.request.principal
    if principal.kind != "root" or play.kind != "trust":
        return play

    def change(statement: Json) -> Json:
        if isinstance(statement.get("Principal"), dict) and "Service" in statement["Principal"]:
            statement["Principal"] = {"AWS": principal.arn}
        return statement

    stand_in = Principal(principal.arn, "user", principal.account, tags=())
    context = {"aws:PrincipalType": "Root", **play.request.context}
    request = replace(play.request, principal=stand_in, context=context)
    return replace(play.rewrite(change), request=request, identity=(_ALL,))


@dataclass(frozen=True)
class Difference:
    """:param page: of AWS's documentation, which says what our evaluator does."""

    name: str
    engine: str
    aws: str
    page: str
    reading: Callable[[Play], Play]


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "policy variables",
        "takes ${…} literally",
        "replaces variables in Resource and in String and Arn conditions, in documents of version 2012-10-17",
        "IAM User Guide: IAM policy elements: Variables and tags",
        _no_variables,
    ),
    Difference(
        "aws:PrincipalArn of a session",
        "is the session's ARN",
        "is the ARN of the role for which the session was made",
        "IAM User Guide: AWS global condition context keys, aws:PrincipalArn",
        _session_as_principal_arn,
    ),
    Difference(
        "NotPrincipal",
        "never matches",
        "matches everybody but those listed",
        "IAM User Guide: AWS JSON policy elements: NotPrincipal",
        _not_principal_never_matches,
    ),
    Difference(
        "wildcards and colons",
        "a wildcard reaches over any colon, in resources and in Arn operators",
        "a wildcard stays in its segment, but a * at a segment's end; Arn operators compare component by component",
        "IAM User Guide: IAM JSON policy elements: Resource; Condition operators, Arn",
        _wildcards_cross_colons,
    ),
    Difference(
        "a key called by its alias",
        "is authorised on the alias's ARN",
        "is authorised on the key's ARN: an alias ARN in a policy's Resource does not match a use of the key",
        "KMS Developer Guide: Specifying KMS keys in IAM policy statements",
        _alias_is_the_resource,
    ),
    Difference(
        "keys of the service and of the resource",
        "has no secretsmanager: and kms: keys, and looks resource tags up only for identity policies",
        "fills them in for every policy",
        "Service Authorization Reference: condition keys for AWS KMS and AWS Secrets Manager",
        _keys_are_missing,
    ),
    Difference(
        "assuming a role that names the caller",
        "needs an identity policy as well",
        "a trust policy that names a principal of its own account is enough",
        "IAM User Guide: Policy evaluation for requests within a single account; Role trust policies",
        _identity_must_allow_assuming,
    ),
    Difference(
        "what the documentation leaves open",
        "takes an unknown operator for false, and compares a multivalued key as one text",
        "says neither: the decision is undetermined, and nothing passes on it",
        "IAM User Guide: IAM JSON policy elements: Condition operators; Multivalued context keys",
        _guesses,
    ),
    Difference(
        "documents that AWS refuses",
        "accepts a Sid used twice and a wildcard in an ARN's service segment",
        "refuses the document when it is put",
        "IAM User Guide: IAM JSON policy elements: Sid; Resource",
        _accepts_what_aws_refuses,
    ),
    Difference(
        "the account's root and roles",
        "lets it assume a role that names it, its account or any service",
        "root cannot call AssumeRole",
        "STS API Reference: AssumeRole",
        _root_assumes_roles,
    ),
)


MOST_AT_ONCE = 3
"""More readings than this at once would excuse too much."""


def classify(play: Play, engine_allowed: bool) -> tuple[str, ...]:
    """The fewest classes whose readings together bring our evaluator to the engine's decision; () when none do."""
    telling = [difference for difference in DIFFERENCES if difference.reading(play) != play]
    for size in range(1, MOST_AT_ONCE + 1):
        for chosen in combinations(telling, size):
            read = play
            for difference in chosen:
                read = difference.reading(read)
            if read.allowed() == engine_allowed:
                return tuple(difference.name for difference in chosen)
    return ()
