"""How a help comes about: a code is issued, scanned and confirmed."""

from dataclasses import dataclass

import numpy as np

from loaders.simulator.geography import Floats, Ints
from loaders.simulator.world import OK, QUOTA, REFUSED, Bools, Where, World, seconds

REGISTER_HELP, UNSEAL_HELP, VERIFY, LOGIN, FOLLOW, PAY = range(6)
QR, PHONE_NUMBER = range(2)
PATTERNS = ("stall", "platform", "owned", "batch_unsealing")
NOBODY = -1


@dataclass(frozen=True)
class Attempts:
    """Attempts to help; one code serves all attempts with the same `code`.

    `team` and `pattern` are the truth of the help, NOBODY for an honest one. `code` is
    -1 where the helper gave the number of a phone instead of scanning.
    """

    helper: Ints
    helped: Ints
    code: Ints
    issued: Ints
    scanned: Ints
    confirmed: Ints
    result: Ints
    where: Where
    team: Ints
    pattern: Ints


def record(
    world: World,
    rng: np.random.Generator,
    attempts: Attempts,
    *,
    purpose: int = REGISTER_HELP,
    codes: bool = True,
) -> None:
    """Write attempts to the tables of helps, scans and, if they are new, codes."""
    keep = attempts.helper != attempts.helped
    qr = attempts.code >= 0
    ok = attempts.result == OK
    count = len(attempts.helper)
    scan = np.full(count, -1, dtype=np.int64)
    scan[qr & keep] = world.new_ids("scans", int((qr & keep).sum()))
    ids = world.new_ids("helps", count)
    # A refusal shows when the code is scanned; a success when it is confirmed.
    at = np.where(ok, attempts.confirmed, attempts.scanned)
    world.add(
        "helps",
        help_id=ids[keep],
        helper_id=attempts.helper[keep],
        helped_id=attempts.helped[keep],
        kind=np.full(int(keep.sum()), int(purpose == UNSEAL_HELP)),
        helped_at=at[keep],
        channel=np.where(qr, QR, PHONE_NUMBER)[keep],
        scan_id=scan[keep],
        result=attempts.result[keep],
        team=attempts.team[keep],
        pattern=attempts.pattern[keep],
    )
    scanned = qr & keep
    world.add(
        "scans",
        scan_id=scan[scanned],
        scanner_id=attempts.helper[scanned],
        code_id=attempts.code[scanned],
        purpose=np.full(int(scanned.sum()), purpose),
        scanned_at=attempts.scanned[scanned],
        code_issued_at=attempts.issued[scanned],
        confirmed_at=np.where(ok, attempts.confirmed, -1)[scanned],
        ip=attempts.where.ip[scanned],
        wifi=attempts.where.wifi[scanned],
        device_id=world.login_device[attempts.helper[scanned]],
        latitude=attempts.where.latitude[scanned],
        longitude=attempts.where.longitude[scanned],
        result=attempts.result[scanned],
    )
    if not codes:
        return
    _, first = np.unique(attempts.code, return_index=True)
    first = first[attempts.code[first] >= 0]
    world.add(
        "codes",
        code_id=attempts.code[first],
        account_id=attempts.helped[first],
        purpose=np.full(len(first), purpose),
        issued_at=attempts.issued[first],
    )


@dataclass(frozen=True)
class Manner:
    """How people go about a help: medians of seconds, and shares.

    `wait` is from registration to the code, `code_age` from the code to its scan,
    `confirm` from the scan to the confirmation.
    """

    wait: float = 40
    code_age: float = 30
    confirm: float = 11
    by_number: float = 0.18
    fails: float = 0.05
    later: float = 0.08


