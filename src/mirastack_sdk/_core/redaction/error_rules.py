"""The rules for the text of an error, in the order in which they are applied."""

from mirastack_sdk._core.redaction.addresses import HOSTS, URLS
from mirastack_sdk._core.redaction.paths import PATHS
from mirastack_sdk._core.redaction.rules import Rule
from mirastack_sdk._core.redaction.secrets import LEFTOVERS, SECRETS

# The order matters: URLs contain paths and hosts, and secrets may be part of URLs.
RULES: tuple[Rule, ...] = (*SECRETS, *URLS, *PATHS, *HOSTS, *LEFTOVERS)
