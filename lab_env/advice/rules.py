"""The table: what was said, and the rule that explains it. The first rule whose words fit, and that has something to say, does.

Terraform's words are those of its versions 1.11 to 1.15 and of HCL 2, the provider's those of version 5.100, the gate's and
AWS's our own (``graders/gate/``, ``lab_env/aws_refusals/``). A pattern is matched against summary and detail as one text, from
its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab_env.advice import arguments, references, refusals, syntax, values_of_aws
from lab_env.advice.case import Case
from lab_env.advice.model import Advice

Explain = Callable[[Case], Advice | None]


@dataclass(frozen=True)
class Rule:
    """:param said: matched from the beginning of what was said. :param explain: tried in order."""

    said: re.Pattern[str]
    explain: tuple[Explain, ...]


def _rule(said: str, *explain: Explain) -> Rule:
    return Rule(re.compile(said, re.DOTALL), explain)


def _say(sentence: str) -> Explain:
    def explain(case: Case) -> Advice:
        return case.means(sentence)

    return explain


_Q = r"(?:\"|')"
_AWS = r".*?"
"""What stands in front of AWS's code: which call failed."""

PARSER = (
    _rule(r"Invalid character: Single quotes", syntax.other_characters, syntax.single_quotes, syntax.without_quotes),
    _rule(r"Invalid character: .*Curly quotes", syntax.other_characters, syntax.single_quotes),
    _rule(r"Invalid character: The \"`\"", syntax.single_quotes),
    _rule(r"Invalid character: The \";\"", syntax.semicolon),
    _rule(
        r"Invalid character",
        syntax.other_characters,
        syntax.single_quotes,
        syntax.joined,
        syntax.without_quotes,
        syntax.quote_missing,
        _say(
            "There is a sign here that Terraform's language does not have; text that holds it stands in double quotes."
        ),
    ),
    _rule(
        r"Missing newline after argument",
        syntax.other_characters,
        syntax.semicolon,
        syntax.single_quotes,
        syntax.quote_missing,
        syntax.two_arguments,
        references.foreign_call,
        syntax.foreign_string,
        syntax.call_without_parentheses,
        syntax.bracket_too_many,
        syntax.joined,
        syntax.without_quotes,
        _say("Behind the value the line has to end: what follows belongs into quotes, or on a line of its own."),
    ),
    _rule(r"Unexpected comma after argument", syntax.comma),
    _rule(
        r"(?:Argument or block definition required|Unsupported operator|Invalid argument name: (?!Argument names must not))",
        syntax.other_characters,
        syntax.single_quotes,
        syntax.definition_required,
        _say("Here begins an argument (name = value) or a block (name { … }), and what stands here is neither."),
    ),
    _rule(r"Invalid argument name", syntax.quoted_name),
    _rule(
        r"Invalid block definition",
        syntax.other_characters,
        syntax.single_quotes,
        syntax.quote_missing,
        syntax.block_header,
        _say(
            'A block begins with its type, its labels in quotes and an opening brace: resource "aws_kms_key" "main" {'
        ),
    ),
    _rule(r"Invalid single-argument block definition", syntax.one_line_block),
    _rule(r"Unclosed configuration block", syntax.brace_missing),
    _rule(r"Unterminated object constructor expression", syntax.brace_missing),
    _rule(r"Unterminated (?:tuple constructor expression|function call)", syntax.bracket_missing, syntax.brace_missing),
    _rule(r"Unbalanced parentheses", syntax.wrong_closer, syntax.bracket_missing, syntax.without_quotes),
    _rule(
        r"Missing (?:item separator|attribute separator)",
        syntax.item_separator,
        _say("Between the items of a list or an object stands a comma or a new line."),
    ),
    _rule(r"Missing argument separator", syntax.wrong_closer, syntax.call_separator),
    _rule(r"(?:Missing key/value separator|Missing attribute value)", syntax.other_characters, syntax.key_separator),
    _rule(
        r"(?:Invalid multi-line string|Unterminated template string|Invalid string literal)",
        syntax.sequence,
        syntax.heredoc_missing,
        syntax.quote_missing,
        _say("A text in quotes ends on the line on which it begins; a longer one is a heredoc (<<EOT)."),
    ),
    _rule(
        r"(?:Unclosed template interpolation sequence|Extra characters after interpolation|Missing expression)",
        syntax.sequence,
        _say(
            "Between ${ and } stands one reference or one expression, and the brace closes it before the text goes on."
        ),
    ),
    _rule(
        r"Invalid expression: Expected the start of an expression",
        syntax.expression_missing,
        _say("A value is missing here, or begins with a sign that no value begins with."),
    ),
    _rule(
        r"Attribute redefined: The argument \"(?P<name>[^\"]+)\" was already set at [^:]*(?::(?P<lines>\d+),)?",
        arguments.twice_in_a_block,
    ),
    _rule(
        r"Invalid escape sequence", _say("In a text a backslash begins an escape: write two of them for one backslash.")
    ),
)