def help_at_registration(
    world: World,
    rng: np.random.Generator,
    helper: Ints,
    helped: Ints,
    where: Where,
    *,
    manner: Manner = Manner(),  # noqa: B008 - frozen
    team: int = NOBODY,
    pattern: int = NOBODY,
) -> Ints:
    """Let each helper help one newcomer after it registered; return when.

    A failed attempt (expired, cancelled) is followed by a second one that succeeds.
    """
    count = len(helped)
    later = (rng.random(count) < manner.later) * rng.integers(1800, 30 * 3600, count)
    issued = world.registered_at[helped] + later
    issued = issued + seconds(rng, count, manner.wait, 0.9)
    scanned = issued + seconds(rng, count, manner.code_age, 0.9)
    confirmed = scanned + seconds(rng, count, manner.confirm, 0.7)
    code = world.new_ids("codes", count)
    code[rng.random(count) < manner.by_number] = -1
    fails = (rng.random(count) < manner.fails) & (code >= 0)
    failed = np.flatnonzero(fails)
    attempts = Attempts(
        helper,
        helped,
        code,
        issued,
        scanned,
        confirmed,
        np.full(count, OK),
        where,
        np.full(count, team),
        np.full(count, pattern),
    )
    record(world, rng, attempts)
    if len(failed):
        _failed_before(world, rng, attempts, failed)
    return confirmed


def befriend(
    world: World,
    rng: np.random.Generator,
    helper: Ints,
    helped: Ints,
    when: Ints,
    share: float | Floats,
    *,
    family: float = 0.0,
) -> None:
    """Tie a share of the pairs, mostly soon after the help."""
    tied = (rng.random(len(helper)) < share) & (helper != helped)
    count = int(tied.sum())
    later = np.floor(rng.exponential(6 * 3600, count)).astype(np.int64)
    kind = np.searchsorted([0.8, 0.8, 0.92], rng.random(count))
    kind = np.where(rng.random(count) < family, 1, kind)
    world.add(
        "ties",
        account_a=helper[tied],
        account_b=helped[tied],
        kind=kind,
        since=when[tied] + later,
    )


def _failed_before(
    world: World, rng: np.random.Generator, attempts: Attempts, rows: Ints
) -> None:
    """Add an attempt that came to nothing before each of these attempts."""
    issued = world.registered_at[attempts.helped[rows]]
    gap = np.maximum(attempts.issued[rows] - issued, 1)
    issued = issued + (rng.random(len(rows)) * gap * 0.5).astype(np.int64)
    scanned = issued + (rng.random(len(rows)) * gap * 0.5).astype(np.int64)
    result = np.where(rng.random(len(rows)) < 0.5, 2, 4)
    where = attempts.where
    record(
        world,
        rng,
        Attempts(
            attempts.helper[rows],
            attempts.helped[rows],
            world.new_ids("codes", len(rows)),
            issued,
            scanned,
            scanned,
            result,
            Where(
                where.ip[rows],
                where.wifi[rows],
                where.latitude[rows],
                where.longitude[rows],
            ),
            attempts.team[rows],
            attempts.pattern[rows],
        ),
    )


def rota_size(moments: Ints, *, spare: float = 1.15) -> int:
    """How many helpers it takes to help at these sorted times within the quota.

    >>> rota_size(np.array([0, 60, 120, 90 * 86400]), spare=1.0)
    3
    """
    if not len(moments):
        return 0
    within = np.searchsorted(moments, moments + QUOTA + 3600) - np.arange(len(moments))
    return int(np.ceil(within.max() * spare))


