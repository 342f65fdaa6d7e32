"""The words of names and descriptions."""

import re

# What the SDK adds to the description of a typed parameter.
_FORMAT = re.compile(r"(?:^|\s)Format: .*", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(("a", "an", "and", "for", "in", "is", "it", "of", "on", "or", "the", "this"))


def own_words(description: str) -> str:
    """A description without what was derived from the type of a parameter."""
    return _FORMAT.sub("", description).strip()


def words_of(text: str) -> list[str]:
    """The words of a text or of a name in snake_case, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def repeats_name(name: str, description: str) -> bool:
    """Whether a description says nothing but the words of the name."""
    known = {stem(word) for word in words_of(name)}
    said = {stem(word) for word in words_of(description)} - _FILLERS
    return bool(said) and said <= known


def stem(word: str) -> str:
    """A verb or noun without the ending of "restarts", "applies" or "watches"."""
    if word.endswith("ies") and len(word) > len("ties"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