LANGUAGE = (
    _rule(r"Unsupported argument: An argument named \"(?P<name>[^\"]+)\"", arguments.argument),
    _rule(r"Unsupported block type: Blocks of type \"(?P<name>[^\"]+)\"", arguments.block_type),
    _rule(r"Missing required argument: The argument \"(?P<name>[^\"]+)\"", arguments.required),
    _rule(r"Insufficient (?P<name>\S+) blocks", arguments.too_few_blocks),
    _rule(
        r"Too many (?P<name>\S+) blocks",
        _say("This block may stand here once: put what the two of them say into one of them."),
    ),
    _rule(
        r"Incorrect attribute value type: Inappropriate value for attribute \"(?P<name>[^\"]+)\": (?P<wanted>.*)",
        arguments.wrong_type,
    ),
    _rule(r"Invalid type specification", arguments.variable_type),
    _rule(r"Variables not allowed", references.no_reference, syntax.without_quotes, arguments.variable_type),
    _rule(
        r"Invalid expression: A static list expression is required", arguments.static_list, arguments.static_reference
    ),
    _rule(r"Invalid expression: A single static variable reference is required", arguments.static_reference),
    _rule(
        r"Invalid operand",
        syntax.joined,
        syntax.without_quotes,
        _say("Terraform reckons here: + - * / take numbers only."),
    ),
    _rule(
        r"Reference to undeclared input variable: An input variable with the name \"(?P<name>[^\"]+)\"",
        references.variable,
    ),
    _rule(r"Reference to undeclared local value: An? local value with the name \"(?P<name>[^\"]+)\"", references.local),
    _rule(
        r"Reference to undeclared resource: A (?P<mode>managed|data|ephemeral) resource \"(?P<type>[^\"]+)\" \"(?P<name>[^\"]+)\"",
        references.resource,
    ),
    _rule(r"Reference to undeclared module", references.module),
    _rule(r"Invalid reference: The \"(?P<name>\w+)\" object cannot be accessed directly", references.directly),
    _rule(
        r"Invalid reference",
        references.bare,
        syntax.without_quotes,
        _say("A word without quotes is a reference, and this one names nothing."),
    ),
    _rule(
        r"Unsupported attribute: This object (?:has no argument, nested block, or exported|does not have an) attribute"
        r" named \"(?P<name>[^\"]+)\"",
        references.attribute,
    ),
    _rule(r"Unsupported attribute", references.no_attributes),
    _rule(
        r"Missing resource instance key: Because (?P<address>\S+) has \"(?P<how>\w+)\" set", references.index_missing
    ),
    _rule(r"(?:Unexpected resource instance key|Invalid index)", references.no_index),
    _rule(r"Cycle: (?P<all>.*)", references.cycle),
    _rule(r"Self-referential block: Configuration for (?P<address>\S+)", references.itself),
    _rule(r"Call to unknown function: There is no function named \"(?P<name>[^\"]+)\"", references.function),
    _rule(r"Invalid function argument: Invalid value for \"(?:seqs|lists)\"", references.concat),
    _rule(
        r"Invalid function argument",
        _say("The function wants another kind of value there: a text, a number or a list, as its documentation says."),
    ),
    _rule(
        r"(?:Not enough|Too many) function arguments",
        _say(
            "The function takes another number of values: several texts may have to be one list in [ ], or one object in { }."
        ),
    ),
    _rule(r"Error in function call", _say("The function cannot do that with these values; Terraform's words say why.")),
    _rule(r"Invalid template interpolation value", references.whole_in_text),
    _rule(
        r"Invalid value for input variable: The given value is not suitable for (?:module\.\w+\.)?var\.(?P<name>\w+)",
        references.given_value,
    ),
    _rule(
        r"Invalid value for variable",
        _say("The value that the variable got is refused by the module's own validation."),
    ),
    _rule(
        r"Invalid default value for variable",
        _say("The default is of another kind than the variable's type."),
    ),
    _rule(
        r"Output refers to sensitive values",
        _say("A sensitive value needs sensitive = true in an output; a password belongs into none."),
    ),
    _rule(
        r"Invalid (?:count|for_each) argument",
        _say("How many there are has to be known before anything is made."),
    ),
    _rule(r"(?:Invalid|Unsuitable) (?:number|bool|string)?", syntax.without_quotes),
)

