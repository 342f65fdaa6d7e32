"""A client of a Prometheus-compatible backend."""

from typing import Any

import httpx


class MetricsClient:
    """Asks the backend; raises `httpx.HTTPError` if it fails."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=30.0)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: str | list[str]) -> dict[str, Any]:
        """Return the whole answer."""
        response = await self._http.get(f"/api/v1/{path}", params=params)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    async def get_list(self, path: str) -> list[str]:
        """Return the list that an answer wraps."""
        values: list[str] = (await self.get(path))["data"]
        return values
