"""The words of a world: nicknames, handsets, and the versions of the app."""

import numpy as np

from loaders.simulator.geography import Floats, Ints

_SURNAMES = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
_GIVEN: tuple[str, ...] = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
)
_GIVEN += ("涛", "明", "超", "秀英", "霞", "平", "刚", "桂英", "小红", "梓涵", "浩然")
_WORDS: tuple[str, ...] = (
    "sunny",
    "happy",
    "lucky",
    "moon",
    "阳光",
    "清风",
    "往事随风",
    "小橙子",
)
_WORDS += (
    "等待",
    "一帆风顺",
    "北极星",
    "Amy",
    "Kevin",
    "leo",
    "coco",
    "云淡风轻",
    "花开",
)
_WORDS += (
    "岁月静好",
    "阿杰",
    "小鱼",
    "大海",
    "晨曦",
    "知足常乐",
    "star",
    "rain",
    "cat",
)
_WORDS += ("用户", "momo", "追梦人", "平安", "A", "小丸子", "老王", "静待花开", "Lucy")
_TAILS: tuple[str, ...] = (
    "🌹",
    "☀",
    "🍀",
    "~",
    "_",
    ".",
    "呀",
    "哥",
    "姐",
    "同学",
    "妈妈",
    "爸爸",
)
_FOREIGN: tuple[str, ...] = (
    "Nguyen",
    "Aung",
    "Ivan",
    "Ali",
    "Chidi",
    "Pierre",
    "Min-jun",
    "Olga",
)
_FOREIGN += ("Fatima", "Linh", "Thiri", "Dmitri", "Emeka", "Camille", "Seo-yeon")
# What people, and not only they, write to see what happens.
_HOSTILE: tuple[str, ...] = (
    '=HYPERLINK("http://x","x")',
    "'; DROP TABLE accounts;--",
    "<b>hi</b>",
)
_HOSTILE += ('a"b,c', "line\nbreak", "\u202eevil", "NULL", "-1", "@SUM(1)", "\u200b")

VOCABULARY: tuple[str, ...] = (
    ("",)
    + _SURNAMES
    + _GIVEN
    + _WORDS
    + _TAILS
    + _FOREIGN
    + _HOSTILE
    + ("test", "qa", "小号")
    + tuple(str(number) for number in range(10_000))
)
"""All parts of nicknames; a nickname is three of them, one after another."""


def _span(words: tuple[str, ...]) -> tuple[int, int]:
    first = VOCABULARY.index(words[0])
    return first, first + len(words)


_DIGITS = VOCABULARY.index("0")
TEST_WORDS = tuple(VOCABULARY.index(word) for word in ("test", "qa", "小号"))


def _one(rng: np.random.Generator, words: tuple[str, ...], count: int) -> Ints:
    return rng.integers(*_span(words), size=count)


def digits(rng: np.random.Generator, count: int) -> Ints:
    """Draw numbers as people append them: two to four digits, often a year."""
    kind = rng.random(count)
    number = np.where(
        kind < 0.3, rng.integers(1960, 2015, count), rng.integers(0, 10_000, count)
    )
    return _DIGITS + np.where(kind > 0.7, number % 100, number)


def nicknames(rng: np.random.Generator, count: int) -> Ints:
    """Draw ordinary nicknames, as three columns of vocabulary numbers."""
    shape = rng.random(count)
    parts = np.zeros((count, 3), dtype=np.int64)
    given = shape < 0.35
    parts[:, 0] = np.where(given, _one(rng, _SURNAMES, count), _one(rng, _WORDS, count))
    parts[:, 1] = np.where(given, _one(rng, _GIVEN, count), 0)
    numbered = (shape >= 0.35) & (shape < 0.62) | (shape < 0.06)
    parts[:, 2] = np.where(numbered, digits(rng, count), 0)
    tailed = (shape >= 0.62) & (shape < 0.85)
    parts[:, 2] = np.where(tailed, _one(rng, _TAILS, count), parts[:, 2])
    double = shape > 0.93
    parts[:, 1] = np.where(double, _one(rng, _WORDS, count), parts[:, 1])
    odd = rng.random(count) < 0.0005
    parts[:, 0] = np.where(odd, _one(rng, _HOSTILE, count), parts[:, 0])
    return parts


