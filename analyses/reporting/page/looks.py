"""How roles and kinds of links look, on the page and in figures: colour *and* shape.

The colours are those of Okabe & Ito (2008), which the colour-blind can tell apart,
darkened where they would be too pale on white.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """A colour, a shape (a matplotlib marker), and whether it is filled."""

    colour: str
    shape: str
    filled: bool = True


ROLE_LOOKS = {
    "batch_registered": Look("#c44e00", "o"),
    "operator": Look("#8b1a6b", "*"),
    "platform_worker": Look("#0067a3", "s"),
    "owned_helper": Look("#a36a00", "^"),
    "lured_helper": Look("#007a5a", "D", filled=False),
    "unsealed_account": Look("#c44e00", "p"),
}
OTHER_ROLE = Look("#4a4a4a", "h")
"""A role that has no look of its own yet."""

NO_ROLE = Look("#6b6b6b", "h", filled=False)
TEAM = Look("#23395b", "team")

LINK_LOOKS = {
    "device": ("#333333", ""),
    "access_point": ("#0067a3", "7 3"),
    "address_block": ("#2f86b8", "2 3"),
    "phone_segment": ("#007a5a", "9 3 2 3"),
    "helper": ("#a8487f", ""),
    "helper_device": ("#a8487f", "6 3"),
    "gathering": ("#c44e00", "2 3"),
    "helped": ("#6a51a3", ""),
    "text": ("#c44e00", ""),
    "target": ("#8b1a6b", "5 3"),
    "paid": ("#1a7f37", ""),
}
"""Colour and dashes of each kind of link."""

THING_LETTERS = {
    "device": "D",
    "access_point": "W",
    "address_block": "IP",
    "phone_segment": "T",
    "helper": "H",
    "helper_device": "HD",
    "gathering": "S",
    "text": "P",
    "target": "Z",
}
"""What stands on the mark of a thing that accounts share."""


def role_look(role: str | None) -> Look:
    """Return how an account of this role looks."""
    if not role:
        return NO_ROLE
    return ROLE_LOOKS.get(role, OTHER_ROLE)
