"""Typed actions: agents whose actions are ordinary typed Python functions.

An author's function goes in. Its signature and docstring become the action's declaration
(`signature`, `types`); a request's text parameters become its arguments (`convert`); its return
value becomes a JSON result of limited size (`result`). `config` does the same for the agent's
config, and `run` calls the functions and keeps the resources that they share.

`typed_agent` and `typed_plugin` are the two ways to write such an agent. Both are plugins like any
other, so the runtime knows nothing about typed actions. All declaration errors are collected and
reported together before the agent serves; errors of parameters are reported back to the model.

Only this package imports pydantic, and an agent without typed actions never imports this package.
The contract's messages and everything about the network are in other packages.
"""
