"""Boosted trees that are told the truth: the ceiling that labels would allow.

Every new account is described by plain facts, none of them from the detector: what it
registered with, how many share its things, who helped it, what it did afterwards, and
what share of the *known* accounts beside it are batch-registered. The trees learn from
two thirds of all labels and are asked about the last third, three times over. No
platform has labels like these.
"""

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

from graph.shared_keys import SHARED_KEYS
from graph.store import Store

FOLDS = 3

FACTS = """
  SELECT a.account,
    a.registered_at // 3600 % 24 AS hour,
    CAST(a.real_name_verified AS INTEGER) AS named,
    CAST(a.pay_enabled AS INTEGER) AS pays,
    length(a.nickname) AS name_length,
    length(regexp_replace(a.nickname, '[^0-9]', '', 'g')) AS name_digits,
    CAST(d.is_emulator AS INTEGER) AS emulator,
    CAST(d.is_rooted AS INTEGER) AS rooted,
    count(*) OVER (PARTITION BY a.app_version, a.os_version) AS software,
    t.ties, h.*, c.complaints, s.sanctions, v.*, l.devices, l.shared
  FROM accounts AS a
  LEFT JOIN devices AS d ON d.device = a.registration_device
  LEFT JOIN (SELECT x AS who_t, count(*) AS ties FROM (
               SELECT account_a AS x FROM ties UNION ALL SELECT account_b FROM ties)
             GROUP BY x) AS t ON t.who_t = a.account
  LEFT JOIN (SELECT helped AS who_h, count(*) AS helps,
               count(*) FILTER (tied) AS tied, count(*) FILTER (together) AS together,
               min(away) AS away, max(takers) AS takers, max(code_age) AS code_age,
               min(confirm_gap) AS confirm_gap, min(helper_age) AS helper_age,
               count(*) FILTER (result <> 'ok') AS refused
             FROM help_facts GROUP BY helped) AS h ON h.who_h = a.account
  LEFT JOIN (SELECT account AS who_c, count(*) AS complaints FROM complaints
             GROUP BY account) AS c ON c.who_c = a.account
  LEFT JOIN (SELECT account AS who_s, count(*) AS sanctions FROM sanctions
             WHERE action <> 'unsealed' GROUP BY account) AS s ON s.who_s = a.account
  LEFT JOIN (SELECT account AS who_v, sum(friend_requests_sent) AS sent,
               sum(friend_requests_accepted) AS accepted,
               max(messages_sent) AS messages, max(recipients) AS recipients,
               sum(groups_joined) AS joined
             FROM activity GROUP BY account) AS v ON v.who_v = a.account
  LEFT JOIN (SELECT account AS who_l, count(DISTINCT l.device) AS devices,
               max(n.users) AS shared
             FROM logins AS l JOIN (SELECT device, count(DISTINCT account) AS users
                                    FROM logins GROUP BY device) AS n
               ON n.device = l.device
             GROUP BY account) AS l ON l.who_l = a.account
  WHERE a.is_new ORDER BY a.account
"""


def facts_of(store: Store) -> pd.DataFrame:
    """Return one row of numbers per new account, in the order of their numbers."""
    facts = store.frame(FACTS).set_index("account")
    facts = facts[[name for name in facts.columns if not name.startswith("who_")]]
    sizes = store.frame(
        """SELECT h.account, k.kind, max(k.new_holders) AS new,
                  max(k.established_holders) AS old
           FROM key_holders AS h JOIN shared_keys AS k ON k.key = h.key
           GROUP BY h.account, k.kind"""
    ).pivot(index="account", columns="kind", values=["new", "old"])
    sizes.columns = pd.Index(["_".join(column) for column in sizes.columns.to_list()])
    joined = facts.join(sizes.sort_index(axis=1)).sort_index()
    numbers = joined.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    return pd.DataFrame(numbers, index=joined.index, columns=joined.columns)


def tree_scores(store: Store, true: np.ndarray, *, seed: int = 1) -> np.ndarray:
    """Return for each new account what trees say that never saw its own label."""
    facts = facts_of(store)
    links = store.frame(
        """SELECT h.account, h.key, k.kind FROM key_holders AS h
           JOIN shared_keys AS k ON k.key = h.key ORDER BY h.account, h.key"""
    )
    links["place"] = np.searchsorted(facts.index.to_numpy(), links["account"])
    plain, scores = facts.to_numpy(), np.zeros(len(facts))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for known, asked in folds.split(facts, true):
        labels = np.full(len(facts), np.nan)
        labels[known] = true[known]
        trees = HistGradientBoostingClassifier(
            max_iter=100, learning_rate=0.1, random_state=seed
        )
        rows = _telling(np.column_stack([plain, _known_beside(links, labels)]), known)
        trees.fit(rows[known], true[known])
        scores[asked] = trees.predict_proba(rows[asked])[:, 1]
    return scores


def _telling(rows: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the columns in which the known accounts differ: others cannot be cut."""
    low, high = np.fmin.reduce(rows[known]), np.fmax.reduce(rows[known])
    return rows[:, high > low]


def _known_beside(links: pd.DataFrame, labels: np.ndarray) -> np.ndarray:
    """Return per kind of key the share of bad ones among the known others at it."""
    label = labels[links["place"]]
    known = ~np.isnan(label)
    keys = int(links["key"].max()) + 1 if len(links) else 0
    key = links["key"].to_numpy()
    bad = np.bincount(key[known], label[known], minlength=keys)[key]
    all_ = np.bincount(key[known], minlength=keys)[key].astype(np.float64)
    bad -= np.where(known, np.nan_to_num(label), 0.0)
    all_ -= known
    share = np.divide(bad, all_, out=np.full(len(key), np.nan), where=all_ > 0)
    result = []
    for kind in SHARED_KEYS:
        best = np.full(len(labels), np.nan)
        here = ((links["kind"] == kind.kind) & ~np.isnan(share)).to_numpy()
        places = links["place"].to_numpy()[here]
        np.fmax.at(best, places, share[here])
        result.append(best)
    return np.column_stack(result)
