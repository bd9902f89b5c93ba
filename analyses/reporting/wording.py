"""Roles, kinds of teams, actions and reasons in words for the person who must act."""

from collections.abc import Mapping
from typing import Protocol

ROLES = {
    "batch_registered": "account that was registered in a batch",
    "operator": "operator of a stall or a farm",
    "platform_worker": "worker who helps strangers for pay, again and again",
    "owned_helper": "aged account of a farm that helps the farm's own accounts",
    "lured_helper": "passer-by who was deceived into helping",
    "unsealed_account": "sealed account that was, or was to be, unsealed by fraud",
    "recruiter": "recruiter of helpers",
    "seller": "seller of accounts",
    "broker": "broker of accounts",
    "rented_account": "account that was rented out",
    "poster": "poster of advertisements for the network",
    "lender": "illegal lender",
    "advertiser": "advertiser of illegal offers",
    "mule": "account that passes money on",
    "victim": "victim",
}

KINDS = {
    "registration_farm": "registration farm",
    "scanning_crew": "push-code-scanning crew",
    "helper_platform": "online profit platform",
    "unsealing_batch": "batch of fraudulent unsealings",
    "verification_crew": "verification crew",
    "rental_ring": "account rental ring",
    "posting_ring": "posting ring",
    "loan_ring": "illegal loan ring",
    "laundering_ring": "money laundering ring",
}

ACTION_WORDS = {
    "none": "do nothing",
    "educate": "explain to the person how strangers misuse such help",
    "watch": "look at it again later",
    "warn": "warn",
    "limit": "limit its functions",
    "short_block": "block for a short time",
    "long_block": "block for a long time",
    "re_seal": "seal it again",
    "permanent_block": "block for good",
}

TO_VERIFY = {
    "batch_registered": "that no organisation (agency, school, shop, test laboratory) "
    "has registered these accounts openly; that the shared device or network is not a "
    "public one",
    "operator": "that the person was at the place when the codes were scanned; that "
    "the accounts served are confirmed as malicious",
    "platform_worker": "that each help counted went to an account with a sanction or a "
    "verified complaint; that the helper is not an agency or a shop",
    "owned_helper": "that the helper's own device or network is the farm's; that it is "
    "not a household or an office",
    "lured_helper": "nothing: no action is taken against a deceived person",
    "unsealed_account": "that it was not a relative, a colleague or a shop's clerk who "
    "applied for it; that it did harm again, or was sealed for harm",
    "recruiter": "that the offer is the account's own; that accounts were handed over",
    "seller": "that several accounts were handed over for money",
    "broker": "that the payments were for accounts, and not wages or a shop's",
    "rented_account": "whether the owner was deceived, and rented once or trades; that "
    "it is not a family's, a company's or a traveller's device",
    "poster": "that the posts were paid for; that it is not staff, a fan or an appeal",
    "lender": "that there is no licence; that borrowers are strangers and were charged "
    "what they say",
    "advertiser": "that the adverts are the account's own and lead to such loans",
    "mule": "that the money is not wages, a shared bill, a stall's or a present; "
    "whether the owner knew of it",
    "victim": "nothing: no action is taken against a deceived person",
}
TO_VERIFY_ELSE = "that every reason holds, by looking at the events named"

APPEAL = (
    "Tell the account's holder the reasons and how to object. An objection goes to a "
    "person who was not part of the decision and who looks at the events on the card."
)

EDUCATE = (
    "Tell the person that somebody at the place probably asked them to scan a code for "
    "an account of a stranger; that such codes let fake accounts in; and to scan codes "
    "only for people they know. Nothing is held against the person."
)

