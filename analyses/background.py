"""What is usual, frozen: the shares and priors that a run settled on, for later runs.

A run estimates from its own data how collusive and innocent accounts answer, and how
frequent both are. So one more hour of events changes a little of what is said of
everybody. A run with the background of an earlier one takes what that settled on, and
estimates nothing: the same events then get the same answer, today and tomorrow.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analyses.detection.belief import Model
from analyses.detection.crew_pairs import PAIR_SIGNALS, PairModel
from analyses.detection.helper_roles import HelperModel
from analyses.detection.helper_signals import HELPER_SIGNALS, PRIOR
from analyses.detection.signals import SIGNALS
from analyses.reporting.run_folder import read_manifest
from graph.errors import InputError

BACKGROUND_FILE = "background.json"


@dataclass(frozen=True)
class Background:
    """What a run settled on: of new accounts, those who help, and stalls' sessions."""

    accounts: Model
    helpers: HelperModel
    sessions: PairModel


@dataclass(frozen=True)
class Frozen:
    """The background of an earlier run, since when its accounts are new, and its hash.

    `new_since` is seconds since 1970 in UTC.
    """

    background: Background
    new_since: int
    digest: str


def write_background(background: Background, folder: Path) -> None:
    """Write a background into a run folder; numbers are kept to the last bit."""
    accounts, helpers = background.accounts, background.helpers
    sessions = background.sessions
    content = {
        "accounts": {
            "collusive": _lists(accounts.collusive),
            "innocent": _lists(accounts.innocent),
            "varies": {code: list(pair) for code, pair in accounts.varies.items()},
            "priors": accounts.priors.tolist(),
        },
        "helpers": {"shares": _lists(helpers.shares), "prior": helpers.prior.tolist()},
        "sessions": {
            "one_crew": _lists(sessions.one_crew),
            "two_crews": _lists(sessions.two_crews),
        },
    }
    text = json.dumps(content, indent=1, sort_keys=True)
    (folder / BACKGROUND_FILE).write_text(text + "\n", encoding="utf-8")


def read_background(run: Path) -> Frozen:
    """Read the background of a finished run.

    Raises InputError when the run has none, or one for other signals than are asked
    now: it was made by another version.
    """
    new_since = int(read_manifest(run)["window"]["new_since"])
    path = run / BACKGROUND_FILE
    if not path.is_file():
        raise InputError(
            f"{run} has no {BACKGROUND_FILE}: an older version made it; run it again"
        )
    content = path.read_bytes()
    try:
        said = json.loads(content)
        accounts, helpers, sessions = (
            said[part] for part in ("accounts", "helpers", "sessions")
        )
        background = Background(
            Model(
                collusive=_arrays(accounts["collusive"]),
                innocent=_arrays(accounts["innocent"]),
                varies={
                    c: (float(a), float(b)) for c, (a, b) in accounts["varies"].items()
                },
                priors=np.array(accounts["priors"], dtype=np.float64),
            ),
            HelperModel(
                shares=_arrays(helpers["shares"]),
                prior=np.array(helpers["prior"], dtype=np.float64),
            ),
            PairModel(
                one_crew=_arrays(sessions["one_crew"]),
                two_crews=_arrays(sessions["two_crews"]),
            ),
        )
        fits = _fits(background)
    except (ValueError, KeyError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise InputError(
            f"{path} is not the background of a run of this version; run it again"
        )
    return Frozen(background, new_since, hashlib.sha256(content).hexdigest())


def _fits(background: Background) -> bool:
    accounts, helpers = background.accounts, background.helpers
    sessions = background.sessions
    asked = {code: (len(signal.answers),) for code, signal in PAIR_SIGNALS.items()}
    wide = {code: (len(signal.levels),) for code, signal in SIGNALS.items()}
    deep = {
        code: (len(PRIOR), len(signal.answers))
        for code, signal in HELPER_SIGNALS.items()
    }
    return (
        {code: share.shape for code, share in accounts.collusive.items()} == wide
        and {code: share.shape for code, share in accounts.innocent.items()} == wide
        and accounts.varies.keys() == wide.keys()
        and {code: share.shape for code, share in helpers.shares.items()} == deep
        and helpers.prior.shape == (len(PRIOR),)
        and {code: share.shape for code, share in sessions.one_crew.items()} == asked
        and {code: share.shape for code, share in sessions.two_crews.items()} == asked
    )


def _lists(shares: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return {code: share.tolist() for code, share in shares.items()}


def _arrays(shares: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
    return {code: np.array(share, dtype=np.float64) for code, share in shares.items()}