def ask_the_next(world: World) -> None:
    """Let somebody else be asked, and refused, before some honest helps.

    Who is refused has helped somebody within the quota's days; the code is the same,
    and is scanned again some minutes later by the one who can help.
    """
    share = world.design.people.asks_next
    if not share:
        return
    rng = world.rng("asks next")
    parts = world.columns.get("helps", [])
    helps = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("helper_id", "helped_id", "helped_at", "scan_id", "result", "kind")
    }
    honest = np.concatenate([part["pattern"] for part in parts]) == NOBODY
    order = np.argsort(helps["helped_at"], kind="stable")
    fits = honest & (helps["result"] == OK) & (helps["kind"] == 0)
    fits &= helps["helped_at"] < world.end - 2 * 3600
    before = order[fits[order]]
    chosen = np.flatnonzero(rng.random(len(before)) < share)
    first = np.searchsorted(
        helps["helped_at"][before], helps["helped_at"][before[chosen]] - QUOTA
    )
    back = (rng.random(len(chosen)) * (chosen - first)).astype(np.int64)
    other = before[first + back]
    row, other = before[chosen], helps["helper_id"][other]
    fits = (
        (helps["scan_id"][row] >= 0)
        & (other != helps["helper_id"][row])
        & (other != helps["helped_id"][row])
    )
    row, other = row[fits], other[fits]
    delay = np.zeros(world.made("scans"), dtype=np.int64)
    delay[helps["scan_id"][row]] = 30 + seconds(rng, len(row), 300, 0.7)
    scans = world.columns["scans"]
    ids = np.concatenate([part["scan_id"] for part in scans])
    place = np.zeros(len(delay), dtype=np.int64)
    place[ids] = np.arange(len(ids))
    at = place[helps["scan_id"][row]]
    code, issued, scanned = (
        np.concatenate([part[name] for part in scans])[at]
        for name in ("code_id", "code_issued_at", "scanned_at")
    )
    for part in scans:
        late = delay[part["scan_id"]]
        confirmed = part["confirmed_at"].astype(np.int64)
        part["scanned_at"] = part["scanned_at"].astype(np.int64) + late
        part["confirmed_at"] = np.where(confirmed >= 0, confirmed + late, confirmed)
    for part in parts:
        scan = part["scan_id"].astype(np.int64)
        late = np.where(scan >= 0, delay[np.maximum(scan, 0)], 0)
        part["helped_at"] = part["helped_at"].astype(np.int64) + late
    count = len(row)
    where = world.whereabouts(rng, other)
    nobody = np.full(count, NOBODY)
    record(
        world,
        rng,
        Attempts(
            other,
            helps["helped_id"][row],
            code,
            issued,
            scanned,
            scanned,
            np.full(count, REFUSED),
            where,
            nobody,
            nobody,
        ),
        codes=False,
    )


def enforce_quota(world: World) -> None:
    """Refuse every success that comes within 30 days of the helper's one before."""
    parts = world.columns.get("helps", [])
    if not parts:
        return
    helper = np.concatenate([part["helper_id"] for part in parts])
    at = np.concatenate([part["helped_at"] for part in parts])
    result = np.concatenate([part["result"] for part in parts])
    scan = np.concatenate([part["scan_id"] for part in parts])
    ok = np.flatnonzero(result == OK)
    order = ok[np.lexsort((at[ok], helper[ok]))]
    refused = _refused(helper[order], at[order])
    result[order[refused]] = 1
    at_part = 0
    for part in parts:
        size = len(part["helper_id"])
        part["result"] = result[at_part : at_part + size]
        at_part += size
    flipped = np.zeros(world.made("scans"), dtype=bool)
    rows = order[refused]
    flipped[scan[rows][scan[rows] >= 0]] = True
    for part in world.columns.get("scans", []):
        hit = flipped[part["scan_id"]]
        part["result"] = np.where(hit, 1, part["result"])
        part["confirmed_at"] = np.where(hit, -1, part["confirmed_at"])


def _refused(helper: Ints, at: Ints) -> Bools:
    """Which of these successes, sorted by helper and time, the quota refuses."""
    refused = np.zeros(len(helper), dtype=bool)
    starts = np.flatnonzero(np.append(True, helper[1:] != helper[:-1]))
    ends = np.append(starts[1:], len(helper))
    last = at[starts]
    rank = 1
    while True:
        alive = starts + rank < ends
        if not alive.any():
            return refused
        rows = (starts + rank)[alive]
        soon = at[rows] < last[alive] + QUOTA
        refused[rows] = soon
        last[alive] = np.where(soon, last[alive], at[rows])
        rank += 1
