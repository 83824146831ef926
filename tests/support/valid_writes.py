"""One valid request, with real ids, for each route of the simulator that changes something."""

from __future__ import annotations

from probe.simulator.behaviour import seed

SEED = seed()["collections"]
ID = {of: [str(item["id"]) for item in row["items"]] for of, row in SEED.items()}
NAME_OPS = {"operations": [{"op": "replace", "path": "/name", "value": "Changed"}]}
GIT = {
    "config": {
        "config": {"type": "Personal", "personal_access_token": "made-up"},
        "provider": "GitHub",
        "org": "o",
        "repo": "r",
        "default_branch": "main",
    }
}
APP, USER, GROUP, INVITE = ID["apps"][0], ID["users"][1], ID["groups"][1], ID["user_invites"][0]
VARIABLE = {
    "name": "X",
    "secret": False,
    "values": [{"environment_id": ID["environments"][0], "value": "1"}],
}
ROLE = {"role_id": ID["roles"][0], "subject_type": "user", "subject_id": USER}
ACCESS = {"subject": {"type": "group", "id": 2}, "object": {"type": "folder", "id": "app_3"}}
THEME = {"id": 1, "legacy_id": 1, "name": "T", "theme": {}, "created_at": "x", "updated_at": "x"}
SENTRY = {"config": {"provider": "Sentry", "dsn": "https://sentry.example.com/1"}, "enabled": True}
RELEASE = {"release_version": "1.2.3"}
MANIFEST = "/api/v2/source_control/manifests/example-manifest"
LIBRARY = f"/api/v2/custom_component_libraries/{ID['custom_component_libraries'][0]}"
TASK = f"/api/v2/user_tasks/{ID['user_tasks'][0]}"

