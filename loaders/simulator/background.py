"""What everybody does in the window: log in, scan to follow and to pay, pay friends."""

from dataclasses import replace

import numpy as np

from loaders.simulator.geography import Ints
from loaders.simulator.helping import (
    FOLLOW,
    LOGIN,
    NOBODY,
    PAY,
    QR,
    UNSEAL_HELP,
    VERIFY,
    Attempts,
    record,
)
from loaders.simulator.unsealing import FRIEND, NON_FRIEND, apply, honest_application
from loaders.simulator.world import OK, World, lognormal, seconds

PASSWORD, SMS, BY_QR = range(3)
assert QR == 0


def daily_life(world: World) -> None:
    """Add the logins, scans, payments and balances of everybody."""
    rng = world.rng("daily life")
    _logins(world, rng)
    _scans(world, rng, FOLLOW, round(world.existing * 0.06), reuse=12.0)
    _scans(world, rng, PAY, round(world.existing * 0.05), reuse=25.0)
    _scans(world, rng, VERIFY, round(world.existing * 0.01), reuse=1.0)
    _unsealings(world, rng)
    _money(world, rng)


def _logins(world: World, rng: np.random.Generator) -> None:
    new = np.arange(world.existing, world.accounts)
    first = new[rng.random(len(new)) < 0.8]
    at = world.registered_at[first] + rng.integers(1, 60, len(first))
    world.add(
        "logins",
        account_id=first,
        device_id=world.device[first],
        logged_in_at=at,
        method=rng.choice([PASSWORD, SMS], len(first), p=[0.3, 0.7]),
        ip=world.registration_ip[first],
        wifi=world.registration_wifi[first],
    )
    again = np.repeat(new, rng.poisson(lognormal(rng, len(new), 1.6, 0.7)))
    begin = world.registered_at[again] + world.wakes[again] * 86_400
    later = begin + 60 + rng.exponential(9.0, len(again)) * 86_400
    # At people's hours, as everything they do by hand.
    later = later // 86_400 * 86_400 + (world.moments(rng, len(again)) % 86_400)
    keep = later > world.registered_at[again]
    again, later = again[keep], later[keep]
    old = np.repeat(np.arange(world.existing), rng.poisson(0.8, world.existing))
    who = np.concatenate([again, old])
    when = np.concatenate([later.astype(np.int64), world.moments(rng, len(old))])
    # The window's last second, so that what ends is the window and not the data.
    when[-1:] = world.end - 1
    _more_logins(world, rng, who, when)


def _more_logins(world: World, rng: np.random.Generator, who: Ints, when: Ints) -> None:
    where = world.whereabouts(rng, who)
    same = rng.random(len(who)) < 0.3
    by_code = rng.random(len(who)) < 0.06
    code = np.full(len(who), -1, dtype=np.int64)
    rows = np.flatnonzero(by_code)
    code[rows] = world.new_ids("codes", len(rows))
    method = rng.choice([PASSWORD, SMS], len(who), p=[0.7, 0.3])
    ip = np.where(same, world.registration_ip[who], where.ip)
    wifi = np.where(same, world.registration_wifi[who], where.wifi)
    away = world.away(who, when)
    ip = np.where(away, world.moved_ip[who], ip)
    wifi = np.where(away, world.moved_wifi[who], wifi)
    world.add(
        "logins",
        account_id=who,
        device_id=world.device_at(who, when),
        logged_in_at=when,
        method=np.where(by_code, BY_QR, method),
        ip=ip,
        wifi=wifi,
        code_id=code,
    )
    issued = when[rows] - seconds(rng, len(rows), 14, 0.7)
    world.add(
        "codes",
        code_id=code[rows],
        account_id=who[rows],
        purpose=np.full(len(rows), LOGIN),
        issued_at=issued,
    )
    world.add(
        "scans",
        scan_id=world.new_ids("scans", len(rows)),
        scanner_id=who[rows],
        code_id=code[rows],
        purpose=np.full(len(rows), LOGIN),
        scanned_at=when[rows] - 1,
        code_issued_at=issued,
        confirmed_at=when[rows],
        ip=ip[rows],
        wifi=wifi[rows],
        device_id=world.device_at(who[rows], when[rows]),
        latitude=where.latitude[rows],
        longitude=where.longitude[rows],
        result=np.full(len(rows), OK),
    )


