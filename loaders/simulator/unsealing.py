"""How a sealed account applies to be unsealed, and who helps."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.simulator.geography import Floats, Ints
from loaders.simulator.helping import UNSEAL_HELP, Attempts, record
from loaders.simulator.world import DAY, OK, Where, World, lognormal, seconds

UNSEALING_RESULTS = ("passed", "refused", "abandoned")
FACE, FRIEND, NON_FRIEND = range(3)
SHORT_BLOCK, LONG_BLOCK, UNSEALED = 2, 3, 5
STEPS = 6
# Median seconds of each step of the form for somebody who sees it for the first time.
STEP_SECONDS = np.array([14.0, 22.0, 35.0, 18.0, 27.0, 9.0])


@dataclass(frozen=True)
class Applications:
    """Applications of sealed accounts; `steps` has a row of seconds for each."""

    account: Ints
    at: Ints
    method: Ints
    device: Ints
    ip: Ints
    region: Ints
    answers: Ints
    steps: Floats
    passed: npt.NDArray[np.bool_]


def by_hand(
    rng: np.random.Generator, count: int, *, practice: float = 1.0, spread: float = 0.6
) -> Floats:
    """Seconds of each step: people differ, and whoever has practice is quicker."""
    person = np.exp(rng.normal(0, 0.35, (count, 1)))
    steps = (
        STEP_SECONDS * practice * person * np.exp(rng.normal(0, spread, (count, STEPS)))
    )
    drawn: Floats = np.round(steps, 1)
    return drawn


def apply(world: World, made: Applications) -> None:
    """Write applications."""
    texts = np.array(
        [
            "[" + ", ".join(str(step) for step in row) + "]"
            for row in made.steps.tolist()
        ],
        dtype=object,
    )
    count = len(made.account)
    world.add(
        "unseal_applications",
        application_id=world.new_ids("applications", count),
        account_id=made.account,
        applied_at=made.at,
        method=made.method,
        device_id=made.device,
        ip=made.ip,
        phone_prefix=world.phone_prefix[made.account],
        claimed_region=made.region,
        answers_hash=made.answers,
        steps_seconds=texts,
        result=np.where(made.passed, 0, 1),
    )


def seal(world: World, rng: np.random.Generator, accounts: Ints, at: Ints) -> None:
    """Seal accounts some hours or days before they apply."""
    count = len(accounts)
    long = rng.random(count) < 0.5
    before = seconds(rng, count, 2 * DAY, 1.0)
    world.add(
        "sanctions",
        account_id=accounts,
        action=np.where(long, LONG_BLOCK, SHORT_BLOCK),
        applied_at=np.maximum(at - before, world.start - 30 * DAY),
        until=np.full(count, -1, dtype=np.int64),
        rule=rng.choice([0, 2, 3], count, p=[0.5, 0.3, 0.2]),
    )


def unseal(
    world: World,
    rng: np.random.Generator,
    helper: Ints,
    sealed: Ints,
    at: Ints,
    where: Where,
    *,
    team: int = -1,
    pattern: int = -1,
    wait: float = 300,
) -> Ints:
    """Let each helper scan a sealed account's code after it applied; return when."""
    count = len(sealed)
    issued = at + seconds(rng, count, wait, 0.8)
    scanned = issued + seconds(rng, count, 45, 0.9)
    done = scanned + seconds(rng, count, 11, 0.7)
    record(
        world,
        rng,
        Attempts(
            helper,
            sealed,
            world.new_ids("codes", count),
            issued,
            scanned,
            done,
            np.full(count, OK),
            where,
            np.full(count, team),
            np.full(count, pattern),
        ),
        purpose=UNSEAL_HELP,
    )
    opened(world, sealed, done)
    return done


def opened(world: World, accounts: Ints, at: Ints) -> None:
    """Record that accounts were unsealed."""
    world.add(
        "sanctions",
        account_id=accounts,
        action=np.full(len(accounts), UNSEALED),
        applied_at=at + 60,
        until=np.full(len(accounts), -1, dtype=np.int64),
        rule=np.ones(len(accounts), dtype=np.int64),
    )


def honest_application(
    world: World, rng: np.random.Generator, accounts: Ints, at: Ints, method: Ints
) -> Applications:
    """Let people apply once, on their own phone, with their own answers."""
    count = len(accounts)
    where = world.whereabouts(rng, accounts)
    return Applications(
        accounts,
        at,
        method,
        world.login_device[accounts],
        where.ip,
        world.region[accounts],
        _answers(world, rng, count),
        by_hand(rng, count, practice=float(lognormal(rng, 1, 1.0, 0.05)[0])),
        rng.random(count) < 0.85,
    )


def _answers(world: World, rng: np.random.Generator, count: int) -> Ints:
    """Answers are one's own, but some give such as everybody gives."""
    own = world.new_ids("answers", count) + 1_000
    common = rng.random(count) < 0.25
    return np.where(common, (rng.random(count) ** 2 * 60).astype(np.int64), own)
