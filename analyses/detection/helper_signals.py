"""The table of what tells apart those who help: friends, the lured, workers, and crews.

Each question has a few answers, and for each kind of helper the share of those that
are expected to answer so. How many one has helped decides nothing by itself: a friendly
person may help a dozen in a year. What counts is how those ended who were helped, by a
lower confidence bound, that they were strangers and far away, races for one code,
refusals inside the quota, gatherings of strangers, and borrowed devices.
"""

from dataclasses import dataclass

ROLES = (
    "bystander",
    "lured_helper",
    "platform_worker",
    "owned_helper",
    "operator",
)
"""What a helper can be; a bystander helped for reasons of his own."""

PRIOR = (0.92, 0.04, 0.025, 0.012, 0.003)
"""Shares of the roles among all helpers before any data."""


@dataclass(frozen=True)
class HelperAnswer:
    """One answer: its code, what it says, and its share for each role of `ROLES`."""

    code: str
    sentence: str
    shares: tuple[float, ...]


@dataclass(frozen=True)
class HelperSignal:
    """One question about a helper, and SQL for the number of its answer.

    `level` is SQL over `helper_facts`, one row a helper (`helper_roles` makes it).
    """

    code: str
    family: str
    question: str
    level: str
    answers: tuple[HelperAnswer, ...]
    for_: str
    against: str


def _signal(
    code: str,
    family: str,
    question: str,
    level: str,
    for_: str,
    against: str,
    *answers: tuple[str, str, tuple[float, ...]],
) -> HelperSignal:
    return HelperSignal(
        code,
        family,
        question,
        level,
        tuple(HelperAnswer(*answer) for answer in answers),
        for_,
        against,
    )


