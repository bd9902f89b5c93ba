"""The table of signals: every rule that scores something, with its weights.

A signal asks one question of an account; the answer is one of a few levels. For each
level stand two shares: how many *collusive* accounts (batch-registered ones) and how
many *innocent* newcomers are expected to answer so. The weight of an answer is the
logarithm to base 2 of their ratio (Fellegi & Sunter 1969): 1 bit doubles the odds.

The innocent shares are replaced by what is measured among established accounts where
the question can be asked of them.
No answer, because a column is missing or null, weighs nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One answer: its code, what it says in words, and the two expected shares."""

    code: str
    sentence: str
    collusive: float
    innocent: float


@dataclass(frozen=True)
class Signal:
    """One question with its possible answers.

    Signals of one `family` see the same thing twice: their sum is capped. `teams_vary`
    and `groups_vary` are the Dirichlet concentrations of collusive teams and innocent
    groups: the smaller, the more one team's share may differ from the average, and the
    less a large team can pile up on it. `measured` tells that the innocent share is
    taken from the established accounts.
    """

    code: str
    family: str
    question: str
    for_: str
    against: str
    levels: tuple[Level, ...]
    teams_vary: float = 2.0
    groups_vary: float = 8.0
    measured: bool = False
    of_communities: bool = True
    of_members: bool = True


def _signal(
    code: str,
    family: str,
    question: str,
    for_: str,
    against: str,
    *levels: tuple[str, str, float, float],
    measured: bool = False,
    of_communities: bool = True,
    of_members: bool = True,
    teams_vary: float = 2.0,
    groups_vary: float = 8.0,
) -> Signal:
    return Signal(
        code,
        family,
        question,
        for_,
        against,
        tuple(Level(*level) for level in levels),
        teams_vary=teams_vary,
        groups_vary=groups_vary,
        measured=measured,
        of_communities=of_communities,
        of_members=of_members,
    )


