from mirastack_sdk.datetimeutils import (
    format_epoch_seconds,
    format_epoch_millis,
    format_epoch_micros,
    format_rfc3339,
    format_lookback_millis,
    format_in_timezone,
    now_utc_ms,
)
