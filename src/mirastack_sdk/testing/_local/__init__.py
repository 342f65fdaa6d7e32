"""The local engine: a gRPC server on 127.0.0.1 that behaves as a real engine does.

`LocalEngine` is the facade. A call of an agent passes `CallChecks`, which refuses what a real
engine refuses and applies the faults that a test has ordered, and reaches `LocalEngineService`,
which responds from the script. The registry dials agents back and keeps the connections to them;
the journal records what arrived and wakes tests that wait for it.

What a test can see or script belongs to the facade. What the mock engine does as well lives in
`mirastack_sdk.testing`, outside this package.
"""
