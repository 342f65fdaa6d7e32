"""The two methods with streams: their paths, and the text of each message."""

SERVICE = "benchmark.Streams"
SEND = f"/{SERVICE}/Send"
COLLECT = f"/{SERVICE}/Collect"
TEXT = "a small message, as a model's answer or a log has many of them"