GATE = (
    _rule(r"A block of type (?P<type>[\w-]+) is not allowed here", refusals.block_not_allowed_here),
    _rule(r"A block of type (?P<type>[\w-]+) is not allowed", refusals.block_not_allowed),
    _rule(r"A block of type (?P<type>\w+) has (?P<wanted>\d) labels?, this one has (?P<there>\d+)", refusals.labels),
    _rule(r".{1,200}? is no name for a block", refusals.no_name),
    _rule(
        r"(?P<what>Resource|Data source|Ephemeral resource) type (?P<type>\S+) is not part of this lab(?P<instead>.*)\.$",
        refusals.type_not_part,
    ),
    _rule(r"(?P<address>\S+) is declared twice; the first is in (?P<first>.*)\.$", refusals.declared_twice),
    _rule(r"(?P<name>\S+) is written twice in one block(?P<lines>.*)", arguments.twice_in_a_block),
    _rule(r"(?P<name>\S+) stands outside of any block", refusals.outside),
    _rule(r"The argument (?P<name>\S+) is not allowed here", refusals.argument_not_allowed),
    _rule(r"Module (?P<name>\S+) has no local source", refusals.no_local_source),
    _rule(
        r"Module \S+ has the source",
        _say("A module's path begins at the file that calls it, and leads to a directory with .tf files."),
    ),
    _rule(r"Variable \"(?P<name>[^\"]+)\" has no default", refusals.no_default),
    _rule(r"The module does not declare variable", refusals.no_environment),
    _rule(r"The provider (?P<name>\S+) is not part", refusals.provider_not_part),
    _rule(
        r"In required_providers", _say("In required_providers a provider has a source and a version, and nothing else.")
    ),
    _rule(r"In a terraform block", _say("In a terraform block of this lab stand versions only: take the rest out.")),
    _rule(r"The function (?P<name>\S+) takes a literal path", refusals.path_of_a_file),
    _rule(r"The function (?P<name>\S+) reads (?P<path>\S+), but there is no such file", refusals.file_not_there),
    _rule(r"The function (?P<name>\S+) is not (?:allowed|part)", refusals.function_not_allowed),
    _rule(r"\S+ is Terraform in JSON syntax", refusals.in_json),
    _rule(r"\S+ is an override file", refusals.override),
    _rule(r"Terraform and the grader read this", refusals.read_otherwise),
)

PROVIDER = (
    _rule(
        r"expected (?P<name>\S+) to be in the range \((?P<low>\d+) - (?P<high>\d+)\), got (?P<got>.*)",
        values_of_aws.range_of,
    ),
    _rule(
        r"expected (?P<name>\S+) to be (?:one of|be one of) \[(?P<all>.*?)\], got (?P<got>[^:]*)",
        values_of_aws.one_of,
    ),
    _rule(r"\"name(?:_prefix)?\" must begin with 'alias/'", values_of_aws.alias_name),
    _rule(r"\"name(?:_prefix)?\" cannot begin with reserved AWS CMK prefix", values_of_aws.alias_of_aws),
    _rule(r"only (?:alphanumeric|lowercase).* characters .* allowed in \"name", values_of_aws.name_of),
    _rule(r"invalid value for (?:name|role_name|family)", values_of_aws.name_of),
    _rule(r"\"(?P<name>[^\"]+)\" \((?P<got>.*?)\) is an invalid ARN", values_of_aws.invalid_arn),
    _rule(r"\"role\" must be the role's name not its ARN", values_of_aws.arn_for_a_name),
    _rule(r"\"(?P<name>[^\"]+)\" contains an invalid JSON", values_of_aws.policy_json),
    _rule(r".*?(?P<name>container_definitions) is invalid: .*JSON", values_of_aws.policy_json),
    _rule(
        r".*?(?P<name>container_definitions) is invalid",
        _say("container_definitions is a list of containers: jsonencode([{ … }])."),
    ),
    _rule(
        r"(?:Conflicting configuration arguments|Invalid combination of arguments|.*conflicts with)",
        _say("Two of these arguments exclude each other: keep one of them."),
    ),
)