INNOCENTS = {
    "nothing special": "nothing special about them",
    "household": "household that shares devices and a network",
    "phone_shop": "customers of a phone shop that helps them to register",
    "office": "office, first day at work",
    "campus": "campus, first days of a term",
    "agency": "customers of an agency that registers them",
    "test_lab": "test laboratory with many accounts on few devices",
    "carrier_nat": "people behind one address of a carrier",
    "merchant_stall": "customers of a merchant's stall",
    "event": "visitors of an event",
    "active_seller": "sellers who write to very many people",
    "proxy_customer": "people behind one proxy",
    "sim_batch": "buyers of one batch of SIM cards",
    "dormitory": "dormitory of a factory",
    "internet_cafe": "internet cafe",
    "used_phone": "buyers of used phones",
    "community_helper": "volunteer who helps old people, and those people",
    "campaign": "promoters of a campaign, and whom they won",
    "fan_group": "fans who help fans",
    "task_customer": "honest newcomers who paid a task platform for one help",
    "side_accounts": "further accounts of one person on one phone",
    "lured_helper": "passers-by who were deceived into helping",
    "framed": "victims whom a farm made to look like its own",
    "victim": "victims of a further network",
    "family_unsealing": "family whose accounts one of them applies to unseal",
    "sealed_office": "firm whose staff was sealed in one wave",
    "unsealing_desk": "customers of a shop that applies for them",
    "verify_counter": "customers who verify themselves at a counter",
    "guardian_desk": "parents who verify their children's accounts",
    "visitor_check": "visitors who verify themselves at a gate",
    "new_phone": "people with a new phone",
    "family_tablet": "family that shares a tablet",
    "service_desk": "customer-service desk of a firm",
    "journey": "people on a journey",
    "viral_text": "people who pass on a text",
    "company_staff": "staff who post their company's offers",
    "fan_club": "fans who post when a show is on",
    "charity_appeal": "people who pass on an appeal for somebody ill",
    "lending_friend": "friends who lend to friends",
    "licensed_lender": "staff of a licensed lender",
    "savings_club": "members of a savings club",
    "credit_shop": "shop that sells on credit",
    "market_stall": "keeper of a market stall",
    "shared_bill": "friends who share a bill",
    "red_packet": "people who send and pass on presents of money",
    "payroll": "firm on its pay day, and its staff",
}
"""Innocent people who look like collusion, in the sample worlds."""

PATTERNS = {
    "stall": "scanned at a stall",
    "platform": "given for pay through an online platform",
    "owned": "from the farm's own helpers to the farm's accounts",
    "batch_unsealing": "in a batch of unsealings",
}

LINKS = {
    "serves": "helped accounts of",
    "supplies_workers_to": "supplies workers to",
    "controls": "controls",
    "posts_for": "posts for",
    "pays": "pays",
}

CHANGE_WORDS = {
    "born": "is new",
    "grew": "grew",
    "shrank": "shrank",
    "merged": "took in another team",
    "split": "is a part of a team that split",
    "unchanged": "is as it was",
    "quiet": "went quiet: nothing seen of it since",
    "ended": "ended: no team has most of its members",
}
"""What became of a team since an earlier run."""

PRIOR = "what is expected before anything is known"


class Reason(Protocol):
    """What the table of signals says of a signal: a sentence for and one against."""

    @property
    def for_(self) -> str:
        """The sentence when the evidence speaks for collusion."""
        ...

    @property
    def against(self) -> str:
        """The sentence when the evidence speaks against it."""
        ...


def in_words(words: Mapping[str, str], code: object) -> str:
    """Return a code's words, or the code itself where there are none.

    >>> in_words(ROLES, "mule"), in_words(ROLES, "new_role"), in_words(ROLES, None)
    ('account that passes money on', 'new role', '')
    """
    if not isinstance(code, str):
        return ""
    return words.get(code, code.replace("_", " "))


def reason(
    signals: Mapping[str, Reason],
    code: str,
    *,
    bits: float = 1.0,
    events: int = 0,
    says: object = None,
) -> str:
    """Return the sentence of a piece of evidence.

    `says` is the answer that was really given; where that is not known, the sentence
    goes by whether the evidence speaks for or against. It may name `{bits}` and
    `{events}`, the number of events.
    """
    if isinstance(says, str) and says:
        return says
    if code == "prior" and code not in signals:
        return PRIOR
    if code not in signals:
        return code.replace("_", " ")
    sentence = signals[code].for_ if bits >= 0 else signals[code].against
    return sentence.replace("{bits}", f"{bits:+.1f}").replace("{events}", str(events))
