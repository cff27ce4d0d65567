"""What AWS and its provider say to values: names, ARNs, windows, sizes, policies.

Sources: those of :mod:`lab_env.aws_refusals`, which says the same in AWS's words; the provider's own checks of arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab_env.advice.case import Case, Value, replaced, shown, values_in
from lab_env.advice.model import Advice, Edit
from lab_env.advice.names import nearest
from lab_env.advice.schema import attributes_of
from lab_env.advice.source import Bracket, Source
from lab_env.advice.values import REFERENCE
from lab_env.aws_refusals.roles import aws_managed_policies

_QUOTED_REFERENCE = re.compile(
    r'"(?P<text>(?:data\.)?(?:aws_\w+|var|local)(?:\.[A-Za-z_][\w-]*){1,3})(?P<rest>[^"$]*)"'
)
_ARN = "arn:"
_POLICIES = "arn:aws:iam::aws:policy/"
_FARGATE = {
    256: (512, 1024, 2048),
    512: (1024, 2048, 3072, 4096),
    1024: (2048, 3072, 4096, 5120, 6144, 7168, 8192),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
}


# ---------------------------------------------------------------- where it is written


def own_block(case: Case) -> tuple[Source, Bracket] | None:
    """The block that an error is about, by its address, else by its line."""
    address = re.sub(r"^module\.secrets(?:_\d+)?\.|\[[^\]]*\]", "", case.said.address or "")
    if address in case.blocks:
        return case.blocks[address]
    if case.source is None:
        return None
    found = next((b for b in case.source.blocks if b.line <= case.number <= (b.end_line or b.line)), None)
    return (case.source, found) if found is not None else None


def written(source: Source, block: Bracket, name: str) -> tuple[int, Value] | None:
    """Where a block sets an argument, at any depth: the line and the value."""
    for number in range(block.line, (block.end_line or block.line) + 1):
        for value in values_in(source, number):
            if value.name == name:
                return number, value
    return None


def every(source: Source, block: Bracket) -> Iterator[tuple[int, Value]]:
    """All values in a block, with their lines."""
    for number in range(block.line, (block.end_line or block.line) + 1):
        for value in values_in(source, number):
            yield number, value


def put(case: Case, sentence: str, source: Source, number: int, value: Value, text: str) -> Advice:
    line = replaced(source.line(number), value.start, value.end, text)
    return case.edits(sentence, Edit(number, number, line), path=source.path)


def documents(case: Case) -> Iterator[tuple[Source, Bracket]]:
    """The block itself, and the policy documents that it names, and those that anything of the module names where it names none."""
    found = own_block(case)
    if found is None:
        return
    source, block = found
    yield found
    for number in range(block.line, (block.end_line or block.line) + 1):
        for name in re.findall(r"data\.aws_iam_policy_document\.[\w-]+", source.line(number)[:1000]):
            if name in case.blocks:
                yield case.blocks[name]


# ---------------------------------------------------------------- references in quotes


def quoted_reference(case: Case) -> Advice | None:
    """A reference in quotes, in the block that the error is about or in one that it leads to."""
    for source, block in _around(case):
        for number in range(block.line, (block.end_line or block.line) + 1):
            for found in _QUOTED_REFERENCE.finditer(source.line(number)[:1000]):
                if not _is_reference(case, found["text"]):
                    continue
                text = f'"${{{found["text"]}}}{found["rest"]}"' if found["rest"] else found["text"]
                line = replaced(source.line(number), found.start(), found.end(), text)
                where = "" if number == case.number and source.path == case.said.path else f" ({case.at(number)})"
                sentence = (
                    f"In quotes {shown(found['text'])} is a text and no reference{where}: AWS gets these letters."
                )
                return case.edits(sentence, Edit(number, number, line), path=source.path)
    return None


def _is_reference(case: Case, text: str) -> bool:
    return any(text == address or text.startswith(f"{address}.") for address in case.blocks)


def _around(case: Case) -> Iterator[tuple[Source, Bracket]]:
    """The block, then the blocks that it refers to."""
    found = own_block(case)
    if found is None:
        return
    yield found
    source, block = found
    for number in range(block.line, (block.end_line or block.line) + 1):
        for reference in REFERENCE.findall(source.line(number)[:1000]):
            parts = reference.split(".")
            address = ".".join(parts[: 3 if parts[0] == "data" else 2])
            if address in case.blocks and case.blocks[address] != found:
                yield case.blocks[address]


def sequence_in_text(case: Case) -> Advice | None:
    """``$${``, ``$( )``, ``{{ }}``, ``{ }`` and ``%{ }`` where ``${ }`` was meant."""
    found = own_block(case)
    source = case.source if case.source is not None else found[0] if found else None
    if source is None:
        return None
    numbers = [case.number] if case.line else []
    if found is not None and found[0] is source:
        numbers += list(range(found[1].line, (found[1].end_line or found[1].line) + 1))
    for number in dict.fromkeys(numbers):
        line = source.line(number)
        if len(line) > 1000:
            continue
        for pattern, said in _SEQUENCES:
            made = re.sub(pattern, _as_sequence, line)
            if made != line:
                return case.edits(said, Edit(number, number, made), path=source.path)
    return None


_NAME = r"(?P<name>(?:var|local|data\.aws_\w+|aws_\w+)(?:\.[A-Za-z_][\w-]*)+)"
_SEQUENCES = (
    (
        rf"\$\$\{{\s*{_NAME}\s*\}}",
        "$${ stands for the signs ${ themselves; to take a value in it is ${ } with one dollar sign.",
    ),
    (rf"\$\(\s*{_NAME}\s*\)", "$( ) is a shell's; in Terraform a text takes a value in with ${ }."),
    (
        rf"(?<![$%])\{{\{{\s*{_NAME}\s*\}}\}}",
        "{{ }} is another language's; in Terraform a text takes a value in with ${ }.",
    ),
    (rf"%\{{\s*{_NAME}\s*\}}", "%{ } is for if and for; a text takes a value in with ${ }."),
    (rf"(?<![$%{{])\{{\s*{_NAME}\s*\}}(?!\}})", "A text takes a value in with ${ }: the dollar sign is missing."),
    (rf"(?<=[\"/_-])\$?{_NAME}(?=[\"/_-])", "In a text a reference stands between ${ and }."),
)


def _as_sequence(found: re.Match[str]) -> str:
    return f"${{{found['name']}}}"


def unnoticed(case: Case, first: int, last: int) -> str | None:
    """A sentence on what some lines hold that Terraform takes for a text and that was meant as something else."""
    source = case.source
    if source is None:
        return None
    for number in range(first, min(last, len(source.lines)) + 1):
        line = source.line(number)[:1000]
        for found in _QUOTED_REFERENCE.finditer(line):
            if _is_reference(case, found["text"]):
                return f"In {case.at(number)} {shown(found['text'])} stands in quotes, where it is a text and no reference."
        for pattern, said in _SEQUENCES[:4]:
            if re.search(pattern, line):
                return f"In {case.at(number)}: {said}"
    block = next((b for b in source.blocks if b.line <= first <= (b.end_line or b.line)), None)
    comma = _comma_too_many(source, block) if block is not None else None
    if comma is not None and first <= comma[0] <= last:
        return f"JSON has no comma before a closing bracket, and {case.at(comma[0])} ends with one: so the text is no JSON."
    return None


# ---------------------------------------------------------------- numbers and choices


def range_of(case: Case) -> Advice | None:
    """A number that is too small or too large."""
    name, low, high = case.found["name"], int(case.found["low"]), int(case.found["high"])
    there = re.search(r"-?\d+", case.found["got"])
    wanted = low if there is None or int(there[0]) < low else high
    value = next((value for value in case.values() if value.name == name), None)
    sentence = f"{name} is a number from {low} to {high}: AWS takes no other."
    if name.endswith("window_in_days"):
        sentence = f"AWS waits {low} to {high} days before it deletes for good: {name} takes no other number."
    if value is None or re.fullmatch(r"\"?-?\d+\"?", value.text) is None:
        return case.means(sentence)
    return case.write(sentence, replaced(case.line, value.start, value.end, str(wanted)))


def one_of(case: Case) -> Advice | None:
    """A choice that there is not."""
    name, got = case.found["name"].rpartition(".")[2], case.found["got"].strip().strip('"')
    choices = re.findall(r'"([^"]{1,80})"', case.found["all"]) or re.findall(r"[\w.-]+", case.found["all"])
    short = re.sub(r"\W", "", name)
    near = nearest(got, choices) or next((one for one in choices if one.lower() == got.lower()), None)
    found = own_block(case)
    listed = ", ".join(choices[:6])
    sentence = f"{short} is one of {listed}, written just so, and {shown(got)} is none."
    if near is None or found is None:
        return case.means(sentence)
    for number, value in every(*found):
        if value.text.strip('"') == got and value.name.rstrip("s") in (short.rstrip("s"), ""):
            return put(case, sentence, found[0], number, value, f'"{near}"')
    return case.means(sentence)


# ---------------------------------------------------------------- names and ARNs


def alias_name(case: Case) -> Advice | None:
    """The name of an alias."""
    if (found := sequence_in_text(case)) is not None:
        return found
    value = next((value for value in case.values() if value.name in ("name", "name_prefix")), None)
    sentence = "An alias is called alias/ and then letters, digits, /, _ and - only."
    if value is None or not value.text.startswith('"'):
        return case.means(sentence)
    text = value.text.strip('"')
    made = f"alias/{text.removeprefix('alias').lstrip('/:')}" if not text.startswith("alias/") else text
    made = _cleaned(made, r"[^A-Za-z0-9/_-]")
    if made == text:
        return quoted_reference(case) or case.means(sentence)
    return case.write(sentence, replaced(case.line, value.start, value.end, f'"{made}"'))


def alias_of_aws(case: Case) -> Advice | None:
    value = next((value for value in case.values() if value.name in ("name", "name_prefix")), None)
    sentence = "Aliases that begin with alias/aws/ are AWS's own; yours begins with alias/ and a name of yours."
    if value is None:
        return case.means(sentence)
    return case.write(sentence, case.line.replace("alias/aws/", "alias/", 1))


def name_of(case: Case) -> Advice | None:
    """A name with signs in it that AWS does not take."""
    if (found := sequence_in_text(case) or quoted_reference(case)) is not None:
        return found
    own = own_block(case)
    place = written(*own, "name") if own is not None else None
    sentence = "AWS takes no blanks and few signs in a name: letters, digits and hyphens are safe."
    if own is None or place is None or not place[1].text.startswith('"'):
        return case.means(sentence)
    text = place[1].text.strip('"')
    made = _cleaned(text, r"[^A-Za-z0-9/_+=.@-]")
    return case.means(sentence) if made == text else put(case, sentence, own[0], *place, f'"{made}"')


def _cleaned(text: str, unwanted: str) -> str:
    """The text with a hyphen for every run of unwanted signs outside of ``${ }``."""
    pieces = re.split(r"(\$\{[^{}]*\})", text)
    return "".join(piece if piece.startswith("${") else re.sub(rf"(?:{unwanted})+", "-", piece) for piece in pieces)


def container_name(case: Case) -> Advice | None:
    own, name = own_block(case), case.found["name"]
    sentence = "A container's name has letters, digits, hyphens and underscores only."
    if own is None:
        return case.means(sentence)
    for number, value in every(*own):
        if value.name == "name" and value.text.strip('"') == name:
            return put(case, sentence, own[0], number, value, f'"{_cleaned(name, "[^A-Za-z0-9_-]")}"')
    return case.means(sentence)


def invalid_arn(case: Case) -> Advice | None:
    """A name, an id or a text where an ARN goes."""
    if (found := quoted_reference(case)) is not None:
        return found
    own = own_block(case)
    name = case.found["name"].rpartition(".")[2]
    sentence = f"{name} wants an ARN (arn:aws:…), not a name: an ARN names one thing in all of AWS."
    place = written(*own, name) if own is not None else None
    if own is None or place is None:
        return case.means(sentence)
    found_reference = re.fullmatch(
        r"(?P<head>(?:data\.)?(?P<type>aws_\w+)\.[\w-]+(?:\[[^\]]*\])?)\.(?P<last>\w+)", place[1].text
    )
    if found_reference is not None and "arn" in attributes_of(found_reference["type"]):
        return put(case, sentence, own[0], *place, f"{found_reference['head']}.arn")
    only = [
        a for a, (_, b) in case.blocks.items() if b.type == "resource" and b.labels[0] == _TYPE_OF_ARN.get(name, "")
    ]
    if len(only) == 1 and place[1].text.startswith('"') and "arn:" not in place[1].text:
        return put(case, sentence, own[0], *place, f"{only[0]}.arn")
    return case.means(sentence)


_TYPE_OF_ARN = {
    "execution_role_arn": "aws_iam_role",
    "task_role_arn": "aws_iam_role",
    "secret_arn": "aws_secretsmanager_secret",
    "policy_arn": "aws_iam_policy",
    "kms_key_id": "aws_kms_key",
}


def arn_for_a_name(case: Case) -> Advice | None:
    """``role = aws_iam_role.execution.arn``."""
    own = own_block(case)
    place = written(*own, "role") if own is not None else None
    sentence = "role wants the role's name, not its ARN."
    if own is None or place is None or not place[1].text.endswith(".arn"):
        return (quoted_reference(case) or case.means(sentence)) if own is not None else case.means(sentence)
    return put(case, sentence, own[0], *place, f"{place[1].text.removesuffix('.arn')}.name")


def no_such_key(case: Case) -> Advice | None:
    """A key that is not there: most often a reference in quotes, or a name of another account."""
    if (found := quoted_reference(case)) is not None:
        return found
    keys = [address for address in case.blocks if address.startswith("aws_kms_key.")]
    for source, block in _around(case):
        place = written(source, block, "kms_key_id") or written(source, block, "target_key_id")
        if place is not None and place[1].text.startswith('"') and len(keys) == 1:
            sentence = f"AWS knows no key {shown(place[1].text)}: name the module's own key by a reference ({case.at(place[0])})."
            return put(case, sentence, source, *place, f"{keys[0]}.arn")
    return case.means("AWS knows no usable key under that name: it is not there, is disabled, or waits to be deleted.")


def managed_policy(case: Case) -> Advice | None:
    arn = case.found["arn"]
    name = arn.removeprefix(_POLICIES)
    near = nearest_policy(name)
    own = own_block(case)
    if near is None or own is None:
        return case.means(
            f"AWS has no managed policy {shown(name)}: look its ARN up in AWS's list of managed policies."
        )
    sentence = f"AWS has no managed policy {shown(name)}; there is {near}."
    for number, value in every(*own):
        if value.text.strip('"') == arn:
            return put(case, sentence, own[0], number, value, f'"{_POLICIES}{near}"')
    return case.means(sentence)


def nearest_policy(name: str) -> str | None:
    import difflib

    if len(name) > 128:
        return None
    last = name.rpartition("/")[2].lower()
    same = [one for one in sorted(aws_managed_policies()) if one.rpartition("/")[2].lower().startswith(last[:12])]
    near = difflib.get_close_matches(name, same[:200], 1, 0.6)
    return near[0] if near else None


# ---------------------------------------------------------------- policies


def policy_json(case: Case) -> Advice | None:
    """JSON that is none."""
    own = own_block(case)
    name = case.found.groupdict().get("name") or "policy"
    name = name.rpartition(".")[2]
    sentence = f"{name} is to hold JSON, and what stands there is none"
    if own is None:
        return case.means(f"{sentence}: let jsonencode({{ … }}) write it.")
    if (found := quoted_reference(case)) is not None:
        return found
    place = written(*own, name)
    if place is not None:
        data = re.fullmatch(r"data\.aws_iam_policy_document\.[\w-]+", place[1].text)
        if data is not None:
            return put(
                case, f"{name} takes the document's JSON: its attribute json.", own[0], *place, f"{data[0]}.json"
            )
    comma = _comma_too_many(*own)
    if comma is not None:
        number, line = comma
        text = f"{sentence}: JSON has no comma before a closing bracket ({case.at(number)}); jsonencode({{ … }}) knows that."
        return case.edits(text, Edit(number, number, line), path=own[0].path)
    return case.means(
        f"{sentence}: a quote, a comma or a bracket is missing; jsonencode({{ … }}) writes JSON without mistakes."
    )


def _comma_too_many(source: Source, block: Bracket) -> tuple[int, str] | None:
    """A comma behind the last item of JSON in a heredoc."""
    inside = False
    last: int | None = None
    for number in range(block.line, (block.end_line or len(source.lines)) + 1):
        text = source.line(number)[:1000]
        inside = inside or "<<" in text
        if not inside or not text.strip():
            continue
        if last is not None and text.strip()[:1] in ("}", "]") and source.line(last).rstrip().endswith(","):
            return last, source.line(last).rstrip()[:-1]
        last = number
    return None


def principal(case: Case) -> Advice | None:
    """Who may: a service, a role, an account."""
    value = case.found["value"]
    for source, block in documents(case):
        for number, written_value in every(source, block):
            if written_value.text.strip('"') != value:
                continue
            made = _service(value)
            if case.found["kind"] == "no service principal" and made is not None:
                sentence = f"A service is named by its full name, here {made}, and {shown(value)} is none."
                return put(case, sentence, source, number, written_value, f'"{made}"')
            if value.endswith(".amazonaws.com"):
                return _as_service(case, source, block, number)
            if (found := quoted_reference_at(case, source, number)) is not None:
                return found
    if value.endswith(".amazonaws.com"):
        return case.means(f"{shown(value)} is a service: its principal has the type Service, not AWS.")
    if "names a" in case.found[0]:
        return case.means(
            f"AWS knows nobody called {shown(value)}: refer to the role itself, and Terraform makes it first."
        )
    return case.means(
        f"{shown(value)} is nobody whom AWS knows: a role is named by its ARN, a service in type Service."
    )


def _service(value: str) -> str | None:
    known = (
        "ecs-tasks.amazonaws.com",
        "ecs.amazonaws.com",
        "ec2.amazonaws.com",
        "lambda.amazonaws.com",
        "kms.amazonaws.com",
    )
    small = value.lower().replace("_", "-").split(".")[0]
    small = {"ecs-task": "ecs-tasks", "ecstasks": "ecs-tasks", "ecs": "ecs-tasks"}.get(small, small)
    return next((one for one in known if one.split(".")[0] == small), None)


def _as_service(case: Case, source: Source, block: Bracket, number: int) -> Advice:
    """``type = "AWS"`` in front of a service, or ``AWS = "…"`` in an object."""
    sentence = "A service as a principal has the type Service; AWS stands for accounts, roles and users."
    for at in range(number, max(block.line, number - 5) - 1, -1):
        for value in values_in(source, at):
            if value.name == "type" and value.text == '"AWS"':
                return put(case, sentence, source, at, value, '"Service"')
    line = re.sub(r"\bAWS\b(?=\"?\s*[=:])", "Service", source.line(number), count=1)
    if line != source.line(number):
        return case.edits(sentence, Edit(number, number, line), path=source.path)
    return case.means(sentence)


def quoted_reference_at(case: Case, source: Source, number: int) -> Advice | None:
    found = _QUOTED_REFERENCE.search(source.line(number)[:1000])
    if found is None or not _is_reference(case, found["text"]):
        return None
    line = replaced(source.line(number), found.start(), found.end(), found["text"])
    sentence = f"In quotes {shown(found['text'])} is a text and no reference: AWS gets these letters."
    return case.edits(sentence, Edit(number, number, line), path=source.path)


def action(case: Case) -> Advice | None:
    """An action that is not written service:Action."""
    value = case.found["value"]
    sentence = (
        f"An action is the service, a colon and the action, such as kms:Decrypt; {shown(value)} is not written so."
    )
    parts = re.fullmatch(r"(?P<service>[a-z0-9-]+)\s*[./ -]\s*(?P<action>[A-Za-z*]+)", value)
    made = f"{parts['service']}:{parts['action']}" if parts else _ACTIONS.get(value.lower())
    return _in_documents(case, value, made, sentence)


_ACTIONS = {"getsecretvalue": "secretsmanager:GetSecretValue", "decrypt": "kms:Decrypt", "assumerole": "sts:AssumeRole"}


def resource_arn(case: Case) -> Advice | None:
    """A resource of a policy that is no ARN: an id, a name, or a reference in quotes."""
    value = case.found["value"]
    sentence = 'What a policy is about is named by its ARN, or by "*" for everything; an id or a name is neither.'
    for source, block in documents(case):
        for number in range(block.line, (block.end_line or block.line) + 1):
            if (found := quoted_reference_at(case, source, number)) is not None:
                return found
            for item in values_in(source, number):
                reference = re.fullmatch(r"(?P<head>aws_\w+\.[\w-]+(?:\[[^\]]*\])?)\.(?P<last>\w+)", item.text)
                near = item.name in ("", "Resource", "resources") and _is_resources(source, number)
                if reference is None or not near or reference["last"] == "arn":
                    continue
                if "arn" in attributes_of(reference["head"].split(".")[0]) and reference["last"] != "id":
                    return put(case, sentence, source, number, item, f"{reference['head']}.arn")
                if reference["last"] == "id" and reference["head"].startswith("aws_kms_key"):
                    return put(case, sentence, source, number, item, f"{reference['head']}.arn")
    return _in_documents(case, value, None, sentence)


def _is_resources(source: Source, number: int) -> bool:
    """Whether a line is of a policy's resources."""
    for at in range(number, max(0, number - 6), -1):
        if re.search(r"\b(?:[Rr]esources?|not_resources|NotResource)\b\"?\s*[=:]", source.line(at)[:1000]):
            return True
        if at != number and ("]" in source.line(at) or "{" in source.line(at)):
            return False
    return False


def sid(case: Case) -> Advice | None:
    value = case.found["value"]
    made = re.sub(r"[^A-Za-z0-9]", "", value)
    return _in_documents(case, value, made or None, "A Sid in a role's policy has letters and digits only.")


def effect(case: Case) -> Advice | None:
    value = case.found["value"]
    made = next((one for one in ("Allow", "Deny") if one.lower() == value.lower()), None)
    return _in_documents(case, value, made, "Effect is Allow or Deny, with a capital letter.")


def version(case: Case) -> Advice | None:
    value = case.found["value"]
    sentence = "Version is no date of yours: it names the policy language, and is 2012-10-17."
    return _in_documents(case, value, "2012-10-17", sentence)


def _in_documents(case: Case, value: str, made: str | None, sentence: str) -> Advice:
    if made is None:
        return case.means(sentence)
    for source, block in documents(case):
        for number, item in every(source, block):
            if item.text.strip('"') == value:
                return put(case, sentence, source, number, item, f'"{made}"')
    return case.means(sentence)


def principal_missing(case: Case) -> Advice | None:
    return case.means("A policy on a resource says who may: each statement names a principal.")


def principal_too_much(case: Case) -> Advice | None:
    return case.means("A role's own policy says what the role may, and who is the role itself: it names no principal.")


def resource_in_trust(case: Case) -> Advice | None:
    return case.means(
        "A trust policy says who may become the role, and the role is meant: its statements name no resource."
    )


def resource_missing(case: Case) -> Advice | None:
    return case.means('Each statement says on what: resources with ARNs, or ["*"] for everything.')


def action_missing(case: Case) -> Advice | None:
    return case.means('Each statement says what may be done: actions, such as ["kms:Decrypt"].')


def element(case: Case) -> Advice | None:
    """An element that policies do not have."""
    value = case.found["value"]
    names = (
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "Condition",
        "Sid",
        "Version",
        "Statement",
    )
    near = nearest(value.rstrip("s"), names) or nearest(value, names)
    sentence = f"A policy has no element {shown(value)}" + (f"; it is called {near}." if near else ".")
    if near is None:
        return case.means(sentence)
    for source, block in documents(case):
        for number in range(block.line, (block.end_line or block.line) + 1):
            line = source.line(number)
            if len(line) <= 1000 and (found := re.search(rf"\b{re.escape(value)}\b(?=\"?\s*[=:])", line)) is not None:
                return case.edits(
                    sentence, Edit(number, number, replaced(line, found.start(), found.end(), near)), path=source.path
                )
    return case.means(sentence)


def lockout(case: Case) -> Advice | None:
    return case.means(
        "A key policy has to leave somebody who can change it: give the account's root kms:* in a statement of its own."
    )


def scheduled(case: Case) -> Advice | None:
    return case.means(
        "A deleted secret keeps its name until its recovery window ends: restore it, or begin in a fresh account."
    )


def there_already(case: Case) -> Advice | None:
    return case.means(
        "Something of that name is there already in this account: two blocks make it, or an earlier apply did."
    )


# ---------------------------------------------------------------- tasks


def fargate_size(case: Case) -> Advice | None:
    """CPU and memory that do not go together."""
    cpu, memory = int(case.found["cpu"]), int(case.found["memory"])
    own = own_block(case)
    fitting = _FARGATE.get(cpu)
    if fitting is None:
        return case.means("Fargate has cpu of 256, 512, 1024, 2048, 4096 and more, each with memory of its own.")
    listed = ", ".join(str(one) for one in fitting[:4]) + (" and more" if len(fitting) > 4 else "")
    sentence = f"On Fargate cpu {cpu} goes with memory {listed}, not with {memory}."
    place = _argument(*own, "memory") if own is not None else None
    if own is None or place is None:
        return case.means(sentence)
    wanted = next((one for one in fitting if one >= memory), fitting[-1])
    return put(case, sentence, own[0], *place, str(wanted) if not place[1].text.startswith('"') else f'"{wanted}"')


def _argument(source: Source, block: Bracket, name: str) -> tuple[int, Value] | None:
    """An argument of the block itself, not of what is in it."""
    number = block.names.get(name)
    if number is None:
        return None
    value = next((value for value in values_in(source, number) if value.name == name), None)
    return (number, value) if value is not None else None


def fargate_without(case: Case) -> Advice | None:
    """No cpu or no memory of the task."""
    own = own_block(case)
    names = [name for name in _SIZE if own is None or name not in own[1].names]
    sentence = (
        f"A Fargate task says how much it gets: {' and '.join(names)} in the task definition itself, beside family."
    )
    if own is None or not names:
        return case.means(sentence)
    source, block = own
    near = next((name for name in ("network_mode", "requires_compatibilities", "family") if name in block.names), None)
    number = block.names[near] if near is not None else 0
    place = re.match(r"(?P<indent>\s*)[\w-]+\s*=", source.line(number)[:200])
    if place is None or any(bracket.line == number and bracket.end_line != number for bracket in source.brackets):
        return case.means(sentence)
    width = len(place[0]) - 1
    lines = [f"{place['indent']}{name}".ljust(width) + f"= {_SIZE[name]}" for name in names]
    return case.edits(sentence, Edit(number + 1, number, "\n".join(lines)), path=source.path)


_SIZE = {"cpu": "256", "memory": "512"}


def fargate_network(case: Case) -> Advice | None:
    own = own_block(case)
    sentence = "Fargate gives each task an address of its own, and has the network mode awsvpc alone."
    if own is None:
        return case.means(sentence)
    place = _argument(*own, "network_mode")
    if place is not None:
        return put(case, sentence, own[0], *place, '"awsvpc"')
    source, block = own
    number = block.names.get("requires_compatibilities")
    if number is None or "]" not in source.line(number):
        return case.means(sentence)
    line = source.line(number)
    return case.edits(sentence, Edit(number, number, f'{line}\n  network_mode = "awsvpc"'), path=source.path)


def fargate_role(case: Case) -> Advice | None:
    return case.means("For that Fargate itself needs rights: set execution_role_arn to the role's ARN.")


def container_memory(case: Case) -> Advice | None:
    own = own_block(case)
    place = _argument(*own, "requires_compatibilities") if own is not None else None
    if place is not None and "FARGATE" in place[1].text:
        return fargate_without(case)
    return case.means("Each container says how much memory it gets, or the task does for all of them: set memory.")


def container_part(case: Case) -> Advice | None:
    return case.means(f"Each container in container_definitions needs {shown(case.found['name'])}.")


def no_containers(case: Case) -> Advice | None:
    return case.means("container_definitions is a list with one object for each container, and there is none in it.")


def variable_twice(case: Case) -> Advice | None:
    return case.means(
        f"{shown(case.found['name'])} is set twice in one container: under environment or under secrets, not both."
    )


def secret_source(case: Case) -> Advice | None:
    return case.means("valueFrom names a secret of Secrets Manager by its ARN, or a parameter of Systems Manager.")