_ALL = (
    _signal(
        "helped_strangers",
        "ties",
        "Did it have ties to those it helped?",
        "CASE WHEN tied IS NULL THEN -1 WHEN tied = attempts THEN 0 "
        "WHEN tied > 0 THEN 1 ELSE 2 END",
        "helped strangers only",
        "helped accounts that it knows",
        (
            "helped_own_ties",
            "helped only accounts that it knows",
            (0.74, 0.03, 0.01, 0.02, 0.01),
        ),
        (
            "helped_some_ties",
            "helped strangers and some that it knows",
            (0.06, 0.02, 0.04, 0.03, 0.02),
        ),
        (
            "helped_only_strangers",
            "helped only strangers",
            (0.20, 0.95, 0.95, 0.95, 0.97),
        ),
    ),
    _signal(
        "endings",
        "endings",
        "How do the accounts stand that it helped?",
        "CASE WHEN judged = 0 THEN -1 WHEN bad * 5 < judged THEN 0 "
        "WHEN bad * 5 < judged * 3 THEN 1 ELSE 2 END",
        "those it helped look batch-registered",
        "those it helped look innocent",
        (
            "innocent_endings",
            "those it helped look innocent",
            (0.97, 0.12, 0.03, 0.15, 0.08),
        ),
        (
            "mixed_endings",
            "some of those it helped look batch-registered",
            (0.02, 0.13, 0.07, 0.15, 0.12),
        ),
        (
            "bad_endings",
            "those it helped look batch-registered",
            (0.01, 0.75, 0.90, 0.70, 0.80),
        ),
    ),
    _signal(
        "repetition",
        "repetition",
        "Does it help again and again, and how surely do those it helps end badly?",
        "CASE WHEN attempts < 2 THEN 0 WHEN bound < 0.3 THEN 1 ELSE 2 END",
        "helped again and again, and surely with bad ends",
        "did not help again and again with bad ends",
        ("helped_once", "helped once", (0.88, 0.95, 0.20, 0.60, 0.30)),
        (
            "helped_often",
            "helped more than once, no bad end proven",
            (0.118, 0.035, 0.20, 0.15, 0.20),
        ),
        (
            "helped_bad_often",
            "helped more than once, and surely with bad ends",
            (0.002, 0.015, 0.60, 0.25, 0.50),
        ),
    ),
    _signal(
        "quota",
        "repetition",
        "Was it refused for helping again too soon?",
        "CASE WHEN refused > 0 THEN 1 ELSE 0 END",
        "was refused for helping again too soon",
        "was never refused for helping too often",
        (
            "within_quota",
            "was never refused for helping too soon",
            (0.97, 0.97, 0.60, 0.80, 0.80),
        ),
        ("over_quota", "was refused inside the quota", (0.03, 0.03, 0.40, 0.20, 0.20)),
    ),
    _signal(
        "races",
        "races",
        "Did it race other strangers for one code?",
        "CASE WHEN codes = 0 THEN -1 WHEN races > 0 THEN 1 ELSE 0 END",
        "raced other strangers for a code",
        "was alone with every code it scanned",
        ("no_race", "was alone with every code", (0.985, 0.985, 0.15, 0.97, 0.97)),
        ("raced", "raced others for a code", (0.015, 0.015, 0.85, 0.03, 0.03)),
    ),
    _signal(
        "gatherings",
        "place",
        "How often did it scan relayed codes at a gathering of strangers?",
        "CASE WHEN placed = 0 THEN -1 WHEN relayed = 0 THEN 0 "
        "WHEN relayed = 1 THEN 1 ELSE 2 END",
        "scanned relayed codes at gatherings of strangers, again and again",
        "was at no gathering at which codes were relayed",
        (
            "no_gathering",
            "was at no gathering with relayed codes",
            (0.985, 0.15, 0.97, 0.95, 0.08),
        ),
        (
            "one_scan_there",
            "scanned a relayed code at a gathering, once",
            (0.0145, 0.82, 0.025, 0.045, 0.07),
        ),
        (
            "many_scans_there",
            "scanned relayed codes at gatherings, twice or more",
            (0.0005, 0.03, 0.005, 0.005, 0.85),
        ),
    ),
    _signal(
        "helping_device",
        "device",
        "Do several helpers use its device?",
        "CASE WHEN device_helpers IS NULL THEN -1 WHEN device_helpers >= 3 THEN 2 "
        "WHEN device_helpers = 2 THEN 1 ELSE 0 END",
        "shares its device with other helpers",
        "has a device of its own",
        (
            "own_helping_device",
            "has a device of its own",
            (0.97, 0.96, 0.80, 0.12, 0.70),
        ),
        (
            "shared_helping_device",
            "shares its device with one helper",
            (0.025, 0.03, 0.15, 0.13, 0.20),
        ),
        (
            "pooled_helping_device",
            "shares its device with two helpers or more",
            (0.005, 0.01, 0.05, 0.75, 0.10),
        ),
    ),
    _signal(
        "channel",
        "channel",
        "Did it help without a code, by phone number?",
        "CASE WHEN channels = 0 THEN -1 WHEN by_number > 0 THEN 1 ELSE 0 END",
        "helped by phone number, without a code",
        "helped by scanning codes",
        ("by_code", "helped only by scanning codes", (0.85, 0.98, 0.85, 0.60, 0.97)),
        (
            "by_number",
            "helped by phone number, without a code",
            (0.15, 0.02, 0.15, 0.40, 0.03),
        ),
    ),
    _signal(
        "presence",
        "place",
        "Was it where the helped one registered?",
        "CASE WHEN located = 0 THEN -1 WHEN together > 0 THEN 1 ELSE 0 END",
        "was never where those it helped registered",
        "was where those it helped registered",
        ("absent", "was on another network", (0.70, 0.98, 0.98, 0.80, 0.97)),
        ("present", "was on the same network", (0.30, 0.02, 0.02, 0.20, 0.03)),
    ),
)

HELPER_SIGNALS: dict[str, HelperSignal] = {signal.code: signal for signal in _ALL}
"""The helper signals by code, in the order in which the table is printed."""
