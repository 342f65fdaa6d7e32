"""The standard suite: what every agent should do, as tests that an author inherits.

`AgentSuite` is the class, with one short test method for each check. The checks are functions that
call an agent through an `AgentTrial` and return what they found wrong, as sentences.
`check_failures` turns these into an error that says what was expected and how to fix it.
"""