_ALL = (
    _signal(
        "device_kind",
        "device",
        "Is a device of the account an emulator, or rooted?",
        "registered on an emulator or a rooted device",
        "registered on an ordinary device",
        ("ordinary_device", "an ordinary device", 0.70, 0.97),
        ("altered_device", "an emulator or rooted device", 0.30, 0.03),
        measured=True,
    ),
    _signal(
        "device_sharing",
        "device",
        "How many new accounts were registered on, or logged in from, its device?",
        "shares its device with other new accounts",
        "is the only new account on its device",
        ("own_device", "a device of its own", 0.45, 0.93),
        ("device_of_few", "2 or 3 new accounts on a device", 0.15, 0.05),
        ("device_of_several", "4 to 9 new accounts on a device", 0.20, 0.015),
        ("device_of_many", "10 or more new accounts on a device", 0.20, 0.005),
        of_members=False,
    ),
    _signal(
        "phone_crowd",
        "phone",
        "Are there more new accounts in its phone segment than expected?",
        "its phone number is from a segment with far more new accounts than expected",
        "its phone number is from a segment with no unusual crowd",
        ("usual_segment", "no crowd in its phone segment", 0.50, 0.85),
        ("small_segment_crowd", "a small crowd in its phone segment", 0.20, 0.10),
        ("large_segment_crowd", "a large crowd in its phone segment", 0.30, 0.05),
        of_members=False,
    ),
    _signal(
        "software_age",
        "software",
        "Is its combination of app and system version unusual among newcomers?",
        "runs a combination of app and system version that few newcomers have",
        "runs the versions that most newcomers have",
        ("common_software", "versions that are common among newcomers", 0.65, 0.90),
        ("rare_software", "versions that are rare among newcomers", 0.35, 0.10),
    ),
    _signal(
        "payment",
        "identity",
        "Is payment enabled?",
        "payment is not enabled",
        "payment is enabled",
        ("pays", "payment is enabled", 0.20, 0.60),
        ("no_payment", "payment is not enabled", 0.80, 0.40),
    ),
    _signal(
        "acquaintance",
        "ties",
        "How many accounts does it know?",
        "has no ties to established accounts",
        "has ties to established accounts",
        ("no_tie", "no tie to an established account", 0.85, 0.35),
        ("one_tie", "one tie to an established account", 0.10, 0.30),
        ("many_ties", "several ties to established accounts", 0.05, 0.35),
    ),
    _signal(
        "manner_of_help",
        "help",
        "Who helped it, and how?",
        "was helped by a stranger who was not there",
        "was helped by somebody it knows or who was at the same place",
        ("helped_by_friend", "helped by somebody it is tied to", 0.05, 0.70),
        ("helped_on_site", "helped by a stranger on the same network", 0.05, 0.15),
        ("helped_nearby", "helped by a stranger in the same region", 0.03, 0.05),
        ("helped_by_stranger", "helped by a stranger, place unknown", 0.07, 0.07),
        ("helped_from_afar", "helped by a stranger elsewhere", 0.35, 0.07),
        (
            "helped_at_gathering",
            "code relayed to a gathering of strangers",
            0.30,
            0.005,
        ),
        ("helped_by_race", "several strangers raced for its code", 0.15, 0.005),
    ),
    _signal(
        "help_distance",
        "help",
        "Was a stranger who helped it very far away?",
        "was helped by a stranger who was more than 200 kilometres away",
        "no stranger who helped it was very far away",
        ("not_far", "helped by nobody unknown from very far", 0.70, 0.96),
        ("very_far", "helped by a stranger over 200 kilometres away", 0.30, 0.04),
    ),
    _signal(
        "help_pace",
        "help",
        "Was a stranger's help confirmed at once?",
        "the help of a stranger was confirmed within ten seconds of the scan",
        "no stranger's help was confirmed in haste",
        ("unhurried", "no stranger's help was confirmed in haste", 0.45, 0.80),
        ("hurried", "a stranger's help was confirmed in ten seconds", 0.55, 0.20),
    ),
    _signal(
        "helper_record",
        "help",
        "How do the others stand whom its helpers helped?",
        "its helpers helped other accounts that look batch-registered",
        "its helpers helped other accounts, and those look innocent",
        ("helper_good", "its helpers' other accounts look innocent", 0.05, 0.30),
        ("helper_new", "its helpers helped nobody else", 0.45, 0.65),
        ("helper_mixed", "some of its helpers' other accounts look bad", 0.15, 0.03),
        ("helper_bad", "its helpers' other accounts look bad", 0.35, 0.02),
    ),
    _signal(
        "gathering_record",
        "help",
        "How do the others stand who were helped at the same gathering?",
        "others helped at the same gathering look batch-registered",
        "others helped at the same gathering look innocent",
        ("gathering_none", "not helped at a gathering", 0.65, 0.85),
        ("gathering_good", "others helped there look innocent", 0.05, 0.13),
        ("gathering_bad", "others helped there look bad", 0.30, 0.02),
    ),
    _signal(
        "friend_requests",
        "aftermath",
        "How are its friend requests received?",
        "sends friend requests that are mostly refused",
        "its friend requests are accepted",
        ("few_requests", "sends few friend requests", 0.45, 0.75),
        ("requests_accepted", "its friend requests are mostly accepted", 0.10, 0.20),
        ("requests_refused", "its friend requests are mostly refused", 0.45, 0.05),
        measured=False,
    ),
    _signal(
        "reach",
        "aftermath",
        "To how many people does it write on a day?",
        "writes to unusually many people on a day",
        "writes to few people on a day",
        ("usual_reach", "writes to a usual number of people", 0.60, 0.95),
        ("wide_reach", "writes to unusually many people", 0.40, 0.05),
    ),
    _signal(
        "complaints",
        "aftermath",
        "Were there complaints about it?",
        "others complained about it",
        "nobody complained about it",
        ("no_complaint", "no complaint", 0.75, 0.985),
        ("complaint", "an unverified complaint", 0.15, 0.012),
        ("verified_complaint", "a verified complaint", 0.10, 0.003),
    ),
    _signal(
        "sanctions",
        "aftermath",
        "Has the platform acted on it?",
        "the platform has already acted on it",
        "the platform has not acted on it",
        ("no_sanction", "no sanction", 0.75, 0.99),
        ("sanction", "warned, limited or blocked before", 0.25, 0.01),
    ),
    _signal(
        "control_device",
        "control",
        "Was it later used on a device through which many accounts move?",
        "was later used on a device through which several unrelated accounts move",
        "stayed on its own devices",
        ("own_control", "stayed on its own devices", 0.70, 0.985),
        ("control_device", "used on a device of several accounts", 0.30, 0.015),
    ),
    _signal(
        "attachment",
        "lockstep",
        "In how many ways is it joined to those believed collusive?",
        "is joined in several ways to accounts believed batch-registered",
        "shares hardly anything with the accounts of its community",
        ("unattached", "shares nothing with them", 0.05, 0.40),
        ("bought_kind", "joined only by a phone segment or a network", 0.15, 0.40),
        ("one_kind", "joined only by a device or by a helper", 0.20, 0.13),
        ("two_kinds", "joined in two ways", 0.35, 0.05),
        ("three_kinds", "joined in three or more ways", 0.25, 0.02),
        of_communities=False,
    ),
)

