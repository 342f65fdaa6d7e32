"""A client of a logs backend that speaks LogsQL."""

import json
from typing import Any

import httpx


class LogsClient:
    """Asks the backend; raises `httpx.HTTPError` if it fails."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=30.0)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def lines(self, path: str, **params: str) -> list[dict[str, Any]]:
        """Return the entries of an answer that has one on each line."""
        response = await self._get(path, params)
        return [json.loads(line) for line in response.text.splitlines() if line.strip()]

    async def values(self, path: str, **params: str) -> list[dict[str, Any]]:
        """Return the values that an answer wraps."""
        values: list[dict[str, Any]] = (await self._get(path, params)).json()["values"]
        return values

    async def object(self, path: str, **params: str) -> dict[str, Any]:
        """Return the whole answer."""
        answer: dict[str, Any] = (await self._get(path, params)).json()
        return answer

    async def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        response = await self._http.get(f"/select/logsql/{path}", params=params)
        response.raise_for_status()
        return response
