"""The files from which config is read: `NAME_FILE` names one with the value of `NAME`."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mirastack_sdk._actions.config.config_fields import ConfigPlan
from mirastack_sdk._core.settings.variable import file_name, set_twice
from mirastack_sdk._files.named_file import NamedFile, read_secret
from mirastack_sdk._files.reloaded_files import ReloadedFiles
from mirastack_sdk.errors import ConfigurationError

_NOTHING: Mapping[str, str] = MappingProxyType({})


class ConfigFiles:
    """The files that `environ` names for the variables of a config class.

    `errors` are about files that cannot be read, and about variables that are set beside their
    file, one sentence each. A file that cannot be read later keeps its previous content.
    """

    def __init__(self, plan: ConfigPlan, environ: Mapping[str, str] = _NOTHING) -> None:
        self._files: dict[str, ReloadedFiles[str]] = {}
        errors: list[str] = []
        for variable in _variables(plan):
            errors += set_twice(variable, environ)
            path = environ.get(file_name(variable), "").strip()
            if path:
                try:
                    self._files[variable] = _reloaded(NamedFile(file_name(variable), path))
                except ConfigurationError as error:
                    errors.append(str(error))
        self.errors = tuple(errors)

    @property
    def are_named(self) -> bool:
        """Whether there are any."""
        return bool(self._files)

    def current(self) -> Mapping[str, str]:
        """The content of the files as they are now, by variable."""
        return {variable: file.current() for variable, file in self._files.items()}


def _variables(plan: ConfigPlan) -> Iterator[str]:
    """The variables of the fields, without those whose file is the variable of another field."""
    variables = dict.fromkeys(field.variable for field in plan.fields.values() if field.variable)
    return (variable for variable in variables if file_name(variable) not in variables)


def _reloaded(file: NamedFile) -> ReloadedFiles[str]:
    return ReloadedFiles([file.path], lambda: read_secret(file))
