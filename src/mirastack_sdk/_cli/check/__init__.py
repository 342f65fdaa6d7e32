"""`mirastack-agent check`: what is wrong with an agent, and what changed since a baseline.

In comes a target; out come findings in an order that is always the same, as text or as JSON.
"""
