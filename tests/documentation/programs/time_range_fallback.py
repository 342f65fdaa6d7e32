from mirastack_sdk.plugin import ExecuteResponse

from mirastack_sdk.datetimeutils import format_epoch_seconds
from mirastack_sdk.plugin import TimeRange


class Queries:
    async def _action_range_query(self, params: dict, tr: TimeRange | None) -> ExecuteResponse:
        if tr and tr.start_epoch_ms > 0:
            start = format_epoch_seconds(tr.start_epoch_ms)
            end = format_epoch_seconds(tr.end_epoch_ms)
        else:
            # Fallback for direct API calls without a TimeRange
            start = params.get("start")
            end = params.get("end")
        # use start, end to call your backend
        return ExecuteResponse(output={"result": f"{start} {end}"})
