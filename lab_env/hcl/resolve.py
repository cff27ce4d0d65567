"""Where a value comes from: follow it through locals, variables, module outputs and loops to resource attributes.

Only data flow counts: what a condition compares, or an index selects by, does not flow into the value. Where a function
is not known to pick a part, all of its arguments flow (so a secret is never lost on the way).
"""

from __future__ import annotations

from dataclasses import dataclass

from lab_env.hcl.model import (
    Attr,
    Block,
    Call,
    Conditional,
    Expression,
    ForExpr,
    Index,
    Literal,
    Object,
    Relative,
    Splat,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
)
from lab_env.hcl.module import ModuleTree, Node
from lab_env.hcl.scope import Scope
from lab_env.hcl.walk import children

Steps = tuple[Step, ...]
MAX_STEPS = 16
# These hand their arguments on, so that steps behind the call pick inside the arguments.
_PASS_THROUGH = frozenset(
    {"coalesce", "defaults", "merge", "nonsensitive", "ephemeralasnull", "sensitive", "tolist", "tomap", "toset", "try"}
)
_NOT_RESOURCES = frozenset(
    {"path", "terraform", "count", "self", "each", "var", "local", "module", "data", "ephemeral"}
)


@dataclass(frozen=True, eq=False)
class Binding:
    """A name bound by a for expression: an element or key of a collection, in the scope of the collection."""

    collection: Expression
    scope: FlowScope
    element: bool


FlowScope = Scope[Binding]
"""A scope whose names stand for parts of collections."""


def resolve(tree: ModuleTree, module_path: str, expr: Expression) -> frozenset[str]:
    """The resource attributes (and root variables) whose value flows into an expression.

    :param module_path: the node that holds the expression, ``""`` for the module under test.
    :return: dotted, without indexes, seen from the module under test: ``aws_kms_key.secrets.arn``,
        ``module.store.data.aws_iam_policy_document.read.json``, ``var.environment`` (only the module under test's), or
        ``aws_secretsmanager_secret_version.v`` when the whole resource is taken.
    """
    key = ("resolve", module_path, id(expr))
    kept = tree._cache.get(key)
    if isinstance(kept, tuple):
        return frozenset(kept[1])
    found = flow(tree, expr, Scope(tree.nodes[module_path]))
    # The expression is kept beside the answer, so that its id is not given to another one.
    tree._cache[key] = (expr, found)
    return found


def flow(tree: ModuleTree, expr: Expression, scope: FlowScope) -> frozenset[str]:
    """As :func:`resolve`, for an expression inside a for expression, whose names ``scope`` binds."""
    run = Flow(tree)
    run.into(expr, (), scope)
    run.run()
    return frozenset(run.found)


