"""What a listed account's evidence rests on, as things that its holder can check.

Each is a part of the account's own data: a help, the device it registered with, what
it did on some days. It says which signals rest on it, and how to take it out. Nothing
in its words is about anybody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from analyses.casework.again import confirmed_in
from analyses.detection.account_rows import HARM
from analyses.reporting.event_lines import utc
from analyses.reporting.safe_text import visible
from analyses.run import Run
from graph.store import Store

SECURITY = "Somebody else may have used the account or the device."


@dataclass(frozen=True)
class OwnEvent:
    """One thing: words, a question to the holder, its signals, and how it is removed.

    `rows` is how many rows of the event tables it is; `remove` are statements with
    `$account` (a number), and with `$ids` where the thing has rows of its own.
    `verified` marks a help to an account known to be malicious. `links` are the kinds
    of shared key through which it may tie the account to its team.
    """

    says: str
    ask: str
    signals: frozenset[str]
    remove: tuple[str, ...]
    rows: int = 1
    ids: tuple[str, ...] = ()
    verified: bool = False
    links: frozenset[str] = frozenset()

    def take_out(self, store: Store, account: int) -> None:
        """Remove it from a copy of the events."""
        for statement in self.remove:
            parameters: dict[str, object] = {}
            if "$account" in statement:
                parameters["account"] = account
            if "$ids" in statement:
                parameters["ids"] = list(self.ids)
            store.connection.execute(statement, parameters)


HELPED = frozenset(
    {
        "manner_of_help",
        "help_distance",
        "help_pace",
        "helper_record",
        "helper_crowd",
        "gathering_record",
    }
)
HELP_LINKS = frozenset({"helper", "helper_device", "gathering"})
REMOVE_HELPS = (
    """DELETE FROM scans WHERE scan_id IN (
         SELECT scan_id FROM helps WHERE help_id IN (SELECT unnest($ids)))""",
    "DELETE FROM helps WHERE help_id IN (SELECT unnest($ids))",
)


def own_events(run: Run, account: int, codes: frozenset[str]) -> list[OwnEvent]:
    """Return the things that the evidence on an account rests on.

    `codes` are the signals in the evidence on it and on its team.
    """
    found = [
        *_helped(run, account),
        *_helping(run, account),
        *_registered(run, account),
        *_later(run, account),
    ]
    return [event for event in found if event.verified or event.signals & codes]


def _helped(run: Run, account: int) -> Iterator[OwnEvent]:
    for help_id, at, kind in run.store.rows(
        """SELECT help_id, helped_at, kind FROM helps WHERE helped = $account
           ORDER BY helped_at, help_id""",
        {"account": account},
    ):
        what = "registration" if kind == "registration" else "unsealing"
        yield OwnEvent(
            f"{_when(at)}: somebody vouched for your account, or tried to ({what})",
            "Who did it, and how do you know this person? Did you show the code "
            "yourself, or send its picture to somebody?",
            HELPED,
            REMOVE_HELPS,
            ids=(help_id,),
            links=HELP_LINKS,
        )


def _helping(run: Run, account: int) -> Iterator[OwnEvent]:
    """Yield the helps that the account gave, those to one account together."""
    rows = run.store.rows(
        """SELECT list_sort(list(h.help_id)), min(h.helped_at), h.kind,
                  count(*) FILTER (h.result = 'quota_refused')
           FROM helps AS h WHERE h.helper = $account
           GROUP BY h.helped, h.kind ORDER BY min(h.helped_at), min(h.help_id)""",
        {"account": account},
    )
    bad = {tuple(ids) for ids in _verified(run, account)}
    for ids, at, kind, refused in rows:
        what = "registered" if kind == "registration" else "was sealed"
        verified = any(set(ids) & set(known) for known in bad)
        yield OwnEvent(
            f"{_when(at)}: you vouched for an account that {what}"
            + (", and that was found to be malicious later" * verified)
            + (f"; {refused} refused" if refused else ""),
            "Do you know whose account it was? Who asked you to scan the code, where, "
            "and did you get anything for it?",
            frozenset(
                {
                    "helped_strangers",
                    "endings",
                    "repetition",
                    "quota",
                    "races",
                    "gatherings",
                    "presence",
                    "channel",
                }
            ),
            REMOVE_HELPS,
            rows=len(ids),
            ids=tuple(ids),
            verified=verified,
        )


def _verified(run: Run, account: int) -> list[list[str]]:
    """Return the helps of the account to each account verified as malicious."""
    rows = run.store.rows(
        f"""WITH harm AS ({HARM} UNION ALL
              SELECT account, CAST(NULL AS BIGINT) FROM account_names
              WHERE account_id IN (SELECT unnest($confirmed)))
            SELECT h.helped, list_sort(list(DISTINCT h.help_id)) FROM helps AS h
            JOIN harm ON harm.account = h.helped
            WHERE h.helper = $account AND coalesce(h.result, 'ok') = 'ok'
              AND (h.helped_at IS NULL OR harm.moment IS NULL
                   OR harm.moment >= h.helped_at)
            GROUP BY h.helped ORDER BY h.helped""",
        {"account": account, "confirmed": list(confirmed_in(run))},
    )
    return [ids for _, ids in rows]


REGISTERED = (
    (
        ("device",),
        "registration_device IS NOT NULL",
        "'the device that you registered with'",
        frozenset(
            {"device_kind", "device_sharing", "control_device", "helping_device"}
        ),
        (
            "UPDATE accounts SET registration_device = NULL WHERE account = $account",
            "DELETE FROM logins WHERE account = $account",
            "UPDATE scans SET device = NULL WHERE scanner = $account",
        ),
        "Whose device was it? Do others use it: a family, a shop, a school?",
    ),
    (
        ("access_point", "address_block"),
        "registration_block IS NOT NULL OR registration_wifi IS NOT NULL",
        "'the network that you registered on'",
        frozenset({"network_crowd", "presence"}),
        (
            "UPDATE accounts SET registration_ip = NULL, registration_block = NULL, "
            "registration_wifi = NULL WHERE account = $account",
        ),
        "Where was it: at home, at work, in a shop, on a campus?",
    ),
    (
        ("phone_segment",),
        "phone_prefix IS NOT NULL",
        "'the phone number that you registered with'",
        frozenset({"phone_crowd"}),
        ("UPDATE accounts SET phone_prefix = NULL WHERE account = $account",),
        "Where did you get the number, and since when do you have it?",
    ),
    (
        (),
        "app_version IS NOT NULL AND os_version IS NOT NULL",
        "'the versions of app ' || app_version || ' and system ' || os_version",
        frozenset({"software_age"}),
        (
            "UPDATE accounts SET app_version = NULL, os_version = NULL "
            "WHERE account = $account",
        ),
        "Is the device an old one, or was the app installed from elsewhere?",
    ),
    (
        (),
        "nickname IS NOT NULL",
        "'the nickname ' || nickname",
        frozenset({"nickname_shape"}),
        ("UPDATE accounts SET nickname = NULL WHERE account = $account",),
        "Did you choose it yourself?",
    ),
    (
        (),
        "real_name_verified IS NOT NULL",
        "CASE WHEN real_name_verified THEN 'that the real name is verified' "
        "ELSE 'that the real name is not verified' END",
        frozenset({"real_name"}),
        ("UPDATE accounts SET real_name_verified = NULL WHERE account = $account",),
        "The holder can verify it.",
    ),
    (
        (),
        "pay_enabled IS NOT NULL",
        "CASE WHEN pay_enabled THEN 'that payment is enabled' "
        "ELSE 'that payment is not enabled' END",
        frozenset({"payment"}),
        ("UPDATE accounts SET pay_enabled = NULL WHERE account = $account",),
        "The holder can enable it.",
    ),
)
"""The parts of a registration.

