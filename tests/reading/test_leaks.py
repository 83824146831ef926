"""What a server says of credentials and people, in every place: none of it may be kept.

Each entry is a text with marks around what must not survive: `<<...>>`. The marks are taken off, the text
is read as a server's answer, and everything kept of it is searched.
"""

import html
import json
import re

import msgspec
import pytest

from probe.evidence import Response
from probe.masking import Mask
from probe.reading import read_body
from probe.reading.clean import kept
from probe.reading.headers import keep_headers

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyMSJ9.c2lnbmF0dXJlLW9mLXRoaXM"
RETOOL = "retool_01hq7zk3w9c4d8r2t6y1"
SECRET = "q8Zr4Tn7Vb2Kx9Lm5Wc3Hd6J"
HEX = "9f86d081884c7d659a2feaa0c55ad015"

# Messages of an error, each read as a JSON error, as a page, as plain text and in a header.
MESSAGES = [
    f"The token <<{RETOOL}>> was revoked",
    f"Invalid token: <<{RETOOL}>>",
    f"token=<<{RETOOL}>> is not valid",
    "Invalid access token <<retool_01ab>>",
    f"Invalid API key provided: <<sk-proj-{SECRET}>>",
    "Incorrect API key provided: sk-<<ab12>>****<<Zz99>>",
    f"Bad credentials <<ghp_{SECRET}>>",
    f"Authorization: Bearer <<{JWT}>>",
    "Authorization: Basic <<dXNlcjpodW50ZXIy>>",
    "Received header Authorization 'Basic <<dXNlcjpodW50ZXIy>>'",
    f"jwt malformed: <<{JWT}>>",
    f"Signature mismatch for <<{JWT[:40]}>>",
    f"The signing secret <<whsec_{SECRET}>> does not match",
    f"signingSecret: <<{SECRET}>>",
    f"client_secret=<<{SECRET}>>",
    "password=<<hunter2>> rejected",
    "Login failed for password: <<Tr0ub4dor&3>>",
    f"api_key <<{HEX}>> is unknown",
    "apiKey=<<abcd-efgh-ijkl>>",
    f"Your session <<{HEX}>> has expired",
    "sessionid=<<s%3Aabc.def>>; path=/",
    "Cookie: connect.sid=<<s%3AabcDEFghi.jklMNO>>; theme=<<dark-ish>>",
    "Set-Cookie: accessToken=<<abc.def-ghi>>; HttpOnly",
    f"Use https://organization.example/auth/invite/<<{SECRET}>> to join",
    f"Invite link: https://organization.example/signup?inviteToken=<<{SECRET}>>",
    f"See /embed/app/1?embedToken=<<{SECRET}>>#frag",
    f"https://organization.example/embedded/public/<<0b8c1c2e-1d2f-4a5b-8c7d-0123456789ab>>/page?x=<<{HEX}>>",
    "https://<<user:hunter2>>@organization.example/ is not allowed",
    f"AWS key <<AKIAIOSFODNN7EXAMPLE>> secret <<{SECRET}wJalrXUtn>>",
    f"xoxb token <<xoxb-123456789012-{SECRET}>>",
    "-----BEGIN PRIVATE KEY----- <<MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj>>",
    "one-time code: <<493027>>",
    "User <<Jane Roe>> <<<jane@example.com>>> (<<user_123>>) has no access",
    "<<Jane Roe>> (<<jane.roe@example.com>>) is not an admin",
    "<<jane@example.com>> is not a member",
    "Signed in as <<jane.roe@example.com>>",
    "Signed in as <<Jane Roe>>",
    "Logged in as <<jroe>>. Log out",
    "You are signed in as <<Jane van der Roe>> and lack access",
    "Hello, <<Jane Roe>>! You lack the permission",
    "Welcome back, <<Jane>>",
    "You are currently logged in as user <<CORP\\jroe>> and blocked",
    "user: <<jane.roe>> lacks the role",
    "User '<<jane>>' does not exist",
    'User "<<Jane Roe>>" is not allowed',
    "No user with email <<jane+test@mail.example.co.uk>>",
    "mailto:<<jane@example.com>>?subject=x",
    "<<jane%40example.com>> is not allowed",
    "<<jane&#64;example.com>> is not allowed",
    "<<jane@example>> in realm",
    "<<j\u00fcrgen@example.com>> is not allowed",
    "<<jane@b\u00fccher.example>> is not allowed",
    "Contact your administrator, <<Jane Roe>> <<<jane@example.com>>>, for access",
    "Ask <<Jane Roe>>, <<jane@example.com>>, or <<John Doe>>, <<john@example.com>>",
    "<<jane@example.com>> (<<Jane Roe>>) owns this",
    "requested by <<user_01hq7zk3w9c4>>",
    "user <<user_123>> cannot read group <<group_77>>",
    "userId=<<42>> is suspended",
    "user id <<8731>> has no seat",
    "Account <<1234567890>> is locked",
    "Your IP address <<203.0.113.77>> is not allowed",
    "client <<2001:db8:85a3:0:0:8a2e:370:7334>> was blocked",
    "phone <<+44 20 7946 0958>> is not verified",
    "created by: <<Jane Roe>>",
    "owner=<<Jane Roe>>",
    "User <<Jane Roe>> is not authorized",
    "User <<jane.roe>> cannot do this",
    "<<Jane Roe>> does not have permission",
    "Denied: <<Jane van der Roe>> is not a member of this group",
    "CN=<<Jane Roe>>,OU=People,DC=example",
    "uid=<<jroe>>,ou=people",
    "arn:aws:iam::<<123456789012:user/jane.roe>> is not allowed",
    "Your password is <<hunter2>>",
    "Reset it at https://organization.example/reset/<<AbCdEf12345>>",
    "https://organization.example/invite/<<abc123>>",
    "Open https://organization.example/x/<<ZX81zx81zx>>",
    "name: <<Jane Roe>>, email: <<jane@example.com>>",
    '<<"jane roe"@example.com>> is refused',
    "<<\u7528\u6237@\u4f8b\u3048.jp>> is not allowed",
    "<<jane@xn--bcher-kva.example>> is not allowed",
    "<<jane\uff20example.com>> is not allowed",
    "<<jane&commat;example.com>> and <<john&#x40;example.com>>",
    "<<jane\\x40example.com>> is not allowed",
    "<<jane (at) example.com>>, <<john[at]example.com>>",
    "see /users?email=<<jane%2540example.com>>&x=1",
    "<<\u674e\u96f7>> <<<lilei@example.com>>> is not allowed",
    "<<\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432>> <<<ivan@example.com>>> is not allowed",
    "Invitation for <<jane@example.com>> from <<John Doe>>",
    "<<jane@example.com>> (id <<8731>>) has no seat",
    "<<jane@example.com>>/<<u-77ab>> has no seat",
    "<<jane@example.com>> phone <<020 7946 0958>>",
    "<<jane@example.com>>, tel. <<(555) 010-9999>>",
    "phone: <<555-010-9999>>",
    "member <<Jane Roe>> was removed",
    "owner <<jane.roe>> left",
    "assigned to <<Jane Roe>>",
    "The user <<Jane Roe>> could not be found",
    "User with id <<123>> and name <<Jane Roe>> exists",
    "first_name: <<Jane>>, last_name: <<Roe>>",
    'input was {"firstName":"<<Jane>>","lastName":"<<Roe>>"}',
    f"key <<{SECRET[:16]}>> is not valid",
    "pass: <<hunter2>>",
    "license key <<ABCD-1234-EFGH-5678>> is used up",
    "-----BEGIN RSA PRIVATE KEY-----<<MIIEpAIBAAKCAQEA7x>>",
    "see /callback?state=<<abcdef123456>>&code=<<4/0AX4XfWh>>",
]