class Flow:
    """One resolution: what was found, and what was visited (which also ends cycles)."""

    def __init__(self, tree: ModuleTree) -> None:
        self.found: set[str] = set()
        self._tree = tree
        # Keys hold ids, so everything that has one in them is kept alive in the values.
        self._seen: dict[tuple[int, str, str, tuple[int, ...]], tuple[Expression, Steps, FlowScope]] = {}
        self._pending: list[tuple[Expression, Steps, FlowScope]] = []

    def run(self) -> None:
        """Work off what is pending; a list instead of recursion, so that no chain of locals is too long."""
        while self._pending:
            self._step(*self._pending.pop())

    def into(self, expr: Expression, steps: Steps, scope: FlowScope) -> None:
        """What flows from ``expr`` followed by ``steps`` is to be added."""
        if len(steps) > MAX_STEPS:
            steps = ()
        shape = "".join(
            f".{s.name}" if isinstance(s, Attr) else f"[{id(s.key)}]" if isinstance(s, Index) else "*" for s in steps
        )
        key = (id(expr), scope.node.path, shape, (*sorted(id(b) for b in scope.names.values()), id(scope.arguments)))
        if key not in self._seen:
            self._seen[key] = (expr, steps, scope)
            self._pending.append((expr, steps, scope))

    def _step(self, expr: Expression, steps: Steps, scope: FlowScope) -> None:
        match expr:
            case Traversal():
                self._traversal(expr, expr.steps + steps, scope)
            case Relative():
                self.into(expr.source, expr.steps + steps, scope)
            case Object():
                self._object(expr, steps, scope)
            case Tuple():
                self._tuple(expr, steps, scope)
            case Conditional():
                self.into(expr.then, steps, scope)
                self.into(expr.otherwise, steps, scope)
            case ForExpr():
                self._for(expr, steps, scope)
            case TemplateIf():
                for part in (*expr.then, *expr.otherwise):
                    self.into(part, (), scope)
            case TemplateFor():
                inner = bind(expr.key_name, expr.value_name, expr.collection, scope)
                for part in expr.body:
                    self.into(part, (), inner)
            case Template(parts=(only,)) if not isinstance(only, Literal):
                self.into(only, steps, scope)
            case Call():
                self._call(expr, steps, scope)
            case _:
                for child in children(expr):
                    self.into(child, (), scope)

    def _call(self, expr: Call, steps: Steps, scope: FlowScope) -> None:
        content = self._tree.content(scope.node, expr)
        if content is not None:
            self.into(content, steps, scope.of_template(expr))
            return
        for arg in expr.args:
            self.into(arg, steps if expr.name in _PASS_THROUGH else (), scope)

    def _for(self, expr: ForExpr, steps: Steps, scope: FlowScope) -> None:
        inner = bind(expr.key_name, expr.value_name, expr.collection, scope)
        self.into(expr.value, steps[1:], inner)
        if expr.key is not None and not steps:
            self.into(expr.key, (), inner)

    def _object(self, expr: Object, steps: Steps, scope: FlowScope) -> None:
        first, rest = (steps[0], steps[1:]) if steps else (None, ())
        name = _constant_key(first)
        for item in expr.items:
            fixed = item.key.value if isinstance(item.key, Literal) else None
            if name is not None and fixed is not None and str(fixed) != name:
                continue
            self.into(item.value, rest, scope)
            if first is None:
                self.into(item.key, (), scope)
        if isinstance(first, Splat) and rest:
            # A splat on what is no list takes it as the only element.
            self._object(expr, rest, scope)

    def _tuple(self, expr: Tuple, steps: Steps, scope: FlowScope) -> None:
        first, rest = (steps[0], steps[1:]) if steps else (None, ())
        if isinstance(first, Attr):
            rest = steps
        name = _constant_key(first) if isinstance(first, Index) else None
        if name is not None and name.isdigit() and int(name) < len(expr.items):
            self.into(expr.items[int(name)], rest, scope)
            return
        for item in expr.items:
            self.into(item, rest, scope)

    # -- names ----------------------------------------------------------------------------------------------------

    def _traversal(self, expr: Traversal, steps: Steps, scope: FlowScope) -> None:
        bound = scope.names.get(expr.root)
        if bound is not None:
            if bound.element:
                self.into(bound.collection, (Splat(), *steps), bound.scope)
            else:
                self._keys(bound.collection, bound.scope)
            return
        if scope.arguments is not None:
            given, around = scope.arguments
            self.into(given, (Attr(expr.root), *steps), around)
            return
        module = scope.node.module
        name = steps[0].name if steps and isinstance(steps[0], Attr) else None
        match expr.root:
            case "local" if name is not None and name in module.locals:
                self.into(module.locals[name].expression, steps[1:], Scope(scope.node))
            case "var" if name is not None:
                self._variable(name, steps[1:], scope.node)
            case "module" if name is not None and name in scope.node.children:
                self._output(scope.node.children[name], steps[1:])
            case "each" | "count" | "self":
                self._instance(expr, name, steps[1:], scope)
            case "data" | "ephemeral":
                self._resource(expr.root, steps, 2, scope.node)
            case root if root not in _NOT_RESOURCES:
                if not self._dynamic(expr, steps, scope):
                    self._resource(root, steps, 1, scope.node)

    def _resource(self, root: str, steps: Steps, labels: int, node: Node) -> None:
        names = [s.name for s in steps if isinstance(s, Attr)]
        if len(names) >= labels:
            self.found.add(node.address(".".join((root, *names[: labels + 1]))))

    def _variable(self, name: str, steps: Steps, node: Node) -> None:
        if node.parent is None or node.call is None:
            self.found.add(f"var.{name}")
            return
        given = node.call.body.get(name)
        if given is not None:
            self.into(given, steps, Scope(self._tree.nodes[node.parent]))
            return
        block = node.module.variables.get(name)
        default = block.body.get("default") if block else None
        if default is not None:
            self.into(default, steps, Scope(node))

    def _output(self, path: str, steps: Steps) -> None:
        node = self._tree.nodes.get(path)
        if node is None:
            return
        while steps and not isinstance(steps[0], Attr):  # module.a[0], module.a["x"], module.a[*]
            steps = steps[1:]
        outputs = node.module.outputs
        if steps and isinstance(steps[0], Attr):
            outputs = {n: b for n, b in outputs.items() if n == steps[0].name}
        for block in outputs.values():
            value = block.body.get("value")
            if value is not None:
                self.into(value, steps[1:], Scope(node))

    def _instance(self, expr: Traversal, name: str | None, steps: Steps, scope: FlowScope) -> None:
        """``each.key``, ``each.value``, ``count.index``, ``self``: of the block around the expression."""
        around = scope.node.module.enclosing(expr.span)
        if not around:
            return
        block = around[0]
        if expr.root == "self":
            self.found.add(scope.node.address(".".join((block.address, *((name,) if name else ())))))
            return
        repeat = block.body.get("for_each" if expr.root == "each" else "count")
        if repeat is None:
            return
        if name == "value":
            self.into(repeat, (Splat(), *steps), Scope(scope.node))
        elif name == "key":
            self._keys(repeat, Scope(scope.node))

    def _dynamic(self, expr: Traversal, steps: Steps, scope: FlowScope) -> bool:
        """``setting.value`` inside ``dynamic "setting"``."""
        for block in reversed(scope.node.module.enclosing(expr.span)):
            collection = block.body.get("for_each")
            if block.type != "dynamic" or collection is None or _iterator(block) != expr.root:
                continue
            if steps and steps[0] == Attr("key"):
                self._keys(collection, scope)
            else:
                self.into(collection, (Splat(), *steps[1:]), scope)
            return True
        return False

    def _keys(self, collection: Expression, scope: FlowScope) -> None:
        """What flows into the keys: of a map its keys only, of anything else everything."""
        if isinstance(collection, Object):
            for item in collection.items:
                self.into(item.key, (), scope)
        elif isinstance(collection, ForExpr) and collection.key is not None:
            self.into(
                collection.key, (), bind(collection.key_name, collection.value_name, collection.collection, scope)
            )
        elif isinstance(collection, Traversal) and collection.root == "local" and len(collection.names) == 1:
            found = scope.node.module.locals.get(collection.names[0])
            if found is not None and not isinstance(found.expression, Traversal):
                self._keys(found.expression, Scope(scope.node))
            else:
                self.into(collection, (), scope)
        else:
            self.into(collection, (), scope)


def bind(key_name: str | None, value_name: str, collection: Expression, scope: FlowScope) -> FlowScope:
    """The scope inside a loop over ``collection``, which itself stands in ``scope``."""
    key = Binding(collection, scope, element=False)
    return scope.inside(key_name, key, value_name, Binding(collection, scope, element=True))


def _constant_key(step: Step | None) -> str | None:
    if isinstance(step, Attr):
        return step.name
    if isinstance(step, Index) and isinstance(step.key, Literal) and step.key.value is not None:
        return str(step.key.value)
    return None


def _iterator(block: Block) -> str:
    named = block.body.get("iterator")
    return named.root if isinstance(named, Traversal) else (block.labels[0] if block.labels else "")