def _scans(
    world: World, rng: np.random.Generator, purpose: int, count: int, *, reuse: float
) -> None:
    """Codes that shops and people show around: many scan the same one."""
    codes = max(1, round(count / reuse))
    code = world.new_ids("codes", codes)
    owner = rng.integers(0, world.existing, codes)
    which = (rng.random(count) ** 2 * codes).astype(np.int64)
    scanned = world.moments(rng, count)
    if purpose == FOLLOW and count:
        scanned[0] = world.start  # the window begins with a scan, whoever made it
    age = np.full(codes, 0) if reuse == 1.0 else rng.integers(0, 400 * 86_400, codes)
    issued = world.start - age
    if reuse == 1.0:
        which = np.arange(count)
        issued = scanned - seconds(rng, count, 20, 0.8)
    scanner = world.neighbours(rng, world.city[owner[which]])
    ok = rng.random(count) < 0.96
    where = world.whereabouts(rng, scanner, at_home=0.3)
    world.add(
        "codes",
        code_id=code,
        account_id=owner,
        purpose=np.full(codes, purpose),
        issued_at=issued,
    )
    took = seconds(rng, count, 6, 0.6)
    world.add(
        "scans",
        scan_id=world.new_ids("scans", count),
        scanner_id=scanner,
        code_id=code[which],
        purpose=np.full(count, purpose),
        scanned_at=scanned,
        code_issued_at=issued[which],
        confirmed_at=np.where(ok, scanned + took, -1),
        ip=where.ip,
        wifi=where.wifi,
        device_id=world.device_at(scanner, scanned),
        latitude=where.latitude,
        longitude=where.longitude,
        result=np.where(ok, OK, 4),
    )
    if purpose == PAY:
        paid = np.flatnonzero(ok & (scanner != owner[which]))
        world.add(
            "payments",
            payment_id=world.new_ids("payments", len(paid)),
            payer_id=scanner[paid],
            payee_id=owner[which[paid]],
            paid_at=(scanned + took)[paid],
            amount_fen=lognormal(rng, len(paid), 2_800, 1.0).astype(np.int64),
            code_id=code[which[paid]],
        )


def _unsealings(world: World, rng: np.random.Generator) -> None:
    """Friends help those whose account was sealed, for whatever reason."""
    count = round(world.settings.unsealings * world.existing)
    sealed = rng.choice(world.existing, count, replace=False)
    at = world.moments(rng, count)
    world.add(
        "sanctions",
        account_id=sealed,
        action=np.full(count, 2),
        applied_at=at - rng.integers(3600, 6 * 86_400, count),
        until=np.full(count, -1, dtype=np.int64),
        rule=np.full(count, 0),
    )
    helper = world.helpers_from(rng, world.city[sealed], again=0.0)
    scanned = at + seconds(rng, count, 40, 0.9)
    if "unsealing_batch" in world.settings.networks:
        draw = world.rng("honest applications")
        method = np.where(draw.random(count) < 0.8, FRIEND, NON_FRIEND)
        asked = honest_application(world, draw, sealed, at - 30, method)
        apply(world, replace(asked, passed=np.full(count, True)))
    nothing = np.full(count, NOBODY)
    done = scanned + seconds(rng, count, 11, 0.7)
    record(
        world,
        rng,
        Attempts(
            helper,
            sealed,
            world.new_ids("codes", count),
            at,
            scanned,
            done,
            np.full(count, OK),
            world.whereabouts(rng, helper),
            nothing,
            nothing,
        ),
        purpose=UNSEAL_HELP,
    )
    world.add(
        "sanctions",
        account_id=sealed,
        action=np.full(count, 5),
        applied_at=done + 60,
        until=np.full(count, -1, dtype=np.int64),
        rule=np.full(count, 1),
    )


def _money(world: World, rng: np.random.Generator) -> None:
    count = round(world.accounts * 0.05)
    payer = rng.integers(0, world.existing, count)
    payee = world.neighbours(rng, world.city[payer])
    keep = payer != payee
    payer, payee = payer[keep], payee[keep]
    world.add(
        "payments",
        payment_id=world.new_ids("payments", len(payer)),
        payer_id=payer,
        payee_id=payee,
        paid_at=world.moments(rng, len(payer)),
        amount_fen=lognormal(rng, len(payer), 6_000, 1.4).astype(np.int64),
    )
    holders = np.flatnonzero(rng.random(world.accounts) < 0.3)
    age = np.clip(world.start - world.registered_at[holders], 0, None) / 86_400 / 365
    balance = lognormal(rng, len(holders), 9_000, 1.6) * (0.3 + age)
    loan = lognormal(rng, len(holders), 400_000, 0.8)
    world.add(
        "balances",
        account_id=holders,
        balance_fen=balance.astype(np.int64),
        wealth_fen=np.where(rng.random(len(holders)) < 0.25, balance * 12, 0).astype(
            np.int64
        ),
        microloan_outstanding_fen=np.where(
            rng.random(len(holders)) < 0.08, loan, 0
        ).astype(np.int64),
    )
