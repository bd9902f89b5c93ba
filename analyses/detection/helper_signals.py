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

MANNERS = (*ROLES, "lured_unseen")
"""The columns of the table: a lured helper may have been seen at a stall or not.

Where a scan's place is missing the stall is not seen, and all that is left is one help
of a far stranger whose community is otherwise helped at stalls.
"""

ROLE_OF_MANNER = (0, 1, 2, 3, 4, 1)
"""The position in `ROLES` of each of `MANNERS`."""

PRIOR = (0.92, 0.035, 0.025, 0.012, 0.003, 0.005)
"""Shares of the manners among all helpers before any data."""


@dataclass(frozen=True)
class HelperAnswer:
    """One answer: its code, what it says, and its share for each of `MANNERS`."""

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
        "CASE WHEN tied IS NULL THEN -1 WHEN tied = own THEN 0 "
        "WHEN tied > 0 THEN 1 ELSE 2 END",
        "helped strangers only",
        "helped accounts that it knows",
        (
            "helped_own_ties",
            "helped only accounts that it knows",
            (0.60, 0.60, 0.02, 0.07, 0.03, 0.06),
        ),
        (
            "helped_some_ties",
            "helped strangers and some that it knows",
            (0.08, 0.10, 0.06, 0.07, 0.05, 0.02),
        ),
        (
            "helped_only_strangers",
            "helped only strangers",
            (0.32, 0.30, 0.92, 0.86, 0.92, 0.92),
        ),
    ),
    _signal(
        "endings",
        "endings",
        "How do the accounts stand that it helped?",
        "CASE WHEN own_judged = 0 THEN -1 WHEN own_bad < 0.2 * own_judged THEN 0 "
        "WHEN own_bad < 0.6 * own_judged THEN 1 ELSE 2 END",
        "those it helped look batch-registered",
        "those it helped look innocent",
        (
            "innocent_endings",
            "those it helped look innocent",
            (0.990, 0.94, 0.05, 0.24, 0.16, 0.18),
        ),
        (
            "mixed_endings",
            "some of those it helped look batch-registered",
            (0.007, 0.03, 0.10, 0.12, 0.10, 0.12),
        ),
        (
            "bad_endings",
            "those it helped look batch-registered",
            (0.003, 0.03, 0.85, 0.64, 0.74, 0.70),
        ),
    ),
    _signal(
        "repetition",
        "repetition",
        "Does it help again and again, and how surely do those it helps end badly?",
        "CASE WHEN own = 0 THEN -1 WHEN own < 2 THEN 0 "
        "WHEN own_bound < 0.3 THEN 1 ELSE 2 END",
        "helped again and again, and surely with bad ends",
        "did not help again and again with bad ends",
        ("helped_once", "helped once", (0.88, 0.90, 0.20, 0.60, 0.60, 0.97)),
        (
            "helped_often",
            "helped more than once, no bad end proven",
            (0.118, 0.095, 0.20, 0.15, 0.20, 0.02),
        ),
        (
            "helped_bad_often",
            "helped more than once, and surely with bad ends",
            (0.002, 0.005, 0.60, 0.25, 0.20, 0.01),
        ),
    ),
    _signal(
        "quota",
        "repetition",
        "Was it refused for helping again too soon?",
        "CASE WHEN own = 0 THEN -1 WHEN refused > 0 THEN 1 ELSE 0 END",
        "was refused for helping again too soon",
        "was never refused for helping too often",
        (
            "within_quota",
            "was never refused for helping too soon",
            (0.97, 0.97, 0.60, 0.80, 0.80, 0.97),
        ),
        (
            "over_quota",
            "was refused inside the quota",
            (0.03, 0.03, 0.40, 0.20, 0.20, 0.03),
        ),
    ),
    _signal(
        "races",
        "races",
        "Did it race other strangers for one code?",
        "CASE WHEN races > 0 THEN 1 WHEN codes = 0 THEN -1 ELSE 0 END",
        "raced other strangers for a code",
        "was alone with every code it scanned",
        (
            "no_race",
            "was alone with every code",
            (0.985, 0.985, 0.15, 0.97, 0.97, 0.985),
        ),
        ("raced", "raced others for a code", (0.015, 0.015, 0.85, 0.03, 0.03, 0.015)),
    ),
    _signal(
        "gatherings",
        "place",
        "At how many stalls did it scan relayed codes?",
        "CASE WHEN sessions < 4 THEN sessions ELSE 4 END",
        "scanned relayed codes at stalls, on several days",
        "was at no stall at which codes were relayed",
        (
            "no_gathering",
            "was at no stall with relayed codes",
            (0.9996, 0.01, 0.97, 0.97, 0.03, 0.995),
        ),
        (
            "one_scan_there",
            "scanned relayed codes at one stall, one day",
            (0.0003, 0.885, 0.027, 0.027, 0.27, 0.004),
        ),
        (
            "scans_at_two",
            "scanned relayed codes at two stalls",
            (0.00009, 0.085, 0.0027, 0.0027, 0.22, 0.0009),
        ),
        (
            "scans_at_three",
            "scanned relayed codes at three stalls",
            (0.00001, 0.015, 0.0003, 0.0003, 0.16, 0.0001),
        ),
        (
            "many_scans_there",
            "scanned relayed codes at four stalls or more",
            (0.000002, 0.005, 0.00005, 0.00005, 0.32, 0.00002),
        ),
    ),
    _signal(
        "unplaced",
        "place",
        "Is it known where it scanned, stalls aside?",
        "CASE WHEN own = 0 THEN -1 WHEN own_placed < own THEN 1 ELSE 0 END",
        "where it helped is not known, so that a stall would not be seen",
        "where it helped is known",
        (
            "place_known",
            "it is known where it helped",
            (0.62, 0.60, 0.60, 0.45, 0.60, 0.15),
        ),
        (
            "place_unknown",
            "where it helped is not known",
            (0.38, 0.40, 0.40, 0.55, 0.40, 0.85),
        ),
    ),
    _signal(
        "code_tests",
        "place",
        "Did others at the stall let in an account that it let in, too?",
        "CASE WHEN let_in_there = 0 THEN -1 WHEN tests > 0 THEN 1 ELSE 0 END",
        "let in an account, at the stall, that somebody else there let in, too",
        "let in nobody at the stall whom others there let in, too",
        (
            "alone_with_it",
            "nobody else there let in those it let in",
            (0.97, 0.97, 0.97, 0.97, 0.55, 0.97),
        ),
        (
            "tested",
            "somebody else there let in an account that it let in",
            (0.03, 0.03, 0.03, 0.03, 0.45, 0.03),
        ),
    ),
    _signal(
        "stall_login",
        "conduct",
        "Did it log in at the stall, on its network, in the hour of its scan there?",
        "CASE WHEN sessions = 0 OR NOT EXISTS (SELECT 1 FROM logins) THEN -1 "
        "WHEN logins_there > 0 THEN 1 ELSE 0 END",
        "logged in at the stall, as who uses several accounts there",
        "did not log in at the stall",
        (
            "no_login_there",
            "did not log in at the stall",
            (0.99, 0.97, 0.99, 0.99, 0.60, 0.99),
        ),
        (
            "login_there",
            "logged in at the stall, within the hour",
            (0.01, 0.03, 0.01, 0.01, 0.40, 0.01),
        ),
    ),
    _signal(
        "helping_device",
        "device",
        "Who else uses its device?",
        "CASE WHEN company IS NULL OR own = 0 THEN -1 WHEN company = 3 THEN 4 "
        "WHEN company = 2 THEN 3 WHEN company = 1 AND device_helpers >= 3 THEN 2 "
        "WHEN company = 1 THEN 1 ELSE 0 END",
        "shares its device with other helpers, or with a farm's accounts",
        "has a device of its own",
        (
            "own_helping_device",
            "has a device of its own",
            (0.950, 0.950, 0.78, 0.36, 0.70, 0.950),
        ),
        (
            "shared_helping_device",
            "shares its device with one helper",
            (0.035, 0.035, 0.08, 0.07, 0.12, 0.035),
        ),
        (
            "pooled_helping_device",
            "shares its device with two helpers or more",
            (0.008, 0.008, 0.02, 0.12, 0.05, 0.008),
        ),
        (
            "device_of_bad_helpers",
            "shares its device with helpers of accounts that look batch-registered",
            (0.004, 0.004, 0.10, 0.30, 0.08, 0.004),
        ),
        (
            "device_of_a_farm",
            "shares its device with accounts that look batch-registered",
            (0.003, 0.003, 0.02, 0.15, 0.05, 0.003),
        ),
    ),
    _signal(
        "distance",
        "distance",
        "How far was it from those it helped?",
        "CASE WHEN placed_apart = 0 THEN -1 ELSE apart END",
        "was far from those it helped",
        "was near those it helped",
        ("near", "was where they are", (0.62, 0.60, 0.04, 0.10, 0.10, 0.06)),
        (
            "same_region",
            "names the same region as they",
            (0.20, 0.20, 0.02, 0.03, 0.05, 0.03),
        ),
        (
            "other_region",
            "names another region than they",
            (0.11, 0.12, 0.34, 0.40, 0.35, 0.55),
        ),
        (
            "far",
            "was far from all of them",
            (0.07, 0.08, 0.60, 0.47, 0.50, 0.36),
        ),
    ),
    _signal(
        "service",
        "company",
        "Are those it helped, two or more, of one community?",
        "CASE WHEN own_judged < 2 THEN -1 WHEN own_teams > 1 THEN 0 "
        "WHEN apart >= 2 THEN 2 ELSE 1 END",
        "served one community, from afar",
        "helped accounts that have nothing else in common, or are where it is",
        (
            "many_communities",
            "those it helped have nothing else in common",
            (0.80, 0.80, 0.75, 0.25, 0.40, 0.60),
        ),
        (
            "one_community_near",
            "all it helped are of one community, where it is itself",
            (0.16, 0.16, 0.03, 0.13, 0.10, 0.05),
        ),
        (
            "one_community_afar",
            "all it helped are of one community, far from it",
            (0.04, 0.04, 0.22, 0.62, 0.50, 0.35),
        ),
    ),
    _signal(
        "company",
        "company",
        "If those it helped are in doubt: who else helped their community?",
        "CASE WHEN route IS NULL OR own_bad < 0.2 * own_judged THEN -1 ELSE route END",
        "those it helped are of a community that strangers help",
        "those it helped are of a community helped by people who are there",
        (
            "helped_by_neighbours",
            "mostly people who know them or were near",
            (0.39, 0.33, 0.12, 0.15, 0.10, 0.10),
        ),
        (
            "helped_at_stalls",
            "mostly passers-by at stalls",
            (0.29, 0.37, 0.25, 0.40, 0.75, 0.76),
        ),
        (
            "helped_by_racers",
            "mostly strangers who raced for its codes",
            (0.19, 0.18, 0.48, 0.08, 0.05, 0.05),
        ),
        (
            "helped_from_afar",
            "mostly other strangers who were far",
            (0.13, 0.12, 0.15, 0.37, 0.10, 0.09),
        ),
    ),
    _signal(
        "channel",
        "channel",
        "Did it help without a code, by phone number?",
        "CASE WHEN channels = 0 THEN -1 WHEN by_number > 0 THEN 1 ELSE 0 END",
        "helped by phone number, without a code",
        "helped by scanning codes",
        (
            "by_code",
            "helped only by scanning codes",
            (0.85, 0.85, 0.85, 0.60, 0.90, 0.985),
        ),
        (
            "by_number",
            "helped by phone number, without a code",
            (0.15, 0.15, 0.15, 0.40, 0.10, 0.015),
        ),
    ),
)

BEYOND_PRESENCE = ("stall_login", "helping_device")
"""What tells of an operator more than that it stood at stalls, as the lured do too."""

HELPER_SIGNALS: dict[str, HelperSignal] = {signal.code: signal for signal in _ALL}
"""The helper signals by code, in the order in which the table is printed."""
