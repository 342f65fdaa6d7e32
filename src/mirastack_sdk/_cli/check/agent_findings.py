"""All findings about an agent: the quality gates first, and advice only if they are passed."""

from collections.abc import Callable, Iterator, Sequence

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent
from mirastack_sdk._cli.advice.author_sources import author_modules
from mirastack_sdk._cli.advice.description_advice import description_advice
from mirastack_sdk._cli.advice.finding import Finding, Severity, finding
from mirastack_sdk._cli.advice.fixed_value_advice import fixed_value_advice
from mirastack_sdk._cli.advice.operation_advice import operation_advice
from mirastack_sdk._cli.advice.parameter_advice import parameter_advice
from mirastack_sdk._cli.advice.permission_advice import permission_advice
from mirastack_sdk._cli.advice.template_advice import template_advice
from mirastack_sdk._cli.check.card import Card, card_of
from mirastack_sdk._cli.check.card_changes import changes_since
from mirastack_sdk._cli.check.check_report import CheckReport
from mirastack_sdk._cli.check.ignored_codes import IgnoredCodes
from mirastack_sdk._cli.loading.targets import Target
from mirastack_sdk._runtime.checked_plugin import checked_plugin
from mirastack_sdk.errors import InvalidPluginError

_ADVICE: Sequence[Callable[[AdvisedAgent], Iterator[Finding]]] = (
    description_advice,
    parameter_advice,
    permission_advice,
    template_advice,
    fixed_value_advice,
    operation_advice,
)


_ORDER = list(Severity)


def checked_agent(
    target: Target, *, ignored: IgnoredCodes, baseline: Card | None, is_strict: bool
) -> CheckReport:
    """Check an agent, and compare it with a baseline if there is one.

    An agent that does not pass the quality gates has findings about them only, and no card.
    """
    try:
        checked = checked_plugin(target.plugin)
    except InvalidPluginError as error:
        card, found = None, [finding("MA001", "agent", each) for each in error.violations]
    else:
        card = card_of(checked.info, checked.schema)
        found = [] if baseline is None else changes_since(baseline, card)
        agent = AdvisedAgent(
            plugin=target.plugin,
            info=checked.info,
            schema=checked.schema,
            sources=author_modules(target.file),
        )
        found += [each for advice in _ADVICE for each in advice(agent)]
    kept = [each for each in found if not ignored.covers(each)]
    return CheckReport(
        card=card,
        findings=sorted(kept, key=lambda each: (_ORDER.index(each.severity), each.code)),
        ignored=len(found) - len(kept),
        is_strict=is_strict,
    )
