"""Which literals end up in a value: the other end of the flow that :mod:`lab_env.hcl.resolve` follows."""

from __future__ import annotations

from lab_env.hcl.model import Call, Expression, Literal, Object
from lab_env.hcl.module import ModuleTree, Node
from lab_env.hcl.resolve import Flow, FlowScope, Steps
from lab_env.hcl.scope import Scope

# A text built from an object still holds the object's parts, so steps pick inside the argument.
_ENCODERS = frozenset({"jsonencode", "jsondecode", "yamlencode", "yamldecode"})


def origins(tree: ModuleTree, module_path: str, expr: Expression, *, steps: Steps = ()) -> tuple[Literal, ...]:
    """The literals whose text flows into an expression, in source order.

    Keys of objects, conditions and indexes are no part of the value. Defaults of the module under test's variables are
    followed, except the environment's, which is a name and no content.

    :param steps: only the part of the value that these steps pick, such as ``(Attr("password"),)`` of a JSON text.
    """
    flow = _Origins(tree)
    flow.into(expr, steps, Scope(tree.nodes[module_path]))
    flow.run()
    return tuple(sorted(flow.literals.values(), key=lambda literal: (literal.span.path, literal.span.start)))


class _Origins(Flow):
    def __init__(self, tree: ModuleTree) -> None:
        super().__init__(tree)
        self.literals: dict[int, Literal] = {}

    def _step(self, expr: Expression, steps: Steps, scope: FlowScope) -> None:
        if isinstance(expr, Literal):
            self.literals[id(expr)] = expr
        elif isinstance(expr, Call) and expr.name in _ENCODERS:
            for arg in expr.args:
                self.into(arg, steps, scope)
        elif isinstance(expr, Object) and not steps:
            for item in expr.items:
                self.into(item.value, (), scope)
        else:
            super()._step(expr, steps, scope)

    def _variable(self, name: str, steps: Steps, node: Node) -> None:
        super()._variable(name, steps, node)
        block = node.module.variables.get(name) if node.parent is None and name != "environment" else None
        default = block.body.get("default") if block else None
        if default is not None:
            self.into(default, steps, Scope(node))
