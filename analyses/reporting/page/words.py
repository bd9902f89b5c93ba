"""The words of the case file that no other list has: keys, links, days."""

KEY_WORDS = {
    "device": "device",
    "access_point": "access point",
    "address_block": "address block",
    "phone_segment": "phone segment",
    "helper": "helper",
    "helper_device": "device of a helper",
    "gathering": "stall or gathering",
    "text": "text that was posted",
    "target": "place that posts lead to",
}
"""The things that accounts share."""

LINK_WORDS = {
    "device": "used on the same device",
    "access_point": "registered at the same access point",
    "address_block": "registered from the same address block",
    "phone_segment": "number from the same phone segment",
    "helper": "helped by the same account",
    "helper_device": "helped from the same device",
    "gathering": "scanned at the same stall or gathering",
    "helped": "helped",
    "text": "posted the same text",
    "target": "led to the same place",
    "paid": "paid",
}
"""The kinds of links of a drawing."""

LINKED = {
    ("to", "serves"): "helped accounts of",
    ("from", "serves"): "was helped by",
    ("to", "supplies_workers_to"): "supplies workers to",
    ("from", "supplies_workers_to"): "has workers from",
    ("to", "controls"): "controls",
    ("from", "controls"): "is controlled by",
    ("to", "posts_for"): "posts for",
    ("from", "posts_for"): "has posts by",
    ("to", "pays"): "pays",
    ("from", "pays"): "is paid by",
}
"""What one team does for another, seen from either."""

PLACED_BY = {
    "position": "position",
    "access point": "access point",
    "address": "address",
    "town": "town",
}
"""What told where a stall was."""
