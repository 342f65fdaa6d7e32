"""What a running Prometheus answers."""

import json
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.e2e.scraped import TIMEOUT


def values_of(prometheus: str, query: str) -> list[str]:
    """The values that a query has now, of all series."""
    url = f"{prometheus}/api/v1/query?{urlencode({'query': query})}"
    with urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310 - the test's own Prometheus
        data = json.loads(response.read())["data"]
    return [str(series["value"][1]) for series in data["result"]]
