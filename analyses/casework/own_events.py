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
from analyses.reporting.texts import ENGLISH, Texts
from analyses.run import Run
from graph.store import Store

DID_YOU = (
    "Did you do this yourself, and what for? Somebody else may have used the account "
    "or the device."
)
WHAT_HAPPENED = "What happened? Somebody else may have used the account or the device."


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
        "gathering_record",
    }
)
HELP_LINKS = frozenset({"helper", "helper_device", "gathering"})
REMOVE_HELPS = (
    """DELETE FROM scans WHERE scan_id IN (
         SELECT scan_id FROM helps WHERE help_id IN (SELECT unnest($ids)))""",
    "DELETE FROM helps WHERE help_id IN (SELECT unnest($ids))",
)


def own_events(
    run: Run, account: int, codes: frozenset[str], texts: Texts = ENGLISH
) -> list[OwnEvent]:
    """Return the things that the evidence on an account rests on.

    `codes` are the signals in the evidence on it and on its team.
    """
    found = [
        *_helped(run, account, texts),
        *_helping(run, account, texts),
        *_registered(run, account, texts),
        *_later(run, account, texts),
    ]
    return [event for event in found if event.verified or event.signals & codes]


def _helped(run: Run, account: int, texts: Texts) -> Iterator[OwnEvent]:
    for help_id, at, kind in run.store.rows(
        """SELECT help_id, helped_at, kind FROM helps WHERE helped = $account
           ORDER BY helped_at, help_id""",
        {"account": account},
    ):
        what = "registration" if kind == "registration" else "unsealing"
        yield OwnEvent(
            texts(
                "{when}: somebody vouched for your account, or tried to ({what})",
                when=_when(at, texts),
                what=texts(what),
            ),
            "Who did it, and how do you know this person? Did you show the code "
            "yourself, or send its picture to somebody?",
            HELPED,
            REMOVE_HELPS,
            ids=(help_id,),
            links=HELP_LINKS,
        )


def _helping(run: Run, account: int, texts: Texts) -> Iterator[OwnEvent]:
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
        verified = any(set(ids) & set(known) for known in bad)
        said = texts(
            "{when}: you vouched for an account that registered"
            if kind == "registration"
            else "{when}: you vouched for an account that was sealed",
            when=_when(at, texts),
        )
        if verified:
            said += texts(", and that was found to be malicious later")
        if refused:
            said += texts("; {n} refused", n=refused)
        yield OwnEvent(
            said,
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
        "the device that you registered with",
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
        "the network that you registered on",
        frozenset({"presence"}),
        (
            "UPDATE accounts SET registration_ip = NULL, registration_block = NULL, "
            "registration_wifi = NULL WHERE account = $account",
        ),
        "Where was it: at home, at work, in a shop, on a campus?",
    ),
    (
        ("phone_segment",),
        "phone_prefix IS NOT NULL",
        "the phone number that you registered with",
        frozenset({"phone_crowd"}),
        ("UPDATE accounts SET phone_prefix = NULL WHERE account = $account",),
        "Where did you get the number, and since when do you have it?",
    ),
    (
        (),
        "app_version IS NOT NULL AND os_version IS NOT NULL",
        "the versions of app {app_version} and system {os_version}",
        frozenset({"software_age"}),
        (
            "UPDATE accounts SET app_version = NULL, os_version = NULL "
            "WHERE account = $account",
        ),
        "Is the device an old one, or was the app installed from elsewhere?",
    ),
    (
        (),
        "pay_enabled IS NOT NULL",
        "that payment is enabled",
        frozenset({"payment"}),
        ("UPDATE accounts SET pay_enabled = NULL WHERE account = $account",),
        "The holder can enable it.",
    ),
)
"""The parts of a registration.

The kinds of shared key that they are, when they are known, their words, the signals
that rest on them, how they are removed, and what to ask.
"""


NOT_SO = {
    "that payment is enabled": ("pay_enabled", "that payment is not enabled"),
}
"""The words where a column is false."""


def _registered(run: Run, account: int, texts: Texts) -> Iterator[OwnEvent]:
    for links, condition, words, signals, remove, ask in REGISTERED:
        for row in run.store.arrow(
            f"""SELECT registered_at, app_version, os_version, pay_enabled
                FROM accounts WHERE account = $account AND ({condition})""",
            {"account": account},
        ).to_pylist():
            column, otherwise = NOT_SO.get(words, ("", ""))
            said = otherwise if column and not row[column] else words
            named = {n: visible(str(value)) for n, value in row.items()}
            yield OwnEvent(
                texts(
                    "Your registration of {when}: {what}",
                    when=_when(row["registered_at"], texts),
                    what=texts(said, **named),
                ),
                ask,
                signals,
                remove,
                links=frozenset(links),
            )


def _later(run: Run, account: int, texts: Texts) -> Iterator[OwnEvent]:
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
                texts(
                    "What you did on {n} days from {first} to {last}: {sent} friend "
                    "requests sent, {accepted} accepted; at most {most} people written "
                    "to on a day",
                    n=number,
                    first=utc(first)[:10],
                    last=utc(last)[:10],
                    sent=sent or 0,
                    accepted=accepted or 0,
                    most=most or 0,
                ),
                DID_YOU,
                frozenset({"friend_requests", "reach"}),
                ("DELETE FROM activity WHERE account = $account",),
                rows=number,
            )
    for name, at, category, verified in store.rows(
        """SELECT complaint_id, filed_at, category, verified FROM complaints
           WHERE account = $account ORDER BY filed_at, complaint_id""",
        who,
    ):
        said = texts("{when}: a complaint about your account", when=_when(at, texts))
        if category:
            said += texts(" for {category}", category=_category(category, texts))
        said += texts(
            ", which was verified" if verified else ", which was not verified"
        )
        yield OwnEvent(
            said,
            WHAT_HAPPENED,
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
                texts(
                    "The platform acted on your account, {n} in all, from {first} to "
                    "{last}",
                    n=number,
                    first=utc(first)[:10],
                    last=utc(last)[:10],
                ),
                "Did you object then, and what came of it?",
                frozenset({"sanctions"}),
                ("DELETE FROM sanctions WHERE account = $account",),
                rows=number,
            )


def _category(category: str, texts: Texts) -> str:
    """Return what a complaint was about: a word of the data contract, in words."""
    said = texts(category)
    return visible(category.replace("_", " ") if said == category else said)


def _when(at: int | None, texts: Texts) -> str:
    return f"{utc(at)} UTC" if at is not None else texts("At a time that is not known")
