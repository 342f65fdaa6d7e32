"""A client of a traces backend with the API of Jaeger."""

from typing import Any

import httpx


class TracesClient:
    """Asks the backend; raises `httpx.HTTPError` if it fails."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=30.0)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def data(self, path: str, params: dict[str, str] | None = None) -> list[Any]:
        """Return the data that an answer wraps."""
        response = await self._http.get(f"/api/{path}", params=params)
        response.raise_for_status()
        data: list[Any] = response.json()["data"]
        return data
