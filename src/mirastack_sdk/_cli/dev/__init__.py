"""The command `dev`: a local engine that stays, and an agent that is restarted when it is edited.

`dev_session` owns everything. The agent is a process of its own, `agent_child`, which
`child_process` starts and stops; it ends with its parent, however that ends. `source_watcher` finds
out what has changed, and `dev_terminal` prints what happens and asks for approvals.
"""