# Members of a JSON error beside its message.
MEMBERS = [
    '{"user":{"name":"<<Jane Roe>>","email":"<<jane@example.com>>","id":"<<user_123>>"}}',
    '{"error":{"message":"no","user":{"name":"<<Jane Roe>>","title":"<<Head of Jane>>","id":"<<u-77>>"}}}',
    '{"error":{"details":[{"name":"<<Jane Roe>>","reason":"no seat"}]}}',
    '{"errors":[{"message":"x","actor":{"name":"<<jroe>>","type":"user","id":"<<17-jroe>>"}}]}',
    '{"owner":{"description":"<<Jane likes tea>>","name":"<<jroe>>"}}',
    '{"errors":{"<<jane@example.com>>":["is taken"]}}',
    f'{{"error":{{"<<{RETOOL}>>":"revoked"}}}}',
    f'{{"access_token":"<<{RETOOL}>>","message":"x"}}',
    f'{{"error":{{"token":{{"id":"<<{SECRET}>>","name":"<<jane-laptop>>"}}}}}}',
    f'{{"invite":{{"message":"<<Join Jane>>","link":"https://x.example/i/<<{SECRET}>>"}}}}',
    f'{{"code":"<<{JWT}>>"}}',
    f'{{"id":"<<{SECRET}>>"}}',
    '{"id":"<<user_123>>","message":"x"}',
    '{"error":"invalid","detail":"for <<jane@example.com>>"}',
    '{"message":{"text":"Hi <<Jane Roe>>, no access","user":"<<jroe>>"}}',
    '{"currentUser":{"name":"<<jroe>>","info":"<<likes tea>>"},"message":"x"}',
]