# One valid request for each route that changes something.
VALID = {
    "POST /api/v2/users": ("", {"email": "new1@example.com", "first_name": "New1", "last_name": "Example"}),
    "PATCH /api/v2/users/*": (USER, {"operations": [{"op": "add", "path": "/metadata/team", "value": "x"}]}),
    "DELETE /api/v2/users/*": (USER, None),
    "PUT /api/v2/users/reset2fa/*": (USER, None),
    "POST /api/v2/users/*/logout": (f"/api/v2/users/{USER}/logout", {}),
    "POST /api/v2/users/*/user_attributes": (
        f"/api/v2/users/{USER}/user_attributes",
        {"name": "a", "value": "b"},
    ),
    "DELETE /api/v2/users/*/user_attributes/*": (f"/api/v2/users/{USER}/user_attributes/department", None),
    "POST /api/v2/groups": ("", {"name": "New group"}),
    "PATCH /api/v2/groups/*": (GROUP, NAME_OPS),
    "PUT /api/v2/groups/*": (GROUP, {}),
    "DELETE /api/v2/groups/*": (GROUP, None),
    "POST /api/v2/groups/*/members": (
        f"/api/v2/groups/{GROUP}/members",
        {"members": [{"id": ID["users"][3], "is_group_admin": False}]},
    ),
    "DELETE /api/v2/groups/*/members/*": (f"/api/v2/groups/{GROUP}/members/{USER}", None),
    "POST /api/v2/groups/*/user_invites": (
        f"/api/v2/groups/{GROUP}/user_invites",
        {"userInviteIds": [int(INVITE)]},
    ),
    "DELETE /api/v2/groups/*/user_invites/*": (f"/api/v2/groups/{GROUP}/user_invites/{INVITE}", None),
    "POST /api/v2/folders": ("", {"name": "F", "folder_type": "app"}),
    "PATCH /api/v2/folders/*": ("app_3", NAME_OPS),
    "DELETE /api/v2/folders/*": ("app_3", None),
    "POST /api/v2/spaces": ("", {"name": "S", "domain": "s.example.com"}),
    "PUT /api/v2/spaces/*": (ID["spaces"][0], {"name": "S", "domain": "s.example.com"}),
    "DELETE /api/v2/spaces/*": (ID["spaces"][0], None),
    "POST /api/v2/spaces/copyElements": (
        "",
        {
            "resource_ids": [],
            "query_library_query_ids": [],
            "app_ids": [APP],
            "workflow_ids": [],
            "destination_space_id": ID["spaces"][0],
        },
    ),
    "PUT /api/v2/source_control/config": ("", GIT),
    "DELETE /api/v2/source_control/config": ("", None),
    "POST /api/v2/source_control/deploy": ("", None),
    "PUT /api/v2/source_control/settings": ("", {"settings": {"version_control_locked": True}}),
    "PUT /api/v2/source_control/manifests/*": (MANIFEST, {}),
    "POST /api/v2/source_control/manifests/*/delete": (f"{MANIFEST}/delete", None),
    "PUT /api/v2/source_control/manifests/*/apps/*": (f"{MANIFEST}/apps/{APP}", {"release": "latest"}),
    "PUT /api/v2/source_control/manifests/*/*": (
        f"{MANIFEST}/{APP}?elementType=app",
        {"release": "latest"},
    ),
    "POST /api/v2/source_control/manifests/*/apps/*/delete": (f"{MANIFEST}/apps/{APP}/delete", None),
    "POST /api/v2/source_control/manifests/*/*/delete": (f"{MANIFEST}/{APP}/delete?elementType=app", None),
    "POST /api/v2/source_control/releases/apps/*": (APP, RELEASE),
    "POST /api/v2/source_control/releases/*": (f"{APP}?elementType=app", RELEASE),
    "POST /api/v2/source_control/branches": ("", {"branch_name": "b"}),
    "POST /api/v2/source_control/branches/reset": ("", {"branch_name": "b"}),
    "POST /api/v2/app_themes": ("", THEME),
    "PUT /api/v2/app_themes": ("", THEME),
    "DELETE /api/v2/app_themes/*": (ID["app_themes"][0], None),
    "DELETE /api/v2/apps/*": (APP, None),
    "POST /api/v2/apps/cloneApp": ("", {"app_id": APP, "new_app_name": "Copy"}),
    "POST /api/v2/sso/config": (
        "",
        {"data": {"config_type": "google", "disable_email_password_login": True}},
    ),
    "DELETE /api/v2/sso/config": ("", None),
    "POST /api/v2/user_attributes": ("", {"name": "team", "label": "Team", "dataType": "string"}),
    "PATCH /api/v2/user_attributes/*": (ID["user_attributes"][0], NAME_OPS),
    "DELETE /api/v2/user_attributes/*": (ID["user_attributes"][0], None),
    "POST /api/v2/permissions/grant": ("", {**ACCESS, "access_level": "own"}),
    "POST /api/v2/permissions/revoke": ("", ACCESS),
    "POST /api/v2/role_permissions/roles": (
        "",
        {"name": "R", "object_scopes": [], "organization_scopes": []},
    ),
    "PATCH /api/v2/role_permissions/roles/*": (ID["roles"][0], {}),
    "DELETE /api/v2/role_permissions/roles/*": (ID["roles"][0], None),
    "POST /api/v2/role_permissions/role_grants": ("", ROLE),
    "DELETE /api/v2/role_permissions/role_grants/*": (ID["role_grants"][0], None),
    "POST /api/v2/role_permissions/remove_role_grants_for_subject": ("", ROLE),
    "PATCH /api/v2/access_requests/*": ("1", NAME_OPS),
    "POST /api/v2/access_tokens": ("", {"label": "new", "scopes": ["users:read"]}),
    "POST /api/v2/user_invites": ("", {"email": "new2@example.com"}),
    "DELETE /api/v2/user_invites/*": (INVITE, None),
    "POST /api/v2/user_invites/*/user_attributes": (
        f"/api/v2/user_invites/{INVITE}/user_attributes",
        {"name": "a", "value": "b"},
    ),
    "DELETE /api/v2/user_invites/*/user_attributes/*": (
        f"/api/v2/user_invites/{INVITE}/user_attributes/a",
        None,
    ),
    "POST /api/v2/resources": ("", {"type": "restapi", "display_name": "R", "options": {}}),
    "PATCH /api/v2/resources/*": (ID["resources"][0], NAME_OPS),
    "DELETE /api/v2/resources/*": (ID["resources"][0], None),
    "POST /api/v2/resource_configurations": (
        "",
        {"resource_id": ID["resources"][0], "environment_id": ID["environments"][0], "options": {}},
    ),
    "PATCH /api/v2/resource_configurations/*": (ID["resource_configurations"][0], NAME_OPS),
    "DELETE /api/v2/resource_configurations/*": (ID["resource_configurations"][0], None),
    "POST /api/v2/environments": ("", {"name": "test", "color": "#00FF00"}),
    "PATCH /api/v2/environments/*": (ID["environments"][1], NAME_OPS),
    "DELETE /api/v2/environments/*": (ID["environments"][1], None),
    "POST /api/v2/custom_component_libraries": ("", {"name": "l", "description": None, "label": "L"}),
    "POST /api/v2/custom_component_libraries/*/revisions": (
        f"{LIBRARY}/revisions",
        {"version_bump": "minor", "files": "x"},
    ),
    "POST /api/v2/configuration_variables": ("", VARIABLE),
    "PUT /api/v2/configuration_variables/*": (ID["configuration_variables"][0], VARIABLE),
    "DELETE /api/v2/configuration_variables/*": (ID["configuration_variables"][0], None),
    "POST /api/v2/observability/config": ("", SENTRY),
    "POST /api/v2/observability/provider/*/test": ("/api/v2/observability/provider/sentry/test", None),
    "PATCH /api/v2/user_tasks/*/submit": (f"{TASK}/submit", {"email": "user1@example.com", "output": {}}),
    "PATCH /api/v2/user_tasks/*/cancel": (f"{TASK}/cancel", {"email": "user1@example.com"}),
    "PATCH /api/v2/user_tasks/*/reassign": (
        f"{TASK}/reassign",
        {"email": "user1@example.com", "assignees": []},
    ),
    "PATCH /api/v2/organization": ("", NAME_OPS),
    "POST /api/v2/organization/invalidate_sessions": ("", None),
    "PUT /api/v2/organization/ai_settings": (
        "",
        {"retoolAI": True, "retoolAIActions": True, "retoolVector": True, "retoolAskAI": True},
    ),
    "PUT /api/v2/organization/code_executor_settings": ("", {"enabled": True}),
    "PATCH /api/v2/workflows/*": (ID["workflows"][0], NAME_OPS),
    "DELETE /api/v2/workflows/*": (ID["workflows"][0], None),
    "POST /api/embed-url/external-user": (
        "",
        {"landingPageUuid": APP, "groupIds": [3], "externalIdentifier": "visitor1"},
    ),
    "POST /api/scim/v2/Users": ("", {"userName": "new3@example.com"}),
    "POST /api/scim/v2/Groups": ("", {"displayName": "New"}),
}
# What must be sent before, so that the request above finds what it names.
BEFORE = {
    "DELETE /api/v2/groups/*/user_invites/*": "POST /api/v2/groups/*/user_invites",
    "DELETE /api/v2/user_invites/*/user_attributes/*": "POST /api/v2/user_invites/*/user_attributes",
}
# Asked another way below, because they need an id that only an answer gives or an empty beginning.
ELSEWHERE = {
    "PUT /api/v2/observability/config/*",
    "DELETE /api/v2/observability/config/*",
    "POST /api/v2/source_control/config",
}


def path_and_body(route):
    """Return the path and body of the valid request of a route, and its method."""
    method, path = route.split(" ")
    where, body = VALID[route]
    if where:
        path = where if where.startswith("/") else path.replace("*", where)
    return method, path, body
