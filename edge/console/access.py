"""Permissions: one table of roles, checked for every request."""

from __future__ import annotations

from edge.console.users import Role

PUBLIC = frozenset({"/sign-in", "/first", "/healthz", "/readyz", "/metrics", "/api/session"})
"""Reachable without a session (and /static)."""

GET_ROLES: dict[str, Role] = {
    "/": Role.VIEWER,
    "/passages": Role.VIEWER,
    "/exceptions": Role.OPERATOR,
    "/assignments": Role.VIEWER,
    "/barriers": Role.OPERATOR,
    "/alarms": Role.VIEWER,
    "/statistics": Role.VIEWER,
    "/system": Role.SUPERVISOR,
    "/users": Role.ADMINISTRATOR,
    "/audit": Role.SUPERVISOR,
    "/live": Role.VIEWER,
    "/picture/{lane}": Role.VIEWER,
    "/evidence/{name}": Role.VIEWER,
    "/api/docs": Role.VIEWER,
    "/api/openapi.json": Role.VIEWER,
    "/api/gate": Role.VIEWER,
    "/api/passages": Role.VIEWER,
    "/api/events": Role.VIEWER,
    "/api/assignments": Role.VIEWER,
    "/api/assignments/not-understood": Role.VIEWER,
    "/api/alarms": Role.VIEWER,
    "/api/barriers": Role.OPERATOR,
    "/api/exceptions": Role.OPERATOR,
    "/api/statistics": Role.VIEWER,
    "/api/system": Role.SUPERVISOR,
    "/api/set-aside": Role.SUPERVISOR,
    "/api/users": Role.ADMINISTRATOR,
    "/api/audit": Role.SUPERVISOR,
    "/api/policy": Role.OPERATOR,
    "/api/report/shift": Role.OPERATOR,
    "/api/guidance": Role.VIEWER,
}

FOREIGN = frozenset({"cross-site", "same-site"})
"""Values of Sec-Fetch-Site with which a browser marks a request that another site's page sends; a
program sends no such header."""

PAGES = frozenset(path for path in GET_ROLES if path.count("/") == 1 and path != "/live")
"""Paths to which a browser may be sent back."""

ORDERS = frozenset({"/order", "/api/order"})
"""Paths that wait only for requests of the same user: one of them may be a stop."""

WHILE_IDLE = ORDERS | {"/sign-out", "/language", "/active"}
"""What may be sent when nobody was there for long: of the orders the stop alone (actions.py)."""

PAGE_OF = {
    "/decide": "/exceptions",
    "/acknowledge": "/alarms",
    "/set-aside": "/system",
    "/users": "/users",
}
"""The page of a form, where it is not the first one."""

POST_ROLES: dict[str, Role] = {
    "/sign-out": Role.VIEWER,
    "/language": Role.VIEWER,
    "/active": Role.VIEWER,
    "/order": Role.OPERATOR,
    "/decide": Role.OPERATOR,
    "/acknowledge": Role.OPERATOR,
    "/set-aside": Role.SUPERVISOR,
    "/users": Role.ADMINISTRATOR,
    "/api/order": Role.OPERATOR,
    "/api/decide": Role.OPERATOR,
    "/api/acknowledge": Role.OPERATOR,
    "/api/shelve": Role.SUPERVISOR,
    "/api/set-aside": Role.SUPERVISOR,
    "/api/users": Role.ADMINISTRATOR,
    "/api/policy": Role.ADMINISTRATOR,
    "/api/policy/explain": Role.OPERATOR,
    "/api/mode": Role.SUPERVISOR,
    "/api/referral": Role.OPERATOR,
    "/api/code": Role.OPERATOR,
}

ACTION_ROLES: dict[str, Role] = {
    "open": Role.OPERATOR,
    "close": Role.OPERATOR,
    "stop": Role.OPERATOR,
    "hold_open": Role.SUPERVISOR,
    "release": Role.SUPERVISOR,
    "lock": Role.SUPERVISOR,
    "unlock": Role.SUPERVISOR,
    "out_of_service": Role.SUPERVISOR,
    "in_service": Role.SUPERVISOR,
}
