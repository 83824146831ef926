"""Names and ids of people in a server's text, told by the words beside them.

Comes in: text whose e-mail addresses are already masked. Goes out: the text with `[name]`, `[id]` and
`[phone]` in their places. What only might be a name stays where the words beside it say nothing of people.
"""

from __future__ import annotations

import re

from probe.masking import EMAIL_MASKED
from probe.patterns import Pattern

_CAPITAL = r"[A-Z\u00c0-\u00de][\w'\u2019.-]{0,40}"
_PARTICLE = r"(?:van|von|der|den|de|del|della|di|da|dos|la|le|bin|ibn|al|el|ter|ten)"
_MORE = rf"(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_CAPITAL})"
_EMAIL = re.escape(EMAIL_MASKED)
# Beside an address, also a word of any script that is not Latin.
_NAME = rf"(?:{_CAPITAL}|[^\W\d_\x00-\u024f][\w'\u2019.-]{{0,40}})"
_OPENING = r"(?:[<(\[\"']|&(?:lt|quot|#34|#60);){0,2}"
_CLOSING = r"(?:[>\])\"']|&(?:gt|quot|#34|#62);){0,2}"
_BEFORE_EMAIL = Pattern(rf"(?:{_NAME}[ ,]+){{1,4}}(?={_OPENING}{_EMAIL})")
_AFTER_EMAIL = Pattern(rf"({_EMAIL}{_CLOSING},?\s?[(\[\"'])({_NAME}(?:\s{_NAME}|{_MORE}){{0,3}})(?=[)\]\"'])")
_FROM_AFTER_EMAIL = Pattern(rf"({_EMAIL}{_CLOSING},?\s(?:from|by|of)\s)({_CAPITAL}{_MORE}{{0,3}})")
_ID_AFTER_EMAIL = Pattern(
    rf"({_EMAIL}{_CLOSING}[\s,;:/|(\[#-]{{1,3}}(?:(?i:user)?[ _-]?(?i:id|no\.?|number)?[\s:=#]{{1,3}})?)"
    r"(?=[\w-]{0,40}\d)(?![1-5]\d\d\b)[\w-]{2,60}"
)
_PHONE_AFTER_EMAIL = Pattern(rf"({_EMAIL}[^\d+]{{1,20}})\+?[\d(][\d ().-]{{6,18}}\d\b")
_PHONE_STATED = Pattern(
    r"\b((?i:phone|tel|telephone|mobile|cell|fax)(?i:\snumber|\sno)?\.?\s?[:=]?\s?)"
    r"\+?[\d(][\d ().-]{5,18}\d\b"
)
# Whoever is signed in: any word, for a login name needs no capital.
_SIGNED_IN = Pattern(
    r"\b((?i:signed|logged|authenticated|acting|running)(?:\s?(?i:in|on))?"
    r"\s+(?i:as|with)(?:\s(?i:user|account))?:?\s+)"
    rf"([^\s.,;:!?<>()\[\]\"']{{1,80}}(?:[.-][^\s.,;:!?<>()\[\]\"']{{1,80}}){{0,3}}{_MORE}{{0,3}})"
)
_GREETING = Pattern(
    r"\b((?i:hello|hi|hey|dear|welcome(?:\sback)?|good (?:morning|afternoon|evening)),?\s+)"
    rf"({_CAPITAL}{_MORE}{{0,3}})"
)
_WHO = (
    r"(?:user(?:[ _-]?name)?|owner|member|actor|author|login|person|contact|assignee|requester|invitee|"
    r"inviter|administrator|full[ _-]?name|display[ _-]?name|first[ _-]?name|last[ _-]?name|name|"
    r"(?:created|requested|invited|updated|owned|approved|deleted|modified)[ _-]?by)"
)
_STATED = Pattern(rf"\b((?i:{_WHO})\s?:\s?)({_CAPITAL}{_MORE}{{1,3}}|[a-z][\w-]{{1,30}}\.[a-z][\w-]{{1,30}})")
_BY = Pattern(
    rf"\b((?i:created|requested|invited|updated|owned|approved)\s(?i:by)\s)({_CAPITAL}{_MORE}{{0,3}})"
)
_ASSIGNED = Pattern(rf"\b((?i:{_WHO})\s?=\s?[\"']?)(?!\[)([^\s\"'&;,<>\[\]]{{2,}}{_MORE}{{0,3}})")
_NAMED_IN_PARTS = Pattern(
    rf"\b((?i:(?:first|last|given|family|full|display|middle|sur)[ _-]?name)[\"']?\s?[:=]\s?[\"']?)"
    rf"({_CAPITAL}{_MORE}{{0,3}})"
)
_FOR_WHOM = Pattern(
    rf"\b((?i:assigned to|on behalf of|belongs to|shared with|owner|member|name)\s)"
    rf"({_CAPITAL}{_MORE}{{1,3}}|[a-z][\w-]{{1,30}}\.(?!com|org|net)[a-z][\w-]{{1,30}})"
)
# "User Jane Roe is ...", "Jane Roe does not have access": a whole name before a verb that tells of a person.
_USER_IS = Pattern(
    rf"\b((?i:user)\s)({_CAPITAL}{_MORE}{{1,3}}|[a-z][\w-]{{1,30}}\.[a-z][\w-]{{1,30}})"
    r"(?=\s(?:is|was|does|has|cannot|can't|could|lacks|isn't|doesn't|already)\b)"
)
_MAY_NOT = Pattern(
    rf"(^|[.!?;:,]\s|\b(?:but|that|as)\s)({_CAPITAL}{_MORE}{{1,3}})"
    r"(?=\s(?:is not (?:a member|authori[sz]ed|allowed|permitted|an? admin)|"
    r"does(?: not|n['\u2019]t) have (?:access|permission|the|any)|has no (?:access|permission)|lacks)\b)"
)
_DIRECTORY = Pattern(r"\b((?i:cn|uid|samaccountname|mail|givenname|sn)=)([^,;\s\"'<>\[][^,;\"'<>\[]{0,80})")
_ARN = Pattern(r"\b(arn:[\w-]{0,20}:[\w-]{0,20}:)[^\s\"'<>]+")
_QUOTED = Pattern(
    r"\b((?i:user(?:[ _-]?name)?|member|login|owner|person)\s+[\"'`\u201c\u2018])"
    r"([\w.-]{1,60})(?=[\"'`\u201d\u2019])"
)
_KEEPER = (
    r"(?:user|member|account|owner|group|invite|invitation|person|"
    r"actor|customer|tenant|organi[sz]ation|space)"
)
_NUMBERED = Pattern(
    rf"\b((?i:{_KEEPER})(?:(?:\swith)?[ _-]?(?i:id)\s?[=:#]?\s?|\s?[=#]\s?|\s(?![1-5]\d\d\b)))(\d{{1,19}})\b"
)
_NAMED_ID = Pattern(
    r"\b(?!(?:error|err|code|http|api|oauth|utf|sha|step|tier|level|plan|field|line|v)_)"
    r"[a-z]{2,16}_(?:\d{2,}|(?=[a-z]*\d)[0-9A-Za-z]{4,})\b"
)
_PHONE = Pattern(r"(?<![\w+])\+\d[\d ().-]{7,18}\d\b")
# What stands after these words and is nobody's name.
_NOBODY = Pattern(
    r"a|an|another|the|any|some|no|not|one|other|different|someone|you|your|this|that|our|us|to|back|there|world|"
    r"everyone|all|admins?|administrators?|guest|root|anonymous|users?|customers?|team|members?|visitor|sir|madam|"
    r"invalid|required|missing|found|access|denied|forbidden|unknown|error|failed|unauthori[sz]ed|cannot|must|"
    r"unauthenticated|should|is|are|was|has|have|does|do|expired|disabled|suspended|inactive|locked|service|system"
)


