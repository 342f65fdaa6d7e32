"""The programs that serve streams of small messages, which no agent's contract has so far.

Each serves the same two methods: `Send` responds with as many messages as are asked for, and
`Collect` counts those that it receives. The messages are the contract's.
"""