HEADERS = [
    ("Location", f"/login?token=<<{SECRET}>>&next=<<%2Fx>>"),
    ("Location", f"https://organization.example/invite/<<{SECRET}{SECRET}>>"),
    ("Location", f"https://organization.example/invite/<<{SECRET}>>"),
    ("Location", f"/auth/magic/<<{HEX}>>/confirm"),
    ("Location", f"/sso#access_token=<<{JWT}>>"),
    ("Location", f"/sso;jsessionid=<<{HEX}>>"),
    ("Location", "/callback?name=<<Jane Roe>>&q=<<a b c>>"),
    ("Location", "/u/<<jane%40example.com>>/profile"),
    ("Location", "https://<<user:hunter2>>@organization.example/"),
    ("Location", f"/{JWT.replace(JWT, '<<' + JWT + '>>')}"),
    ("Set-Cookie", f"session=<<{SECRET}>>; Path=/"),
    ("Set-Cookie", f"<<{SECRET}>>=1; Path=/"),
    ("Authorization", f"Bearer <<{SECRET}>>"),
    ("X-Auth-Token", f"<<{SECRET}>>"),
    ("X-Request-Id", "<<jane@example.com>>"),
    ("X-Error-Message", f"token <<{RETOOL}>> expired"),
    ("WWW-Authenticate", f'Bearer realm="x", error_description="The token <<{JWT}>> expired"'),
    ("Warning", '199 - "user <<Jane Roe>> <<<jane@example.com>>>"'),
    ("Content-Security-Policy", f"script-src https://x.example/?k=<<{SECRET}>>"),
    ("Via", f"1.1 proxy (<<{RETOOL}>>)"),
    ("Server", f"nginx <<{JWT}>>"),
]

MARKED = re.compile("<<(.+?)>>(?!>)", re.DOTALL)


def unmarked(text):
    return MARKED.sub(r"\1", text), MARKED.findall(text)


def read(body, content_type, status=403, headers=()):
    pairs = (("content-type", content_type), *((name.lower(), value) for name, value in headers))
    mask = Mask()
    reading = read_body(body.encode(), pairs, status=status, cut=False, mask=mask)
    return Response(status=status, headers=keep_headers(pairs, mask), body=reading.body)


def leaks(response, forbidden):
    kept = msgspec.json.encode(response).decode().lower()
    words = {word for text in forbidden for word in (text, html.unescape(text))}
    return [word for word in words if json.dumps(word, ensure_ascii=False)[1:-1].lower() in kept]


@pytest.mark.parametrize("marked", MESSAGES)
@pytest.mark.parametrize("place", ["json", "page", "title", "text", "notice", "header"])
def test_no_message_gives_a_credential_or_a_person_away(marked, place):
    text, forbidden = unmarked(marked)
    escaped = text if "&#64;" in text else html.escape(text, quote=False)
    match place:
        case "json":
            response = read(json.dumps({"success": False, "message": text}), "application/json")
        case "page":
            response = read(f"<!doctype html><h1>Denied</h1><p>{escaped}</p>", "text/html")
        case "title":
            response = read(f"<!doctype html><title>{escaped}</title><h1>{escaped}</h1>", "text/html")
        case "text":
            response = read(text, "text/plain")
        case "notice":
            response = read(json.dumps({"message": text, "login_required": True}), "application/json", 200)
        case "header":
            response = read("", "text/plain", 403, [("X-Error-Message", text)])
    assert not leaks(response, forbidden)


# What tells a reader, or a rule, what is the matter: none of it may be taken for a credential or a name.
PLAIN = [
    'The field "name" is required',
    "name: required",
    "user: not found",
    "User Not Found",
    "User Limit Exceeded",
    "User Management API is not available on your plan",
    "User Access Denied",
    "Personal Access Token does not have permission",
    "Enterprise Premium is not allowed here",
    "Source Control does not have the right plan",
    "Token expired",
    "token: expired",
    "Bearer token is missing",
    'Bearer error="invalid_token"',
    "Error: Basic authentication is required",
    "session expired: please log in",
    "Hi there, this is the API",
    "Welcome to Retool",
    "Requires the Business plan",
    "Signed in as an administrator",
    "Upgrade your plan at /settings/billing?plan=business",
    "API version v2 not found; use /api/v2",
    "error_404 HTTP 403 code=SCOPE_MISSING",
    "groups:read scope required, token has users:read",
    "ERR_ACCESS_DENIED 0x80072efd",
    "Dear Customer, your organization is suspended",
    "Owned by the platform team",
    "Cannot GET /api/v2/users",
    "You have exceeded 300 requests per minute",
    "The password must have 8 characters",
    "This route belongs to Source Control",
    "member Limit Exceeded",
    "owner Role Required",
    "first_name: Required",
    "phone: required",
    "The key is the environment, the token is the user's",
    "bypass: rule1 of 20",
    "Source Control <support> is part of Business",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_says_what_is_the_matter_stays(text):
    assert kept(text, Mask(), 300) == text


@pytest.mark.parametrize("marked", MEMBERS)
@pytest.mark.parametrize("status", [200, 403])
def test_no_member_of_an_error_gives_a_credential_or_a_person_away(marked, status):
    text, forbidden = unmarked(marked)
    assert not leaks(read(text, "application/json", status), forbidden)
    assert not leaks(read(text[:-1], "application/json", status), forbidden)


@pytest.mark.parametrize(("name", "marked"), HEADERS)
def test_no_header_gives_a_credential_or_a_person_away(name, marked):
    value, forbidden = unmarked(marked)
    assert not leaks(read("", "text/plain", 302, [(name, value)]), forbidden)