# Words that make a name one of a thing.
_THING = Pattern(
    r"tokens?|keys?|accounts?|plans?|tiers?|apis?|organi[sz]ations?|workspaces?|spaces?|roles?|groups?|clients?|requests?|"
    r"licen[sc]es?|subscriptions?|permissions?|sessions?|limits?|management|interface|profiles?|director(?:y|ies)|access|"
    r"provisioning|invit(?:es?|ations?)|agents?|apps?|applications?|business|enterprise|premium|free|control|features?|"
    r"integrations?|servers?|services?|projects?|resources?|environments?|folders?|users?|members?|admins?|teams?"
)
# What must stand in a text, in lower case, for a pattern to be worth a look.
_NAMED = (
    ((" as", " with"), _SIGNED_IN),
    (("hello", "hi", "hey", "dear", "welcome", "good "), _GREETING),
    ((":",), _STATED),
    (("by ",), _BY),
    (("name",), _NAMED_IN_PARTS),
    (("assigned", "behalf", "belongs", "shared", "owner ", "member ", "name "), _FOR_WHOM),
    (("=",), _ASSIGNED),
    (("=",), _DIRECTORY),
    (("user ",), _USER_IS),
    ((" not ", "n't ", "n\u2019t ", " no ", "lacks"), _MAY_NOT),
)
_PHONES = ("phone", "tel", "mobile", "cell", "fax")
_QUOTES = "\"'`\u201c\u2018"
_DIGIT = Pattern(r"\d")


