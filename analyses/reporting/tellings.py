"""How a row of an event table is told in a sentence, in any language.

A sentence is put together from texts with places; a part is left out when the column it
tells of is null. `owners` are the accounts asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analyses.reporting.texts import Texts


@dataclass(frozen=True)
class Telling:
    """How the rows of a table are told.

    `sql` gives the id of a row and columns with a name each. `parts` maps a column to
    the text that follows the sentence when it is not null, `bracketed` are columns
    whose words follow in brackets, `listed` maps columns to items of a list. The values
    of `codes` are words of the data contract and said in the language.
    """

    sql: str
    sentence: str
    parts: Mapping[str, str] | None = None
    bracketed: tuple[str, ...] = ()
    listed: Mapping[str, str] | None = None
    codes: tuple[str, ...] = ()

    def tell(self, row: Mapping[str, Any], texts: Texts) -> str:
        """Return what a row says."""
        words = {
            name: texts(str(value).replace("_", " ") if name == "action" else value)
            if name in self.codes and isinstance(value, str)
            else value
            for name, value in row.items()
        }
        said = [texts(self.sentence, **words)]
        said += [
            texts(text, **words)
            for column, text in (self.parts or {}).items()
            if words[column] is not None
        ]
        in_brackets = [str(words[name]) for name in self.bracketed if words[name]]
        if in_brackets:
            said.append(f" ({', '.join(in_brackets)})")
        items = [
            texts(text, **words)
            for column, text in (self.listed or {}).items()
            if words[column] is not None
        ]
        return "".join(said) + (f": {', '.join(items)}" if items else "")


TELLINGS = {
    "accounts": Telling(
        "SELECT account_id AS id, account_id AS account, registration_ip AS ip "
        "FROM accounts",
        "account {account} registered",
        {"ip": " at {ip}"},
    ),
    "helps": Telling(
        """SELECT help_id AS id, coalesce(a.account_id, '?') AS helper,
             coalesce(b.account_id, '?') AS helped, h.kind, channel, result,
             CASE WHEN coalesce(result, 'ok') = 'ok' THEN true END AS let_in,
             CASE WHEN result <> 'ok' THEN true END AS tried
           FROM helps AS h
           LEFT JOIN account_names AS a ON a.account = h.helper
           LEFT JOIN account_names AS b ON b.account = h.helped""",
        "{helper}",
        {"let_in": " helped {helped}", "tried": " tried to help {helped}"},
        bracketed=("kind", "channel", "result"),
        codes=("kind", "channel", "result"),
    ),
    "scans": Telling(
        """SELECT scan_id AS id, coalesce(a.account_id, '?') AS scanner,
             code_id AS code, purpose, result
           FROM scans AS s LEFT JOIN account_names AS a ON a.account = s.scanner""",
        "{scanner} scanned code {code}",
        bracketed=("purpose", "result"),
        codes=("purpose", "result"),
    ),
    "codes": Telling(
        """SELECT code_id AS id, a.account_id AS account FROM codes AS c
           LEFT JOIN account_names AS a ON a.account = c.account""",
        "code issued",
        {"account": " for {account}"},
    ),
    "complaints": Telling(
        """SELECT complaint_id AS id, coalesce(a.account_id, '?') AS account,
             category, CASE WHEN verified THEN true END AS verified
           FROM complaints AS c
           LEFT JOIN account_names AS a ON a.account = c.account""",
        "complaint about {account}",
        {"category": " for {category}", "verified": ", verified"},
        codes=("category",),
    ),
    "payments": Telling(
        """SELECT payment_id AS id, coalesce(a.account_id, '?') AS payer,
             coalesce(b.account_id, '?') AS payee, amount_fen AS fen
           FROM payments AS p LEFT JOIN account_names AS a ON a.account = p.payer
           LEFT JOIN account_names AS b ON b.account = p.payee""",
        "{payer} paid {payee} {fen} fen",
    ),
    "logins": Telling(
        """SELECT n.account_id || '@' || l.logged_in_at AS id, n.account_id AS account,
             coalesce(d.device_id, '?') AS device, method, ip, wifi
           FROM logins AS l JOIN owners AS n ON n.account = l.account
           LEFT JOIN devices AS d ON d.device = l.device""",
        "{account} logged in on device {device}",
        {"method": ", by {method}", "ip": ", from {ip}", "wifi": ", at {wifi}"},
        codes=("method",),
    ),
    "ties": Telling(
        """SELECT n.account_id || '@' || coalesce(CAST(t.since AS VARCHAR), '') AS id,
             n.account_id AS account, coalesce(b.account_id, '?') AS other, t.kind
           FROM ties AS t JOIN owners AS n ON n.account = t.account_a
           LEFT JOIN account_names AS b ON b.account = t.account_b""",
        "{account} is tied to {other}",
        bracketed=("kind",),
        codes=("kind",),
    ),
    "activity": Telling(
        """SELECT n.account_id || '@' || t.day AS id, n.account_id AS account,
             friend_requests_sent AS sent, friend_requests_accepted AS accepted,
             messages_sent AS messages, recipients, groups_joined AS groups
           FROM activity AS t JOIN owners AS n ON n.account = t.account""",
        "{account} on that day",
        listed={
            "sent": "{sent} friend requests sent",
            "accepted": "{accepted} accepted",
            "messages": "{messages} messages sent",
            "recipients": "to {recipients} people",
            "groups": "{groups} groups joined",
        },
    ),
    "sanctions": Telling(
        """SELECT n.account_id || '@' || s.applied_at AS id, n.account_id AS account,
             coalesce(s.action, 'sanction') AS action, s.rule
           FROM sanctions AS s JOIN owners AS n ON n.account = s.account""",
        "{account}: {action}",
        {"rule": " under rule {rule}"},
        codes=("action",),
    ),
}
"""The tables that a card tells of."""
