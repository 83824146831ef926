"""The wording that servers use, as data: what speaks of the plan, a scope, a token, a page's purpose.

Patterns are general: no vendor's own messages stand here, those come from its catalog. They are
searched in lower-case text. Languages beside English are those that products ship their pages in.
"""

# ruff: noqa: E501 - patterns are data, one idea a line
from __future__ import annotations

import re

from probe.patterns import Pattern


class Wording(Pattern):
    """Patterns of which one is to be found.

    `near` are stems of which one stands in every text that it finds something in, where that is so:
    most texts then cost no more than a look for them.
    """

    def __init__(self, *patterns: str, near: tuple[str, ...] = ()) -> None:
        super().__init__("|".join(f"(?:{pattern})" for pattern in patterns))
        self._near = near
        self._last: tuple[str | None, re.Match[str] | None] = (None, None)

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match in lower-case `text`; most answers of a run say what the one before said."""
        seen, found = self._last
        if seen != text:
            found = self._find(text)
            self._last = (text, found)
        return found

    def _find(self, text: str) -> re.Match[str] | None:
        if self._near and not any(stem in text for stem in self._near):
            return None
        return super().search(text)


_PLAN = r"(?:plans?|subscriptions?|licen[sc]es?|editions?|tiers?|packages?|accounts? types?|memberships?|entitlements?|pricing|sku)"
_OWN = r"(?:your|this|the|its|a|an|our|any|another|current|existing|active|free|basic|starter|trial|standard|team|organi[sz]ation(?:'s)?|account(?:'s)?|workspace(?:'s)?|company(?:'s)?|user(?:'s)?|customer(?:'s)?|project(?:'s)?|paid|higher|different|valid|specified|subscribed|product|service|api|license|licence|usage|developer|community)"
_TIERS = r"(?:enterprise|business|premium|professional|pro|plus|gold|platinum|ultimate|advanced|growth|scale|team|teams|paid|standard|corporate|scale-up|elite|commercial|licensed|e[35]|p[12])"

# fmt: off
_NEAR_PLAN = (
    "plan", "subscri", "licen", "edition", "tier", "packag", "account", "member", "entitl", "pric", "sku",
    "upgrad", "enterprise", "business", "premium", "pro", "plus", "gold", "platinum", "ultimate", "advanced",
    "growth", "scale", "team", "paid", "paying", "standard", "corporate", "elite", "commercial", "trial", "free",
    "feature", "add-on", "addon", "module", "purchas", "sales", "payment", "access level", "access to a subset",
    "have access", "tarif", "abo", "lizenz", "paket", "forfait", "offre", "suscrip", "plano", "assinat", "piano",
    "organi", "workspace", "tenant", "company", "customer", "instance", "user tier", "site", "e3", "e5", "p1", "p2",
    "\u5957\u9910", "\u8ba2\u9605", "\u7248\u672c", "\u5347\u7ea7", "\u30d7\u30e9\u30f3", "\u0442\u0430\u0440\u0438\u0444",
)
# fmt: on
PLAN = Wording(
    rf"upgrad\w+ (?:{_OWN} )*(?:to |of |for )?(?:{_OWN} )*(?:\w+ )?(?:{_PLAN}|account|workspace|{_TIERS}\b)",
    rf"{_PLAN},?(?: which| that)? (?:level |type |tier )?(?:does|do|did|is|are|has|have|was)(?: not|n[o']?t|n\u2019t)(?: \w+){{0,2}} (?:include|allow|support|have|permit|cover|grant|provide|enable|entitle|offer|eligible|contain|active|sufficient|provisioned|valid)",
    rf"(?:not|n't|n\u2019t) (?:be )?(?:available|included|supported|enabled|part|allowed|accessible|covered|permitted|offered|provided|usable|possible)(?: of)? (?:in|on|for|with|under|by|to|at|as part of|through|of)? ?(?:{_OWN} )*(?:[\w-]+ )?{_PLAN}\b",
    rf"(?:only|exclusively) (?:be )?(?:available|included|supported|enabled|accessible|allowed|possible|for|offered)(?: \w+){{0,3}} (?:{_TIERS}|paid|paying|higher)\b",
    rf"(?:available|included|supported|enabled|accessible|offered|limited|restricted) (?:only |exclusively )?(?:in|on|for|with|to|as part of|under|from) (?:the |an? |our |all |your |certain |select |any )*(?:{_TIERS}[ ,/&]*(?:and |or )?)+(?:{_PLAN}|customers?|subscribers?|users|members|organi[sz]ations|accounts|workspaces)",
    rf"(?:requires?|needs?|must have|must be on|need to (?:have|be on)|requiring|required:?|without|lacks?|no) (?:the |an? |at least |a valid |valid |an active |active )*(?:[\w-]+ ){{0,3}}(?:{_TIERS}|paid|different|higher|reddit) (?:\w+ ){{0,2}}(?:{_PLAN}|account|tier|access|feature|customer|subscriber)",
    r"(?:requires?|needs?|must have|without|lacks?|have no|has no|no|missing|expired|invalid) (?:an? |the |your )*(?:active |valid |current |paid |commercial |appropriate |required |sufficient |corresponding )*(?:[\w-]+ ){0,2}(?:subscription|licen[sc]e(?! key in)|entitlement)s?(?! (?:id|number|key|name|field|parameter|header)\b)(?! (?:not found|with id))",
    r"(?:subscription|licen[sc]e|trial|plan)(?: \w+){0,3} (?:has |have |is |was |already )*(?:expired|ended|inactive|lapsed|cancell?ed|suspended|non-compliant)\b",
    r"(?:for|to) (?:paid|paying|premium|enterprise|business|pro) (?:\w+ )?(?:teams?|workspaces?|customers?|accounts?|users?|plans?|members|subscribers)(?: only)?|(?:paid|premium|enterprise|business) (?:teams?|workspaces?|customers?|accounts?|plans?|users?) only",
    r"(?:not|n't|n\u2019t) (?:been )?(?:licensed|entitled|subscribed)\b|\bunlicensed\b|license[d]? limit|licen[sc]e (?:does|required|check failed|error|violation|missing)",
    r"(?:plan|tier|subscription|license|licence|package|edition) (?:limit|restriction|required|upgrade|insufficient|too low|level required)",
    r"access to a subset of|(?:different|higher|elevated|required) access level|access level (?:does|is) not|your access level",
    r"permission to access the feature|feature (?:\S+ )?(?:is |was )?(?:not|n't) (?:been )?(?:available|enabled|included|supported|licensed|activated|allowed|purchased|provisioned|part|accessible)(?! in this (?:version|release|server))",
    r"(?:org(?:ani[sz]ation)?|account|workspace|team|tenant|company|customer|project|instance|site) (?:\S+ )?(?:does|do)(?: not|n't) have (?:access to )?(?:this|the|that|a) (?:\w+ )?(?:feature|functionality|capability|product|module|add-?on)",
    r"(?:not|n't|n\u2019t) (?:available|included|enabled|activated|supported|allowed|provisioned) (?:for|on|in|to|with) (?:your|this|the) (?:current )?(?:organi[sz]ation|account|workspace|team|tenant|company|user tier|customer)",
    r"(?:add-?on|module|feature|product)(?: \S+){0,5} (?:must|needs to|has to) be purchased|(?:add-?on|module|feature|product) (?:is )?(?:required|not purchased|must be purchased|not active)|purchase (?:a|an|the|this) |payment required|please subscribe|contact (?:our )?sales|sales team|talk to sales|/pricing\b|premium feature|enterprise[- ]only|premium[- ]only|pro[- ]only|paid feature|paid[- ]only|enterprise feature|beyond your plan",
    rf"{_TIERS} (?:{_PLAN}|account) (?:is |are )?(?:required|needed|necessary)",
    r"requires? (?:\S+ )?(?:premium|enterprise|ultimate|business|professional|platinum)\b(?! (?:id|key|name|admin|owner|role|permission|scope|token))",
    r"(?:on|for|in|with|to) (?:free|trial|basic|starter|hobby|community|unpaid) (?:accounts?|plans?|users?|tiers?|editions?|workspaces?|organi[sz]ations?)",
    r"(?:your|current|this|free|trial|basic|starter) (?:\w+ )?(?:plan|subscription|tier|license|licence|edition|package)(?: \w+){0,2} (?:only|not|limits?|limited|excludes?|lacks|cannot|can't|doesn't|needs|must)",
    r"(?:free|trial|basic|starter|community|hobby) (?:accounts?|users?|plans?|tier|edition|version|organi[sz]ations?|workspaces?|customers) (?:can(?:not|'t)|do(?:es)? not|don't|doesn't|are not|may not|is not|have no|only)",
    r"upgrade (?:to (?:access|use|enable|unlock|continue)|required to (?:access|use))|(?:need to upgrade|must upgrade|please upgrade|consider upgrading|by upgrading)(?! (?:your |the |to (?:the |a |an )?|this )?(?:\w+ )?(?:client|sdk|app|version|latest|newer|browser|server|agent|cli|software|instance|library|plugin|tls)\b)",
    r"(?:tarif|abonnement|abo|lizenz|paket)\w* (?:\w+ ){0,4}(?:nicht|erforderlich|ben\u00f6tigt|upgrad|enth\u00e4lt|abgelaufen)|nicht in ihrem (?:\w+ )?(?:tarif|abonnement|paket|plan)|(?:erfordert|ben\u00f6tigt) (?:\w+ ){0,3}(?:lizenz|abonnement|tarif)",
    r"(?:forfait|abonnement|offre|licence) (?:\w+ ){0,4}(?:ne|n'|requis|n\u00e9cessaire|insuffisant|expir)|pas (?:inclus|disponible|compris)\w* (?:dans|avec) (?:votre|cette) (?:\w+ )?(?:forfait|abonnement|offre|licence|formule)",
    r"(?:plan|suscripci\u00f3n|licencia)(?: \w+){0,3} no (?:incluye|permite|tiene)|no (?:est\u00e1 )?(?:disponible|incluid\w) (?:en|con|para) (?:su|tu) (?:plan|suscripci\u00f3n|licencia)|requiere (?:una? )?(?:\w+ )?(?:suscripci\u00f3n|licencia|plan)|actuali[cz]\w+ (?:su|tu) (?:plan|suscripci\u00f3n)",
    r"(?:plano|assinatura|licen\u00e7a)(?: \w+){0,3} n\u00e3o (?:inclui|permite|tem)|n\u00e3o (?:est\u00e1 )?(?:dispon\u00edvel|inclu\u00edd\w) (?:no|na|em|com|para o) (?:seu|sua) (?:plano|assinatura)|(?:piano|abbonamento|licenza)(?: \w+){0,3} non (?:include|consente|prevede)|non (?:\u00e8 )?(?:disponibile|inclus\w) (?:nel|con il|per il) (?:tuo|suo|vostro)",
    r"(?:\u5957\u9910|\u8ba2\u9605|\u7248\u672c).{0,12}(?:\u4e0d\u652f\u6301|\u5347\u7ea7|\u4e0d\u5305\u542b)|\u5347\u7ea7.{0,8}(?:\u5957\u9910|\u7248\u672c|\u8ba2\u9605)|\u30d7\u30e9\u30f3.{0,16}(?:\u5229\u7528\u3067\u304d|\u542b\u307e\u308c|\u30a2\u30c3\u30d7\u30b0\u30ec\u30fc\u30c9)|\u0442\u0430\u0440\u0438\u0444.{0,30}(?:\u043d\u0435|\u043e\u0431\u043d\u043e\u0432)|\u043d\u0435\u0434\u043e\u0441\u0442\u0443\u043f\u043d\w+ .{0,20}\u0442\u0430\u0440\u0438\u0444",
    near=_NEAR_PLAN,
)
# Where the status says that access is refused, such words are about the caller and not about a field.
PLAN_REFUSED = Wording(
    r"(?:licen[sc]e|subscription|paid plan|plan upgrade) (?:is |are )?(?:required|needed|necessary|missing)"
)
# A whole statement: whose plan, and that it lacks or needs something. A fragment may be about a field.
PLAN_STATEMENT = Wording(
    rf"(?:your|this|the|current|active|our|their) (?:[\w-]+ ){{0,3}}{_PLAN}\b(?: [\w-]+){{0,3}}? (?:does not|doesn't|do not|don't|not|lacks?|cannot|can't|only|needs?|must)\b",
    rf"not (?:yet )?(?:available|included|supported|enabled|part|allowed|licensed|offered|covered)(?: [\w-]+){{0,3}} (?:your|this|the|our|a|an) (?:[\w-]+ ){{0,3}}{_PLAN}\b",
    rf"(?:requires?|only (?:available|included|offered|supported)(?: \w+)?|upgrade to|restricted to|reserved for|limited to|must have|need) (?:a |an |the |our |at least )*(?:[\w-]+ ){{0,3}}(?:{_TIERS}|paid|higher|active)\b(?: [\w-]+){{0,2}} ?(?:{_PLAN}|accounts?|customers?|workspaces?|organi[sz]ations?)",
    rf"must (?:be on|have|upgrade to) (?:a |an |the )?(?:[\w-]+ ){{0,2}}{_PLAN}\b",
    r"access to a subset of|different access level|permission to access the feature|feature (?:\S+ )?(?:is |was )?(?:not|n't) (?:been )?(?:available|enabled|included|licensed) (?:for|on|in|to|with) (?:your|this)|unlicensed|not licensed",
    near=_NEAR_PLAN,
)
# What passes or asks for patience, and upgrades of something else than a plan.
PASSING = Wording(
    r"right now|try again|could not be found|couldn't be found|does not exist|temporar|at this time|for this hour|per (?:hour|minute|second|day)\b|come back later|currently unavailable|in progress|upgrading|upgrade to (?:the |a |an )?(?:latest|newest|newer|version|v?\d|tls|https?|websocket|h2c?|client|sdk|app\b)|no such |not found|is not included in the list"
)
PLAN_CODE = Wording(
    r"(?:not|un|in)_?available_(?:for|on|in)_(?:\w+_)?(?:plan|tier|subscription|edition)",
    r"(?:feature|functionality|capability|product|module|addon|plan)s?_?(?:is_)?(?:not|un|in)_?(?:available|included|enabled|licensed|supported|allowed|entitled|purchased|active)",
    r"(?:plan|subscription|licen[sc]e|tier|entitlement|package|edition|billing|upgrade|payment|account_upgrade|trial|membership)s?_?(?:required|upgrade|limit(?:ation|ed)?|restrict\w*|expired|insufficient|inactive|invalid|missing|needed|mismatch|not_\w+|denied|error|violation|exceeded|ended|gate|gated|blocked)",
    r"(?:no|invalid|insufficient|missing|requires?|need|upgrade|expired|inactive|unpaid|wrong|low)_?(?:valid_|active_|your_|to_)?(?:plan|subscription|licen[sc]e|tier|entitlement|edition|package|membership)s?",
    r"(?:requires?|needs?|only)_?(?:enterprise|premium|business|pro|paid|gold|plus|professional)|(?:enterprise|premium|business|paid|gold|plus|professional|pro)_?(?:required|only|feature|plan|subscription|account)",
    r"not_?(?:licensed|entitled|subscribed|in_plan|on_plan|paid)|unlicensed|entitlement\w*|payment_?required|upgrade_?(?:plan|account|subscription|needed|to_\w+)|feature_?(?:gated|locked|disabled|restricted|limit)|paid_\w+_only|team_not_eligible|paywall|quota_plan|licen[sc]e\w*(?:exception|error|violation)|client-not-enrolled|access_level",
)
UNPAID = Wording(
    r"past due|overdue|unpaid|payment (?:failed|declined|method|is due)|card (?:was |has been )?declined|outstanding (?:balance|invoice)|insufficient (?:funds|credits?|balance)|out of credits?|no credits|credit balance|billing issue|invoice"
)
RATE = Wording(
    r"too many (?:requests|attempts|calls|connections|login)|rate[ _-]?limit|ratelimit|throttl|request limit|requests? per (?:second|minute|hour|day)|quota (?:has been |was |is )?(?:exceeded|reached|exhausted)|exceeded (?:\w+ ){0,4}(?:quota|rate|limit of requests|number of requests|request)|slow ?down|reduce your request|hard speed limit|making requests too|limit exceeded|calls? limit|usage limit|request was throttled|concurren\w+ (?:request )?limit|retry after \d",
    r"zu viele anfragen|anfragelimit|trop de (?:requ\u00eates|demandes|tentatives)|demasiad[ao]s (?:solicitudes|peticiones|intentos)|muit[ao]s (?:solicita\u00e7\u00f5es|requisi\u00e7\u00f5es|pedidos|tentativas)|troppe richieste|te veel (?:verzoeken|aanvragen)|zbyt wiele|f\u00f6r m\u00e5nga (?:f\u00f6rfr\u00e5gningar|beg\u00e4randen)|for mange foresp\u00f8rsler|\u0441\u043b\u0438\u0448\u043a\u043e\u043c \u043c\u043d\u043e\u0433\u043e|\u8bf7\u6c42(?:\u8fc7\u4e8e\u9891\u7e41|\u8fc7\u591a|\u592a\u591a)|\u8bbf\u95ee(?:\u8fc7\u4e8e\u9891\u7e41|\u592a\u9891\u7e41|\u9891\u7387)|\u30ea\u30af\u30a8\u30b9\u30c8\u304c\u591a|\uc694\uccad\uc774 \ub108\ubb34|\u00e7ok fazla istek",
)
RATE_CODE = Wording(
    r"too_?many_?\w*|rate_?limit\w*|throttl\w*|quota_?exceeded|request_?limit\w*|over_?(?:query|rate)_?limit\w*|slow_?down|e0000047|resource_?exhausted|over_quota|limit_?exceeded"
)
MAINTENANCE = Wording(
    r"\bmaintenance\b|maintenanceonder|down for (?:upgrade|repair|a bit|a moment)|offline for|we(?:'|\u2019)?(?:ll| will) be (?:right |live |up )?(?:back|soon)|be (?:right )?back (?:soon|shortly|online|in a)|\bbe right back\b|back (?:soon|shortly|online shortly)|deploy(?:ment)? in progress|upgrade in progress|(?:is|are|being) (?:currently )?(?:upgrading|upgraded|updated)|temporarily (?:down|offline|closed|unavailable) (?:for|while|due to)|under construction|scheduled (?:downtime|outage|update)|planned (?:downtime|outage|work)|read-only mode|updating (?:the )?(?:site|system|database)",
    r"wartung|gleich (?:wieder )?(?:zur\u00fcck|da)|en maintenance|mise \u00e0 jour en cours|mantenimiento|en construcci\u00f3n|volveremos|manuten\u00e7\u00e3o|voltaremos|manutenzione|torneremo|onderhoud|underh\u00e5ll|vedlikehold|vedligehold|huolto|konserwac|przerwa techniczna|prace techniczne|\u00fadr\u017eb|odst\u00e1vk|karbantart|bak\u0131m|mentenan\u021b|\u03c3\u03c5\u03bd\u03c4\u03ae\u03c1\u03b7\u03c3|pemeliharaan|b\u1ea3o tr\u00ec|\u0442\u0435\u0445\u043d\u0438\u0447\u0435\u0441\u043a\u0438\u0435 \u0440\u0430\u0431\u043e\u0442|\u0442\u0435\u0445\u043e\u0431\u0441\u043b\u0443\u0436|\u043e\u0431\u0441\u043b\u0443\u0436\u0438\u0432\u0430\u043d|\u0442\u0435\u0445\u043d\u0456\u0447\u043d|\u30e1\u30f3\u30c6\u30ca\u30f3\u30b9|\u7ef4\u62a4|\u7dad\u8b77|\u5347\u7ea7\u4e2d|\uc810\uac80|\u0635\u064a\u0627\u0646\u0629",
)
MAINTENANCE_PHRASE = Wording(
    r"(?:under(?:going)?|for|scheduled|planned|routine|in|performing|ongoing|doing some|system|server|site|emergency) maintenance|maintenance (?:mode|window|in progress|work|break|is in progress|underway)|we(?:'|\u2019)?(?:ll| will) be (?:right )?back|(?:will )?be back (?:soon|shortly|online)|deploy in progress|upgrade in progress|temporarily (?:down|offline|unavailable) (?:for|while|due to)|wartungsarbeiten|wartungsmodus|maintenance programm\u00e9e|en maintenance|en mantenimiento|em manuten\u00e7\u00e3o|in manutenzione|in onderhoud|\u0442\u0435\u0445\u043d\u0438\u0447\u0435\u0441\u043a\u0438\u0435 \u0440\u0430\u0431\u043e\u0442\u044b|\u30e1\u30f3\u30c6\u30ca\u30f3\u30b9\u4e2d|\u7cfb\u7edf\u7ef4\u62a4|\u7ef4\u62a4\u4e2d|\u7dad\u8b77\u4e2d|\uc810\uac80 \uc911"
)
LOGIN = Wording(
    r"\bsign[- ]?in\b|\blog[- ]?in\b|\blogon\b|\blog on\b|\bauthenticate\b|single sign-on|\bsso\b|\bidentity provider\b|session (?:has )?expired|enter your (?:password|credentials)",
    r"anmeld(?:en|ung)|einloggen|se connecter|connexion|s'identifier|identification|authentification|iniciar sesi\u00f3n|inicio de sesi\u00f3n|inicia sesi\u00f3n|\bacceder\b|\bacceso\b|\bentrar\b|iniciar sess\u00e3o|fazer login|\baccedi\b|\baccesso\b|inloggen|aanmelden|logga in|logg inn|log ind|kirjaudu|zaloguj|logowanie|p\u0159ihl\u00e1s|prihl\u00e1s|bejelentkez|autentificare|conectare|giri\u015f|oturum a\u00e7|\u03c3\u03cd\u03bd\u03b4\u03b5\u03c3\u03b7|\u0432\u0445\u043e\u0434|\u0432\u043e\u0439\u0442\u0438|\u0430\u0432\u0442\u043e\u0440\u0438\u0437\u0430\u0446|\u0443\u0432\u0456\u0439\u0442\u0438|\u30ed\u30b0\u30a4\u30f3|\u30b5\u30a4\u30f3\u30a4\u30f3|\u767b\u5f55|\u767b\u9304|\u767b\u5165|\ub85c\uadf8\uc778|\u062a\u0633\u062c\u064a\u0644 \u0627\u0644\u062f\u062e\u0648\u0644|\u05d4\u05ea\u05d7\u05d1\u05e8|\u0111\u0103ng nh\u1eadp|\bmasuk\b|\u0e40\u0e02\u0e49\u0e32\u0e2a\u0e39\u0e48\u0e23\u0e30\u0e1a\u0e1a",
)
LOGIN_PLACE = Wording(
    r"(?:^|[/._?&=-])(?:log-?in|sign-?in|signin|sign_in|logon|auth|sso|saml2?|oauth2?|oidc|authorize|authenticate|openid|adfs|cas|session/new|sessions/new|account/login|idp|wsfed|start_session|anmelden|connexion|users/sign)(?:[/._?&=-]|$)|cloudflareaccess\.com|login\.microsoftonline|accounts\.google|\.okta\.com|auth0\.com|cdn-cgi/access|/realms/"
)
PORTAL_PLACE = Wording(
    r"zscloud|captive|portal|hotspot|guest|wifi|wlan|splash|(?:^|//)(?:\d{1,3}\.){3}\d{1,3}|\[ip\]|blockpage|block\.|blocked|gateway\.(?:zscaler|cloudflare)|fgtauth|webauth|notify|proxy\b|url=\[masked\]&.*mac="
)
NOT_FOUND = Wording(
    r"not[ -]?found|\b404\b|(?:does|did)(?: not|n't|n\u2019t) exist|cannot be found|could not be found|couldn(?:'|\u2019)t (?:be found|find)|can(?:'|\u2019)t (?:be found|find)|no such (?:page|file|route)|page (?:is )?(?:missing|unavailable|gone)|nothing (?:here|found)|doesn(?:'|\u2019)t exist|broken link|nonexistent",
    r"nicht gefunden|existiert nicht|introuvable|n'existe pas|no (?:se )?encontrad[ao]|no existe|n\u00e3o encontrad[ao]|non trovat[ao]|niet gevonden|hittades inte|ikke fundet|ikke funnet|ei l\u00f6ydy|nie znaleziono|nenalezen|nen\u00e1jden|nem tal\u00e1lhat\u00f3|bulunamad\u0131|\u03b4\u03b5\u03bd \u03b2\u03c1\u03ad\u03b8\u03b7\u03ba\u03b5|\u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d|\u043d\u0435 \u0437\u043d\u0430\u0439\u0434\u0435\u043d|\u898b\u3064\u304b\u308a|\u627e\u4e0d\u5230|\u672a\u627e\u5230|\u4e0d\u5b58\u5728|\ucc3e\uc744 \uc218|\u063a\u064a\u0631 \u0645\u0648\u062c\u0648\u062f|\u05dc\u05d0 \u05e0\u05de\u05e6\u05d0",
)
# What a firewall's page says, whatever status it chose to send with it.
BLOCKED_PAGE = Wording(
    r"(?:request|access|you|page|site) (?:was |has been |have been |is |are )?(?:blocked|denied) (?:by|for|due|because)|(?:request|access) blocked|blocked by (?:our|the|your|a) (?:\w+ )?(?:security|firewall|policy|administrator|network)|incident (?:id|number)|support id"
)
IP_BLOCK = Wording(
    r"firewall rule|site owner has blocked|\bwaf\b|web application firewall|pare-feu|used cloudflare to restrict|blocked by (?:our |the |a )?(?:waf|firewall|security (?:policy|rule|service|system)|cloudflare|akamai|imperva|bot)|(?:bot|automated) (?:\w+ )?(?:detected|blocked)|request (?:was |has been )?blocked",
    r"(?:\bip\b|ip[- ]?address|your address|network|location|country|region)\S* (?:\S+ )?(?:is |are |was |has been |have been )?(?:not |n't )(?:\w+ ){0,2}(?:allow|whitelist|permit|authori[sz]ed|in the|on the|trusted|available)|(?:ip|network|geo)[ _-]?(?:allow|white|access|block|black|restrict)[ _-]?(?:list|control|ed|ing|ion)|(?:your|from|client|this|source) ip(?: address)?(?: \S+)? (?:is |has been |was )?(?:block|ban|den|restrict)|not allowed from (?:your|this) (?:ip|location|network|address)|blocked (?:by|for) ip|\bip[_ ](?:blocked|denied|not_allowed|restricted|forbidden)|untrusted (?:ip|network)|unauthorized ip|ip_?not_?allowed|ip_?restrict|access denied from",
)
SCOPE = Wording(
    r"(?:insufficient|missing|required|requires?|invalid|lacks?|without|not have|needs?|incorrect|wrong|additional|granted|necessary|appropriate|proper) (?:the |a |an |any |one of |following |required |necessary |oauth |token |api |appropriate |these |sufficient |enough |at least )*(?:\S+ )?(?:scopes?|permissions?|privileges?|rights?|roles?|authority|grants?|authori[sz]ation scope)\b",
    r"(?:scopes?|permissions?|privileges?|rights?|roles?)(?: \S+){0,4} (?:is |are |was |were )?(?:required|missing|insufficient|denied|needed|not (?:granted|sufficient|allowed|authorized|enough)|does not|do not)|scope[s]? (?:\S+ )?(?:required|does not|not)",
    r"permission[_ ]denied|(?:do|does|did)(?: not|n't|n\u2019t) (?:currently )?have (?:the |any |a |sufficient |enough |required |necessary |proper |appropriate |adequate )*(?:\S+ )?(?:permission|access|privilege|right|scope|role|authori[sz]ation)",
    r"not (?:currently )?(?:authori[sz]ed|allowed|permitted|entitled) to|not (?:be )?authori[sz]ed for|(?:is|are) not (?:allowed|permitted)|isn't allowed|aren't allowed|not an (?:admin|administrator|owner)|only (?:admins?|administrators?|owners?|members?|org\w* admins?|the owner)|(?:admin|administrator|owner|superuser|staff)\w* (?:access |rights? |role |privileges? |permissions? |only|is required|required)|must (?:be|have) (?:an? |the )?(?:\S+ )?(?:admin|administrator|owner|push|write|read|access|permission|role)|access (?:is )?(?:denied|forbidden|not allowed|not granted|restricted)|(?:this|that) action is (?:unauthorized|not allowed|forbidden)|resource not accessible by|no (?:permission|access|rights?) (?:to|for)|unauthori[sz]ed to|cannot (?:access|perform)|lacks? access|not accessible|insufficient_|acl\b|policy (?:\S+ )?(?:denies|does not allow)|explicit deny|identity-based policy",
    r"keine berechtigung|unzureichende|nicht berechtigt|zugriff verweigert|acc\u00e8s (?:refus\u00e9|interdit)|pas (?:les droits|autoris\u00e9|la permission)|no tiene permiso|sin permiso|acceso denegado|permiso denegado|sem permiss\u00e3o|acesso negado|n\u00e3o (?:tem|possui) permiss\u00e3o|accesso negato|non (?:hai|dispone)|geen toegang|\u043d\u0435\u0442 (?:\u0434\u043e\u0441\u0442\u0443\u043f\u0430|\u043f\u0440\u0430\u0432)|\u0434\u043e\u0441\u0442\u0443\u043f \u0437\u0430\u043f\u0440\u0435\u0449|\u6ca1\u6709\u6743\u9650|\u65e0\u6743|\u6743\u9650\u4e0d\u8db3|\u6a29\u9650\u304c",
)
SCOPE_CODE = Wording(
    r"(?:insufficient|missing|invalid|no|lack|required)_?(?:scopes?|permissions?|privileges?|rights?|roles?|access)|scope_?(?:required|missing|insufficient|not_\w+)|(?:permission|access|authorization)_?(?:denied|required|missing|forbidden|error|insufficient)|access_?not_?(?:allowed|granted)|not_?(?:allowed|permitted|authorized_for\w*|an_?admin|admin)|forbidden\w*|unauthorized_?(?:scope|operation|action)|restricted_action|authorizationerror|accessdenied\w*|notauthorized\w*|admin_?(?:only|required)|missing_scope|ekm_access_denied|no_permission|org_login_required|team_access_not_granted|e0000006"
)
TOKEN = Wording(
    r"(?:security|session|access|refresh|auth\w*) token (?:\S+ ){0,6}(?:is |has |was )*(?:invalid|expired|revoked|not valid)",
    r"(?:bad|invalid|incorrect|wrong|missing|expired|revoked|malformed|unknown|no|unrecogni[sz]ed|inactive|disabled|unverified|unable to (?:verify|decode|parse|validate)|could not (?:verify|validate)|failed to (?:verify|validate|authenticate)) (?:\S+ ){0,3}(?:credentials?|tokens?|api[- _]?keys?|keys?|access[- _]?tokens?|authentication|authorization|auth|jwt|signature|bearer|session|user ?name|password|secret|login|app ?id|client)\b",
    r"(?:credentials?|tokens?|api[- _]?keys?|keys?|jwt|signature|session|bearer|secret|password)(?: \S+){0,3} (?:is |are |was |were |has |have |been |could |can |not |be |you )*(?:invalid|expired|revoked|missing|required|malformed|incorrect|wrong|unknown|not (?:valid|found|provided|recogni[sz]ed|supplied|present|accepted|included|active)|inactive|disabled|verified|rejected|does not match|not match|were not|was not|not set|deactivated|deleted|blocked|unauthori[sz]ed)",
    r"(?:authentication|authorization|authorisation|login|auth) (?:credentials? )?(?:\S+ )?(?:failed|failure|required|error|is required|needed|information|were not|was not|not provided|header|expired|missing|invalid|unsuccessful|has failed)|(?:must|need to|have to|please|requires?|to be) (?:be )?(?:authenticate|log ?in|logged in|sign ?in|signed in|login|provide (?:an? |valid |your )*(?:\S+ )?(?:credential|token|key))|not (?:logged in|authenticated|signed in)|unauthenticated|\bunauthori[sz]ed\b|could not authenticate|cannot authenticate|full authentication is required|jwt (?:expired|malformed)|token_?(?:expired|invalid)|user (?:account )?(?:is )?(?:disabled|suspended|deactivated|locked)|account (?:has been |is )?(?:disabled|suspended|deactivated|locked)|session (?:has )?expired|not authenticated|authenticate yourself|who you are|access token",
    r"nicht (?:angemeldet|authentifiziert)|ung\u00fcltige[rs]? (?:token|anmelde|api)|(?:jeton|cl\u00e9 api|identifiants?) (?:\S+ )?(?:invalide|expir|manquant|incorrect)|non authentifi|no autenticado|(?:token|credenciales|clave) (?:\S+ )?(?:inv\u00e1lid|expirad|incorrect)|n\u00e3o autenticado|(?:token|credenciais|chave) (?:\S+ )?(?:inv\u00e1lid|expirad)|(?:\u4ee4\u724c|token|\u5bc6\u94a5|\u8ba4\u8bc1|\u8eab\u4efd).{0,8}(?:\u65e0\u6548|\u8fc7\u671f|\u5931\u8d25|\u9519\u8bef)|\u672a(?:\u767b\u5f55|\u6388\u6743|\u8ba4\u8bc1)|\u8a8d\u8a3c(?:\u306b\u5931\u6557|\u30a8\u30e9\u30fc|\u304c\u5fc5\u8981)|\u043d\u0435 \u0430\u0432\u0442\u043e\u0440\u0438\u0437|\u043d\u0435\u0432\u0435\u0440\u043d\u044b\u0439 (?:\u0442\u043e\u043a\u0435\u043d|\u043a\u043b\u044e\u0447)",
)
TOKEN_CODE = Wording(
    r"(?:invalid|expired|missing|bad|no|unknown|revoked|malformed|inactive|incorrect|wrong)_?(?:\w+_)?(?:tokens?|grant|auth\w*|credentials?|api_?keys?|keys?|jwt|signature|session|login|client(?:_id)?|clienttokenid|accesskeyid|secret|bearer)|(?:token|auth|authentication|api_?key|key|session|jwt|credential|login|signature|access_token)s?_?(?:expired|revoked|invalid|missing|required|failed|failure|error|not_\w+|malformed|rejected|does_?not_?match|disabled|mismatch|needed)|not_?auth(?:ed|enticated|enticatederror)|unauthenticated|unauthori[sz]ed\w*|account_?(?:inactive|suspended|disabled|locked)|user_?(?:inactive|disabled|suspended|deactivated)|authenticationerror|oauthexception|requestexpired|authfailure\w*|signaturedoesnotmatch|invalidauthentication\w*|e0000004|e0000011|e0000005"
)
VERSION = Wording(
    r"(?:api|protocol|server|client|app|sdk|agent|schema|software|application|service|accept)[ -]?version|version (?:\S+ ){0,6}(?:is |are |was |has been |of )*(?:not supported|unsupported|no longer|deprecated|invalid|required|or (?:higher|later|newer|above|greater)|too (?:old|low|new)|outdated|obsolete|retired|removed|mismatch|sunset|not (?:valid|available|found|recogni[sz]ed|exist))|(?:unsupported|invalid|unknown|deprecated|incompatible|obsolete|missing|outdated|wrong|requested|old) (?:\S+ ){0,3}version|no longer (?:supported|available|maintained)|has been (?:deprecated|sunset|retired|shut down|discontinued|removed)|(?:is|was) (?:deprecated|discontinued|retired|sunset)|deprecated (?:endpoint|api|method)|(?:please )?(?:upgrade|update) (?:your |the |to (?:the )?)(?:client|server|app|sdk|agent|software|instance|cli|latest version|newer version|newer (?:client|server)|version)|use (?:the )?v\d|newer version (?:of|is)|requires? (?:\S+ ){0,4}(?:version|v)\s?\d|minimum (?:\S+ )?version|(?:introduced|added|available) (?:only )?(?:in|since|from) (?:version|v)? ?\d"
)
VERSION_CODE = Wording(
    r"(?:unsupported|invalid|unknown|deprecated|missing|incompatible|obsolete|old|min|wrong)_?(?:\w+_)?version\w*|version_?(?:not|mismatch|required|deprecated|invalid|unsupported|too)\w*|(?:method|endpoint|api)_?deprecated|deprecated\w*|upgrade_?client|client_?(?:outdated|too_old)|noversion\w*|retired|sunset"
)
METHOD = Wording(
    r"method (?:\S+ )?(?:is )?(?:not (?:allowed|supported|implemented|available|permitted)|unsupported|not_allowed)|(?:unsupported|invalid|unknown|disallowed|wrong|bad|unexpected) (?:http |request )?(?:method|verb)|(?:http|request) method (?:\S+ )?(?:is )?not\b|(?:does|is)(?: not|n't) (?:support|allow|accept) (?:the )?['\"]?(?:get|post|put|patch|delete|head|options)\b|(?:get|post|put|patch|delete|head) (?:\S+ )?(?:is |are )?not (?:allowed|supported)|only (?:accepts?|supports?|allows?) (?:get|post|put|delete|patch)|methode nicht (?:erlaubt|zul\u00e4ssig)|m\u00e9thode non (?:autoris|permis|support)|m\u00e9todo no permitido|m\u00e9todo n\u00e3o permitido|metodo non (?:consentito|permesso)|\u65b9\u6cd5\u4e0d\u5141\u8bb8"
)
ROUTE = Wording(
    r"(?:route|endpoint|url|uri|path|handler|url path|api method|api call|operation|webhook|resource path|mapping|page|controller|action|service|command|api)s? (?:\S+ ){0,4}(?:is |was |could |does |do |did |can ?)*(?:not (?:be )?(?:found|match\w*|exist|defined|supported|recogni[sz]ed|mapped|registered|available|valid|implemented)|n't exist|unknown|invalid|cannot be found)",
    r"(?:no|unknown|invalid|unrecogni[sz]ed|undefined|unsupported|nonexistent|non-existent|unmatched|no such|not a valid|no matching|incorrect|bad) (?:\S+ ){0,2}(?:routes?|endpoints?|urls?|uris?|paths?|handlers?|api methods?|action|controller|resource path|mapping|method name|service)\b",
    r"no route|cannot (?:get|post|put|delete|patch|head) /|no static resource|no handler found|the requested (?:url|uri|path|page|route|endpoint)\b|unrecognized request url|no (?:http )?resource was found|no (?:context|application|action|controller) (?:found|matches|matched)|resource not found for (?:path|url)|page not found|no type was found that matches|no api with|nothing matches|not found: /|not found - /|not found for (?:path|url)|couldn't find (?:the )?(?:route|endpoint|page)|api not found|you (?:might|may) have (?:mistyped|the wrong)|check (?:the |your )?(?:url|path|docs|documentation)|not found\. please (?:check|see|refer|consult|verify)|missing authentication token|unknown api|there is nothing here|router\b",
)
ROUTE_CODE = Wording(
    r"(?:\w+_)?no_?route\w*|(?:route|endpoint|url|uri|path|page|api|method|handler|action|operation|service|mapping|command)_?(?:was_)?(?:not_?(?:found|exist\w*|defined|recogni[sz]ed|matched)|unknown|missing|invalid|does_?not_?exist|undefined)|(?:no|unknown|invalid|unrecogni[sz]ed|undefined|unsupported)_?(?:such_)?(?:routes?|endpoints?|urls?|paths?|handlers?|methods?|operations?|resource_?path|service|command|api)|no_?static_?resource\w*|missingauthenticationtoken\w*|unknownoperation\w*|page_?not_?found|noresourcefound\w*|nohandlerfound\w*|invalidaction|e0000022"
)
MISSING = Wording(
    r"(?:does|do|did)(?: not|n't|n\u2019t) exist|not (?:be )?found|no (?:such )?(?:\S+ ){0,4}(?:found|exists?|with (?:id|name|this|that|the)|matching|by that|matches)|could(?: not|n't|n\u2019t) (?:be )?(?:find|found|locate|located)|cannot (?:be )?(?:find|found)|can(?:'|\u2019)t (?:be )?(?:find|found)|unable to (?:find|locate)|unknown (?:user|id|object|resource|group|project|account|item|entity|record|document|key|customer|organi[sz]ation|team)|no (?:longer|record|results?|matching)|has been deleted|was deleted|no such|not exist|nonexistent|inexistent|invalid (?:\S+ )?id\b|nicht gefunden|introuvable|no encontrad|n\u00e3o encontrad|non trovat|\u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d|\u4e0d\u5b58\u5728|\u627e\u4e0d\u5230|\u898b\u3064\u304b\u308a"
)
MISSING_CODE = Wording(
    r"(?!route|url|path|endpoint|page|api|method)\w*_?(?:not_?found|not_?exist\w*|does_?not_?exist|notfound\w*|missing_?resource)|no_?such_?\w+|nosuch\w+|inexistent_\w+|resource_?missing|unknown_(?:user|channel|object|resource|team|group|account|item|\w+_id)|object_?not_?found|e0000007|record_not_found|nonexistent\w*|doesnotexist|gone"
)
VALIDATION = Wording(
    r"invalid|required|missing|must (?:be|have|contain|not|match|provide|specify|include|start|end|exist)|malformed|bad request|validation|not (?:a )?valid|unexpected (?!error|exception|condition|failure|problem)|cannot be (?:blank|null|empty|parsed)|can't be blank|should (?:be|have|not|match)|\bexpected|too (?:long|short|large|small|many|few)|failed to (?:parse|match|decode|deserialize)|parse error|unable to parse|could not parse|not parse|schema|already (?:exists|taken|in use|been)|duplicate|conflict|at least|out of range|unprocessable|unsupported media|content[- ]type|empty body|json|not (?:an? )?(?:integer|number|string|boolean|array|object)|does not match|unknown (?:field|parameter|property|argument|key)|unrecogni[sz]ed (?:field|parameter|property|argument)|is not allowed|not accepted|not unique|erforderlich|ung\u00fcltig|requis|invalide|obligatoire|obligatorio|inv\u00e1lid|obrigat\u00f3ri|obbligatori|non valid|verplicht|ongeldig|\u5fc5\u586b|\u4e0d\u80fd\u4e3a\u7a7a|\u53c2\u6570|\u7121\u52b9|\u5fc5\u9808"
)
DEFAULT_PAGE = Wording(
    r"\bnginx\b|openresty|tengine|\bapache\b|litespeed|\biis\b|internet information|microsoft-iis|lighttpd|cherokee|haproxy|varnish|\bcaddy\b|awselb|envoy|traefik|angie|\bzeus\b|gunicorn|server at .{1,60} port|additionally, a \d{3}|errordocument|web server at"
)
DEFAULT_FORBIDDEN = Wording(
    r"403 forbidden|forbidden|access (?:is )?denied|you (?:do not|don(?:'|\u2019)t) have permission to access|403\b.*(?:verboten|interdit|prohibido|proibido|vietato|verboden|\u7981\u6b62)|access to this resource on the server is denied|you are not authorized to view this"
)
FRAMEWORK_FORBIDDEN = Wording(
    r"read-protected or not readable|this action is unauthorized|whitelabel error page|http status 403|csrf|permission(?:s)? (?:required|denied|is missing)|is missing the .{1,60} permission|insufficient (?:permission|privilege|right)|not authori[sz]ed to|do(?:es)? not have (?:the )?(?:required|necessary|sufficient)? ?(?:permission|role|right|privilege)s? to (?!view this directory|access (?:/|this resource on|\"|the requested object|this (?:page|folder|directory)))|administrator (?:access|rights)|invalidhttphosts"
)
SERVER_CODE = Wording(
    r"internal_?(?:server_?)?error\w*|server_?error|internal\w*|unknown_?error|fatal_?error|unexpected_?error|unhandled\w*"
)
SERVER = Wording(
    r"internal (?:server )?error|something (?:went|has gone) wrong|unexpected (?:error|exception|condition)|unhandled|exception|stack ?trace|traceback|server error|oops|an error (?:has )?occurred|interner (?:server)?fehler|erreur interne|error interno|erro interno|errore interno|\u0432\u043d\u0443\u0442\u0440\u0435\u043d\u043d|\u5185\u90e8\u9519\u8bef|\u670d\u52a1\u5668\u9519\u8bef|\u5185\u90e8\u670d\u52a1\u5668"
)
GATEWAY = Wording(
    r"bad gateway|gateway time-?out|upstream|no (?:healthy|available) (?:upstream|server|backend|peer|targets?)|ring-?balancer|no server is available|backend (?:fetch failed|error|server|connection|write)|proxy error|error code: 5\d\d|origin|no route known|load balanc|connection (?:refused|timed out) (?:to|by) (?:the )?(?:origin|upstream|backend)|connect error|name resolution failed|dns lookup|service unavailable: back-end|back-end server|reset before headers|stream timeout|bad_gateway|gateway_timeout|tunnel"
)