AWS = (
    _rule(
        rf"{_AWS}No Fargate configuration exists for given values: (?P<cpu>\d+) CPU, (?P<memory>\d+) memory",
        values_of_aws.fargate_size,
    ),
    _rule(rf"{_AWS}Fargate requires that '(?P<name>\w+)' be defined", values_of_aws.fargate_without),
    _rule(rf"{_AWS}Fargate only supports network mode", values_of_aws.fargate_network),
    _rule(rf"{_AWS}Fargate requires task definition to have execution role", values_of_aws.fargate_role),
    _rule(rf"{_AWS}Invalid container name '(?P<name>[^']*)'", values_of_aws.container_name),
    _rule(rf"{_AWS}At least one of 'memory' or 'memoryReservation'", values_of_aws.container_memory),
    _rule(rf"{_AWS}Container\.(?P<name>\w+) should not be null or empty", values_of_aws.container_part),
    _rule(rf"{_AWS}Container list cannot be empty", values_of_aws.no_containers),
    _rule(rf"{_AWS}The secret name must be unique.*'(?P<name>[^']*)'", values_of_aws.variable_twice),
    _rule(rf"{_AWS}Invalid secret source", values_of_aws.secret_source),
    _rule(rf"{_AWS}(?:EncryptionFailure|DecryptionFailure)", values_of_aws.no_such_key),
    _rule(rf"{_AWS}Policy (?P<arn>arn:aws:iam::aws:policy/\S+) does not exist", values_of_aws.managed_policy),
    _rule(rf"{_AWS}scheduled for deletion", values_of_aws.scheduled),
    _rule(rf"{_AWS}(?:AlreadyExists|ResourceExists|EntityAlreadyExists)", values_of_aws.there_already),
    _rule(rf"{_AWS}alias prefix alias/aws/", values_of_aws.alias_of_aws),
    _rule(rf"{_AWS}(?:Alias must start with|InvalidAliasName)", values_of_aws.alias_name),
    _rule(rf"{_AWS}the action {_Q}(?P<value>.*?){_Q} is not written service:Action", values_of_aws.action),
    _rule(rf"{_AWS}the resource {_Q}(?P<value>.*?){_Q} is ", values_of_aws.resource_arn),
    _rule(rf"{_AWS}the Sid {_Q}(?P<value>.*?){_Q} has characters", values_of_aws.sid),
    _rule(rf"{_AWS}Effect is {_Q}(?P<value>.*?){_Q}", values_of_aws.effect),
    _rule(rf"{_AWS}Version is {_Q}(?P<value>.*?){_Q}", values_of_aws.version),
    _rule(
        rf"{_AWS}\"(?P<value>[^\"]*)\" (?:is (?P<kind>no service principal)|is no account|names a )",
        values_of_aws.principal,
    ),
    _rule(rf"{_AWS}there is no Principal", values_of_aws.principal_missing),
    _rule(rf"{_AWS}of an identity policy there is a Principal", values_of_aws.principal_too_much),
    _rule(rf"{_AWS}of a trust policy there is a Resource", values_of_aws.resource_in_trust),
    _rule(rf"{_AWS}there is neither Resource", values_of_aws.resource_missing),
    _rule(rf"{_AWS}there is neither Action", values_of_aws.action_missing),
    _rule(rf"{_AWS}there is the element {_Q}(?P<value>.*?){_Q}, which", values_of_aws.element),
    _rule(rf"{_AWS}policy document is not (?:valid|a) JSON", values_of_aws.policy_json),
    _rule(rf"{_AWS}new key policy will not allow you", values_of_aws.lockout),
    _rule(rf"{_AWS}(?:NotFoundException|does not exist|is not found)", values_of_aws.no_such_key),
    _rule(rf"{_AWS}(?:Invalid name|failed to satisfy constraint|Member must)", values_of_aws.name_of),
)

RULES = (*PARSER, *LANGUAGE, *GATE, *PROVIDER, *AWS)
