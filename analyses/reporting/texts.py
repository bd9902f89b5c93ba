"""Every text that a person reads, in English or Chinese, from one catalogue.

The English text is the key, so that code reads as it prints; `texts.toml` has the
Chinese beside it. A key may have places, as in `risk {risk}: {needed} is needed`. They
are filled in by `texts(key, risk=…)`, and they are also recognised in a sentence that
is finished already, as the evidence of a run has them. What stands at a place named
`said` is a text of the catalogue itself.

>>> chinese = Texts("zh")
>>> chinese("registration farm")
'批量注册团伙'
>>> chinese("risk 0.41: 0.50 is needed")
'风险 0.41：需要 0.50'
>>> chinese("a text that nobody has translated")
'a text that nobody has translated'
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from graph.errors import InputError, did_you_mean

RECOGNISED = ("what_is_lacking", "decided", "faults_and_errors")
"""The sections whose texts are recognised in sentences that are finished already."""

LANGUAGES = {"en": "English", "zh": "中文"}
"""The languages by their code, each by its own name."""


@dataclass(frozen=True)
class Texts:
    """The texts of one language; call it with an English text."""

    language: str = "en"

    def __call__(self, english: str, **values: object) -> str:
        """Return the text in this language with its places filled in.

        What the catalogue does not have is returned as it is.
        """
        if self.language == "en":
            said = english
        else:
            known = catalogue()
            said = known.get(english) or self._finished(english)
        return said.format_map(values) if values else said

    def _finished(self, sentence: str) -> str:
        for pattern, translated in _patterns():
            found = pattern.fullmatch(sentence)
            if found:
                places = found.groupdict()
                if "said" in places:
                    places["said"] = self(places["said"])
                return translated.format_map(places)
        return sentence


ENGLISH = Texts("en")


def texts_in(language: str) -> Texts:
    """Return the texts of a language; InputError when there is no such language."""
    if language not in LANGUAGES:
        raise InputError(
            f"there are no texts in {language!r}: give one of "
            f"{', '.join(LANGUAGES)}{did_you_mean(language, LANGUAGES)}"
        )
    return Texts(language)


@cache
def catalogue() -> dict[str, str]:
    """Return the Chinese text of each English one."""
    return {
        english: chinese
        for section in _sections().values()
        for english, chinese in section.items()
    }


@cache
def _sections() -> dict[str, dict[str, str]]:
    sources = [files("analyses.reporting").joinpath("texts.toml")]
    # A network brings its own texts beside its file.
    networks = files("analyses.networks").iterdir()
    sources += [path for path in networks if path.name.endswith(".toml")]
    sections: dict[str, dict[str, str]] = {}
    for source in sorted(sources, key=lambda path: path.name):
        for name, texts in tomllib.loads(source.read_text(encoding="utf-8")).items():
            sections.setdefault(name, {}).update(texts)
    return sections


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return the texts with places as patterns, the most literal first."""
    patterns = []
    recognised = [_sections()[name].items() for name in RECOGNISED]
    for english, chinese in chain.from_iterable(recognised):
        parts = re.split(r"\{(\w+)\}", english)
        if len(parts) == 1:
            continue
        names = [
            f"(?P<{part}>.+?)" if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        ]
        literal = len("".join(parts[::2]))
        patterns.append((literal, english, re.compile("".join(names)), chinese))
    patterns.sort(key=lambda entry: (-entry[0], entry[1]))
    return [(pattern, chinese) for _, _, pattern, chinese in patterns]
