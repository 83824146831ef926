"""What stands in front of the API shows the marks that tell it from a plan wall."""

import aiohttp
import pytest

from probe.simulator.options import OLD_VERSION, Disturbance, Fault

PATHS = ["/", "/api/v2/spec", "/api/v2/users", "/api/v2/no-such-route"]

# Disturbance: status, headers (an empty text: any value), marks in the body.
MARKS = {
    "cloudflare-challenge": (
        403,
        {"cf-mitigated": "challenge", "server": "cloudflare", "cf-ray": ""},
        ["Just a moment...", "/cdn-cgi/challenge-platform/", "_cf_chl_opt"],
    ),
    "waf-block": (
        403,
        {"server": "cloudflare", "cf-ray": ""},
        ["Attention Required! | Cloudflare", "cf-error-details", "/cdn-cgi/styles/", "1020"],
    ),
    "proxy": (
        403,
        {"x-squid-error": "", "server": "", "via": ""},
        ["The requested URL could not be retrieved", "Your cache administrator"],
    ),
    "gateway-502": (502, {"server": "nginx"}, ["502 Bad Gateway", "<hr><center>nginx"]),
    "maintenance": (503, {}, ["Scheduled maintenance"]),
    "wrong-base-url": (200, {}, ["/pricing", "/signup"]),
}


@pytest.mark.parametrize("name", sorted(MARKS))
@pytest.mark.parametrize("token", ["admin", "made-up", None])
async def test_it_answers_every_path_and_every_token_with_its_marks(simulated, name, token):
    status, headers, marks = MARKS[name]
    async with simulated(behind=Disturbance(name)) as ask:
        for path in PATHS:
            answer = await ask("GET", path, token)
            assert (answer.status, answer.kind) == (status, "text/html")
            for header, value in headers.items():
                assert answer.headers[header] == value or not value
            assert all(mark in answer.text for mark in marks)


async def test_only_the_challenge_says_that_it_is_one(simulated):
    async with simulated(behind=Disturbance.WAF_BLOCK) as ask:
        assert "cf-mitigated" not in (await ask("GET", "/api/v2/users")).headers


async def test_login_sends_everybody_to_a_sign_in_page(simulated):
    async with simulated(behind=Disturbance.LOGIN) as ask:
        for path in PATHS:
            answer = await ask("GET", path)
            assert answer.status == 302
            assert answer.headers["location"].startswith("/login?")
        assert (await ask("POST", "/api/v2/users", body={})).status == 303
        assert (await ask("GET", "/api/v2/%0D%0Ax-forged:1")).status == 302
        page = await ask("GET", "/login")
        assert (page.status, page.kind) == (200, "text/html")
        assert 'type="password"' in page.text


async def test_ip_allowlist_refuses_known_tokens_only_by_address(simulated):
    async with simulated(behind=Disturbance.IP_ALLOWLIST) as ask:
        for path in PATHS[1:]:
            refused = await ask("GET", path, "reader")
            assert refused.status == 403
            assert "IP allow list" in refused.json["message"]
            assert (await ask("GET", path, "made-up")).status == 401
            assert (await ask("GET", path, None)).status == 401
        assert (await ask("GET", "/")).kind == "text/html"


async def test_an_old_server_states_its_version_and_lacks_routes(simulated):
    async with simulated(behind=Disturbance.SPA_VERSION_OLD) as ask:
        assert (await ask("GET", "/api/v2/spec")).json["info"]["version"] == OLD_VERSION
        assert (await ask("GET", "/api/v2/user_tasks")).kind == "text/html"
        assert (await ask("GET", "/api/v2/users")).kind == "application/json"


async def test_wrong_base_url_is_the_page_of_the_root_everywhere(simulated):
    async with simulated(behind=Disturbance.WRONG_BASE_URL) as ask:
        pages = {(await ask("GET", path)).text for path in PATHS}
        assert len(pages) == 1


async def flips(simulated, seed):
    async with simulated(behind=Disturbance.FLAPPING, seed=seed) as ask:
        return [
            [(await ask("GET", path)).status for _ in range(12)]
            for path in ("/api/v2/users", "/api/v2/groups", "/api/v2/no-such-route")
        ]


async def test_flapping_gives_both_answers_on_each_route_and_the_same_in_each_run(simulated):
    first = await flips(simulated, 1)
    assert all(set(row) == {200, 502} for row in first)
    assert await flips(simulated, 1) == first
    assert await flips(simulated, 2) != first


@pytest.mark.parametrize("disturbance", list(Disturbance))
async def test_nothing_in_front_changes_the_state(simulated, disturbance):
    async with simulated(behind=disturbance) as ask:
        before = ask.simulator.state.digest()
        for path in PATHS:
            await ask("GET", path)
            await ask("POST", path, body={"name": 1})
        assert ask.simulator.state.digest() == before


async def test_the_shell_differs_from_request_to_request_only_in_nonce_and_id(simulated):
    async with simulated(plan="free") as ask:
        first, second = [await ask("GET", "/api/v2/users") for _ in range(2)]
        assert first.text != second.text
        assert first.headers["x-request-id"] != second.headers["x-request-id"]
        for answer in (first, second):
            nonce = answer.headers["content-security-policy"].split("nonce-")[1].split("'")[0]
            request_id = answer.headers["x-request-id"]
            assert nonce in answer.text
            answer.text = answer.text.replace(nonce, "N").replace(request_id, "R")
        assert first.text == second.text


async def test_pages_are_the_same_in_each_run(simulated):
    seen = []
    for _ in range(2):
        async with simulated(behind=Disturbance.CLOUDFLARE_CHALLENGE) as ask:
            seen.append(
                [(await ask("GET", "/")).text.replace(ask.simulator.base_url[7:], "HOST") for _ in "ab"]
            )
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]


async def test_pages_escape_what_the_path_says(simulated):
    async with simulated(plan="free") as ask:
        answer = await ask("POST", "/api/v2/%3Cscript%3Ex", body={})
        assert "<script>x" not in answer.text


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.BAD_GATEWAY, 502), (Fault.SERVER_ERROR, 500), (Fault.RATE_LIMITED, 429)],
)
async def test_a_fault_that_answers(simulated, fault, status):
    async with simulated(fault_rate=1.0, faults=(fault,)) as ask:
        assert (await ask("GET", "/api/v2/users")).status == status


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.CUT])
async def test_a_fault_that_breaks_the_connection(simulated, fault):
    async with simulated(fault_rate=1.0, faults=(fault,)) as ask:
        with pytest.raises(aiohttp.ClientError):
            await ask("GET", "/api/v2/users")


async def test_the_fault_rate_is_a_share(simulated):
    async with simulated(fault_rate=0.3, seed=7) as ask:
        statuses = [(await ask("GET", "/api/v2/users")).status for _ in range(100)]
        assert 10 < statuses.count(502) < 60
        assert statuses.count(200) == 100 - statuses.count(502)