The kinds of shared key that they are, when they are known, their words, the signals
that rest on them, how they are removed, and what to ask.
"""


def _registered(run: Run, account: int) -> Iterator[OwnEvent]:
    for links, known, words, signals, remove, ask in REGISTERED:
        rows = run.store.rows(
            f"""SELECT registered_at, {words} FROM accounts
                WHERE account = $account AND ({known})""",
            {"account": account},
        )
        for at, said in rows:
            yield OwnEvent(
                f"Your registration of {utc(at)} UTC: {visible(said)}",
                ask,
                signals,
                remove,
                links=frozenset(links),
            )


def _later(run: Run, account: int) -> Iterator[OwnEvent]:
    store, who = run.store, {"account": account}
    days = store.rows(
        """SELECT count(*), min(day), max(day), sum(friend_requests_sent),
                  sum(friend_requests_accepted), max(recipients)
           FROM activity WHERE account = $account""",
        who,
    )
    for number, first, last, sent, accepted, most in days:
        if number:
            yield OwnEvent(
                f"What you did on {number} day{'s' * (number != 1)} from "
                f"{utc(first)[:10]} to {utc(last)[:10]}: {sent or 0} friend requests "
                f"sent, {accepted or 0} accepted; "
                f"at most {most or 0} people written to "
                "on a day",
                f"Did you do this yourself, and what for? {SECURITY}",
                frozenset({"friend_requests", "reach"}),
                ("DELETE FROM activity WHERE account = $account",),
                rows=number,
            )
    for name, at, category, verified in store.rows(
        """SELECT complaint_id, filed_at, category, verified FROM complaints
           WHERE account = $account ORDER BY filed_at, complaint_id""",
        who,
    ):
        yield OwnEvent(
            f"{_when(at)}: a complaint about your account"
            + (f" for {visible(category.replace('_', ' '))}" if category else "")
            + (", which was verified" if verified else ", which was not verified"),
            f"What happened? {SECURITY}",
            frozenset({"complaints"}),
            ("DELETE FROM complaints WHERE complaint_id IN (SELECT unnest($ids))",),
            ids=(name,),
        )
    acted = store.rows(
        """SELECT count(*), min(applied_at), max(applied_at) FROM sanctions
           WHERE account = $account AND action <> 'unsealed'""",
        who,
    )
    for number, first, last in acted:
        if number:
            yield OwnEvent(
                f"The platform acted on your account {number} time"
                f"{'s' * (number != 1)}, from {utc(first)[:10]} to {utc(last)[:10]}",
                "Did you object then, and what came of it?",
                frozenset({"sanctions"}),
                ("DELETE FROM sanctions WHERE account = $account",),
                rows=number,
            )


def _when(at: int | None) -> str:
    return f"{utc(at)} UTC" if at is not None else "At a time that is not known"
