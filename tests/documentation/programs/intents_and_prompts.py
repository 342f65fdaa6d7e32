from mirastack_sdk.plugin import IntentPattern
from mirastack_sdk.plugin import PromptTemplate

INTENT_PATTERNS = [
    IntentPattern(pattern="query metrics for *", action="range_query"),
    IntentPattern(pattern="what are the error rates for *", action="range_query"),
]

PROMPT_TEMPLATES = [
    PromptTemplate(
        name="metrics_analysis",
        content=(
            "You are analyzing metrics data for . "
            "The data shows: . "
            "Identify anomalies, trends, and potential root causes."
        ),
    )
]
