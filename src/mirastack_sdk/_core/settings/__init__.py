"""The settings of an agent's process, parsed from the environment.

The environment comes in as a mapping, once, at the start; a frozen `Settings` goes out, or one
`ConfigurationError` that names every invalid variable. Each variable is defined once, with its
meaning and default, and docs/settings.md is tested against these definitions. The security
options that authors pass to `serve()` are defined here too, and checked by the same rules.

Nothing here reads `os.environ` or opens the files that settings name. Config, which operators set
in the engine, is not a setting.
"""