CONCENTRATION = (
    "device",
    "phone",
    "software",
    "identity",
    "ties",
)
"""Families that any place with many registrations may show, a farm's or an honest one.

A test laboratory or an agency has them as a farm has: foreigners know nobody here yet,
and a few clerks help them all. Their sum is capped for a team:
what tells them apart is whom they let help them and what they do afterwards.
"""

CONDUCT = ("help", "aftermath", "control")
"""Families that say how an account was let in, or what it did afterwards.

Without one of them nobody is listed, however much else speaks for it: that an account
has no ties, say, is the mere absence of rows.
"""

SIGNALS: dict[str, Signal] = {signal.code: signal for signal in _ALL}
"""The signals by code, in the order in which the table is printed."""


@dataclass(frozen=True)
class Remark:
    """A line on a card that is no signal: where the bits start, and what is left."""

    code: str
    for_: str
    against: str


WAYS: dict[str, tuple[str, ...]] = {
    "device": ("device",),
    "network": ("access_point", "address_block"),
    "phone": ("phone_segment",),
    "helper": ("helper", "helped", "helper_device"),
    "gathering": ("gathering",),
}
"""Ways of being joined to others, and the kinds of shared key of each."""

JOINED: dict[str, Remark] = {
    f"joined_{way}": Remark(
        f"joined_{way}",
        f"others {where} are suspected, too",
        f"others {where} are not suspected",
    )
    for way, where in (
        ("device", "on one of its devices"),
        ("network", "on its network"),
        ("phone", "in its phone segment"),
        ("helper", "whom its helper helped, or its helper's device,"),
        ("gathering", "let in at the same gathering"),
    )
}
"""What an account's shared keys add: who else holds them, and what he looks like."""

OTHER_EVIDENCE: dict[str, Remark] = {
    remark.code: remark
    for remark in (
        Remark(
            "prior",
            "what is expected before anything is known",
            "what is expected before anything is known",
        ),
        Remark(
            "team",
            "its community speaks for it, beyond the other lines here",
            "its community alone says too little, or it has none",
        ),
        *JOINED.values(),
        Remark(
            "members",
            "its members' own evidence adds to it",
            "its members' own evidence takes from it",
        ),
        Remark(
            "other_roles",
            "what the answers together say beyond these lines",
            "other roles explain the same answers too",
        ),
    )
}