def patterned_nicknames(rng: np.random.Generator, count: int, words: int) -> Ints:
    """Draw a script's nicknames: one of a few words and a number."""
    parts = np.zeros((count, 3), dtype=np.int64)
    parts[:, 0] = rng.choice(rng.integers(*_span(_WORDS), size=words), count)
    parts[:, 2] = digits(rng, count)
    return parts


def foreign_nicknames(rng: np.random.Generator, count: int) -> Ints:
    """Draw the nicknames of foreigners."""
    parts = np.zeros((count, 3), dtype=np.int64)
    parts[:, 0] = _one(rng, _FOREIGN, count)
    parts[:, 2] = np.where(rng.random(count) < 0.5, digits(rng, count), 0)
    return parts


MODELS: tuple[tuple[str, str, float, int], ...] = tuple(
    (f"{maker}{series}{suffix}", system, weight / (1 + 0.35 * age), age)
    for maker, system, weight, serieses in (
        ("iPhone ", "iOS", 9.0, ("17", "16", "15", "14", "13", "12", "11")),
        ("HUAWEI ", "Android", 7.0, ("P70", "nova 13", "P60", "nova 11", "Y9", "P30")),
        ("Redmi ", "Android", 6.0, ("K80", "Note 14", "Note 12", "K50", "9A", "7")),
        ("vivo ", "Android", 5.0, ("X200", "S20", "Y200", "S16", "Y50", "Y3")),
        ("OPPO ", "Android", 5.0, ("Find X8", "Reno 13", "A3", "Reno 8", "A52", "R17")),
        ("HONOR ", "Android", 4.0, ("400", "X60", "90", "X40", "50", "8X")),
    )
    for age, series in enumerate(serieses)
    for suffix in ("", " Pro")
)
"""Handsets: name, system, weight, and age in generations."""

MODEL_AGE: Ints = np.array([model[3] for model in MODELS], dtype=np.int64)
MODEL_IOS = np.array([model[1] == "iOS" for model in MODELS])
_MODEL_SHARE = np.cumsum([model[2] for model in MODELS])

ANDROID, IOS = 16, 26
SYSTEMS = tuple(f"Android {n}" for n in range(ANDROID + 1)) + tuple(
    f"iOS {n}" for n in range(IOS + 1)
)


def models(rng: np.random.Generator, count: int) -> Ints:
    """Draw handsets as the market has them."""
    place = rng.random(count) * _MODEL_SHARE[-1]
    drawn: Ints = np.searchsorted(_MODEL_SHARE, place).astype(np.int64)
    return drawn


def systems(rng: np.random.Generator, model: Ints) -> Ints:
    """Draw the system's version of a handset: older ones have had some updates."""
    behind = np.floor(MODEL_AGE[model] * rng.random(len(model))).astype(np.int64)
    behind += rng.random(len(model)) < 0.35
    newest: Ints = np.where(MODEL_IOS[model], ANDROID + 1 + IOS, ANDROID)
    newest -= behind
    return newest


_DAYS_A_VERSION = 18
VERSIONS = tuple(
    f"{6 + number // 60}.{number % 60 // 10}.{number % 10 * 3}" for number in range(240)
)


def app_versions(registered_at: Ints, days_behind: Floats) -> Ints:
    """Return the version in use at a time by who is so many days behind."""
    day = registered_at / 86400.0 - days_behind - 16_400
    found: Ints = np.clip(day / _DAYS_A_VERSION, 0, len(VERSIONS) - 1).astype(np.int64)
    return found
