"""The agent's config: values that operators set, as an object of the author's class.

A config class goes in, a dataclass or a pydantic model. `config_fields` turns its fields into the
config parameters of the agent's declaration. `config_loading` converts what the engine has pushed,
then environment variables, then defaults into an object of the class, or into one sentence for
each error. `current_config` holds the current object and decides whether a push changes anything.

Settings of the process, such as ports and timeouts, are in `_core.settings`. What a new config
opens, swaps and closes is decided in `run`.
"""
