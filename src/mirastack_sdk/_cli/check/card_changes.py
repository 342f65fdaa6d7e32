"""What changed between two versions of an agent, and whom it breaks."""

from collections.abc import Iterator, Mapping, Sequence

from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.check.card import ActionCard, Card, ParamCard

_PERMISSIONS = ("read", "modify", "admin")
_SAME_TYPES: Mapping[str, str] = {"int": "integer", "bool": "boolean"}
# Each value of the first type is one of the second.
_WIDER = frozenset((("integer", "number"),))
_ANY_TYPE = "json"


def changes_since(old: Card, new: Card) -> list[Finding]:
    """The changes since a baseline: those that break callers, and notes about the others."""
    return sorted(_all_changes(old, new), key=lambda each: each.code)


def _all_changes(old: Card, new: Card) -> Iterator[Finding]:
    if old.name != new.name:
        yield finding("MA810", "agent", f"the name was {old.name} and is {new.name}")
    for name, action in old.actions.items():
        if name in new.actions:
            yield from _action_changes(name, action, new.actions[name])
        else:
            what = f"the action was removed{_renamed(action, old, new)}"
            yield finding("MA801", f"action {name}", what, action=name)
    for name in _added(old.actions, new.actions):
        yield _note(f"action {name}", "the action is new", name)
    yield from _config_changes(old.config, new.config)
    yield from _template_changes(old.templates, new.templates)


def _renamed(action: ActionCard, old: Card, new: Card) -> str:
    """A guess which action it is now: a new one with the same inputs."""
    same = [
        name
        for name in _added(old.actions, new.actions)
        if action.inputs and new.actions[name].inputs == action.inputs
    ]
    return f"; {same[0]} is new and has the same inputs" if same else ""


def _action_changes(name: str, old: ActionCard, new: ActionCard) -> Iterator[Finding]:
    place = f"action {name}"
    if old.permission != new.permission:
        what = f"the permission was {old.permission} and is {new.permission}"
        is_raised = _PERMISSIONS.index(new.permission) > _PERMISSIONS.index(old.permission)
        yield finding("MA805" if is_raised else "MA890", place, what, action=name)
    for key, param in old.inputs.items():
        where = f"{place}, input {key}"
        if key in new.inputs:
            yield from _input_changes(name, where, param, new.inputs[key])
        else:
            yield finding("MA803", where, "the parameter was removed", action=name)
    for key in _added(old.inputs, new.inputs):
        where, is_required = f"{place}, input {key}", new.inputs[key].required
        if is_required:
            yield finding("MA802", where, "the parameter is new and required", action=name)
        else:
            yield _note(where, "the parameter is new and optional", name)
    for key, param in old.outputs.items():
        where = f"{place}, output {key}"
        if key in new.outputs:
            yield from _output_changes(name, where, param, new.outputs[key])
        else:
            yield finding("MA806", where, "the output was removed", action=name)
    for key in _added(old.outputs, new.outputs):
        yield _note(f"{place}, output {key}", "the output is new", name)


def _input_changes(action: str, place: str, old: ParamCard, new: ParamCard) -> Iterator[Finding]:
    if new.required and not old.required:
        yield finding("MA802", place, "the parameter was optional and is required", action=action)
    elif old.required and not new.required:
        yield _note(place, "the parameter was required and is optional", action)
    if _type(old) != _type(new):
        what = f"the type was {old.type} and is {new.type}"
        code = "MA890" if _accepts(_type(new), _type(old)) else "MA804"
        yield finding(code, place, what, action=action)
    lost = [value for value in old.enum if value not in new.enum] if new.enum else []
    gained = [value for value in new.enum if value not in old.enum] if old.enum else []
    if lost:
        yield finding("MA804", place, f"{_listed(lost)} is no longer accepted", action=action)
    elif new.enum and not old.enum:
        what = f"it accepted any value, and accepts only {_listed(new.enum)}"
        yield finding("MA804", place, what, action=action)
    if gained or (old.enum and not new.enum):
        what = f"{_listed(gained)} is accepted as well" if gained else "any value is accepted"
        yield _note(place, what, action)


def _output_changes(action: str, place: str, old: ParamCard, new: ParamCard) -> Iterator[Finding]:
    if _type(old) != _type(new):
        what = f"the type was {old.type} and is {new.type}"
        code = "MA890" if _accepts(_type(old), _type(new)) else "MA807"
        yield finding(code, place, what, action=action)
    if old.required and not new.required:
        what = "the output was always there and may be missing"
        yield finding("MA807", place, what, action=action)


def _config_changes(
    old: Mapping[str, ParamCard], new: Mapping[str, ParamCard]
) -> Iterator[Finding]:
    for key, param in old.items():
        place = f"config {key}"
        if key not in new:
            yield finding("MA808", place, "the parameter was removed")
            continue
        if new[key].required and not param.required:
            yield finding("MA809", place, "the parameter was optional and is required")
        if not _accepts(_type(new[key]), _type(param)):
            what = f"the type was {param.type} and is {new[key].type}"
            yield finding("MA809", place, what)
    for key in _added(old, new):
        if new[key].required:
            yield finding("MA809", f"config {key}", "the parameter is new and required")
        else:
            yield _note(f"config {key}", "the parameter is new and optional")


def _template_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Finding]:
    for name, digest in old.items():
        if name not in new:
            yield _note(f"template {name}", "the template was removed")
        elif new[name] != digest:
            what = "the content changed, and engines that know the name keep the old one"
            yield finding("MA811", f"template {name}", what)
    for name in _added(old, new):
        yield _note(f"template {name}", "the template is new")


def _type(param: ParamCard) -> str:
    return _SAME_TYPES.get(param.type, param.type)


def _accepts(wide: str, narrow: str) -> bool:
    """Whether each value of the type `narrow` is one of the type `wide`."""
    return wide in (narrow, _ANY_TYPE) or (narrow, wide) in _WIDER


def _added[Item](old: Mapping[str, Item], new: Mapping[str, Item]) -> list[str]:
    return [name for name in new if name not in old]


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)


def _note(place: str, what: str, action: str = "") -> Finding:
    return finding("MA890", place, what, action=action)
