"""The published SDK's check of an agent's declarations."""

import re
from collections.abc import Iterator, Sequence

from mirastack_sdk.compat import plugin

__all__ = ["validate_plugin"]

_DOMAIN = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+")
_LONGEST_DOMAIN = 128
_LONGEST_USE_CASE = 256
_LONGEST_LIST = 64
_V1 = plugin.ROUTING_SEMANTICS_SCHEMA_VERSION_V1


def validate_plugin(info: plugin.PluginInfo) -> list[str]:
    """The rules of the published SDK that an agent breaks, one sentence each.

    `serve()` checks more than these, and derives the routing of actions that declare none; here
    such an action breaks a rule, as it does in the published SDK.
    """
    return [*_info_violations(info), *_action_violations(info), *_config_violations(info)]


def _info_violations(info: plugin.PluginInfo) -> Iterator[str]:
    if not info.name:
        yield "name is required"
    if not info.version:
        yield "version is required"
    if not info.description.strip():
        yield "description is required"
    if not info.devops_stages:
        yield "at least one DevOps stage is required"
    if not info.actions:
        yield "at least one action is required"


def _action_violations(info: plugin.PluginInfo) -> Iterator[str]:
    seen: set[str] = set()
    for index, action in enumerate(info.actions):
        where = f"action[{index}] ({action.id})"
        if not action.id:
            yield f"{where}: id is required"
            continue
        if action.id in seen:
            yield f"{where}: id is declared twice"
        seen.add(action.id)
        yield from (f"{where}: {violation}" for violation in _violations_of(action))


def _violations_of(action: plugin.Action) -> Iterator[str]:
    if not action.description.strip():
        yield "description is required"
    if not action.stages:
        yield "at least one DevOps stage is required"
    for violation in _routing_violations(action.routing):
        yield f"invalid routing semantics: {violation}"
        # Only the first one is reported.
        break


def _config_violations(info: plugin.PluginInfo) -> Iterator[str]:
    for index, param in enumerate(info.config_params):
        where = f"config_param[{index}] ({param.key})"
        if not param.key:
            yield f"{where}: key is required"
        if not param.description.strip():
            yield f"{where}: description is required"


def _routing_violations(routing: plugin.RoutingSemantics) -> Iterator[str]:
    version = routing.schema_version.strip()
    if not version:
        yield "schema_version is required"
    elif version != _V1:
        yield f'schema_version must be "{_V1}", got "{version}"'
    if not _filled(routing.accepted_intent_domains):
        yield "accepted_intent_domains is required"
    yield from _domains("accepted_intent_domains", routing.accepted_intent_domains)
    if not routing.capability_domain.strip():
        yield "capability_domain is required"
    yield from _domains("capability_domain", [routing.capability_domain])
    if not _filled(routing.positive_use_cases):
        yield "positive_use_cases is required"
    yield from _use_cases("positive_use_cases", routing.positive_use_cases)
    yield from _use_cases("negative_use_cases", routing.negative_use_cases)
    yield from _domains("signal_domains", routing.signal_domains)
    yield from _domains("backend_domains", routing.backend_domains)
    yield from _domains("entity_types", routing.entity_types)


def _domains(name: str, values: Sequence[str]) -> Iterator[str]:
    domains = [value.lower() for value in _filled(values)]
    yield from _length_and_duplicates(name, domains)
    for domain in domains:
        if len(domain) > _LONGEST_DOMAIN:
            yield f"{name}: a domain has more than {_LONGEST_DOMAIN} characters"
        elif not _DOMAIN.fullmatch(domain):
            yield f'{name}: "{domain}" is not namespaced, such as "core.observe.metrics"'


def _use_cases(name: str, values: Sequence[str]) -> Iterator[str]:
    use_cases = _filled(values)
    yield from _length_and_duplicates(name, [use_case.lower() for use_case in use_cases])
    if any(len(use_case) > _LONGEST_USE_CASE for use_case in use_cases):
        yield f"{name}: a use case has more than {_LONGEST_USE_CASE} characters"


def _length_and_duplicates(name: str, values: Sequence[str]) -> Iterator[str]:
    if len(values) > _LONGEST_LIST:
        yield f"{name} has more than {_LONGEST_LIST} items"
    if len(set(values)) < len(values):
        yield f"{name} has duplicates"


def _filled(values: Sequence[str]) -> list[str]:
    return [value.strip() for value in values if value.strip()]