def without_people(text: str) -> str:
    """Return `text` without names and ids of people, where the words beside them tell.

    >>> without_people("Signed in as Jane Roe. user_123 is not an admin; user: not found")
    'Signed in as [name]. [id] is not an admin; user: not found'
    """
    if EMAIL_MASKED in text:
        text = _beside_an_address(text)
    lowered = text.lower()
    for needles, pattern in _NAMED:
        if any(needle in lowered for needle in needles):
            text = pattern.sub(_named, text)
    if "arn:" in lowered:
        text = _ARN.sub(r"\1[id]", text)
    if any(quote in text for quote in _QUOTES):
        text = _QUOTED.sub(r"\1[value]", text)
    if _DIGIT.search(text) is None:
        return text
    text = _NUMBERED.sub(r"\1[id]", _NAMED_ID.sub("[id]", text))
    if any(word in lowered for word in _PHONES):
        text = _PHONE_STATED.sub(r"\1[phone]", text)
    return _PHONE.sub("[phone]", text) if "+" in text else text


def _beside_an_address(text: str) -> str:
    text = _AFTER_EMAIL.sub(r"\1[name]", _BEFORE_EMAIL.sub("[name] ", text))
    text = _PHONE_AFTER_EMAIL.sub(r"\1[phone]", _FROM_AFTER_EMAIL.sub(r"\1[name]", text))
    return _ID_AFTER_EMAIL.sub(r"\1[id]", text)


def _named(found: re.Match[str]) -> str:
    """Mask a name, but not the words before it that are no part of it, nor the full stop after it."""
    text = found[2].rstrip(".")
    words = text.split()
    start = 0
    while start < len(words) and _says_nothing(words[start]):
        start += 1
    rest = words[start:]
    too_few = start > 0 and len(rest) < 2  # noqa: PLR2004 - after other words, only a whole name is one
    if not rest or too_few or text.startswith("[") or any(_THING.fullmatch(_bare(word)) for word in rest):
        return found[0]
    before = "".join(f"{word} " for word in words[:start])
    return f"{found[1]}{before}[name]{found[2][len(text) :]}"


def _says_nothing(word: str) -> bool:
    return _NOBODY.fullmatch(_bare(word)) is not None or _THING.fullmatch(_bare(word)) is not None


def _bare(word: str) -> str:
    return word.strip(".,-").lower()
