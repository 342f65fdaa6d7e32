"""The worker processes in which actions with `run_in="process"` run.

`worker_pool` hands out workers, each a `WorkerProcess` with a process and a pipe of its own, so
that the end of one concerns no other call. The process runs `worker_main`, which takes one call
after the other. `worker_messages` is what crosses the pipe, and `call_pickling` how: a call goes
there with its arguments; log records, progress and partial results come back, and in the end an
`Outcome`, whose result is JSON text of limited size already.

Nothing in `worker_main` may need the agent: it has the author's function, and what it was passed.
"""
