"""Who may do what: every route of the desk, on one page. A route that is missing here fails the tests.

What a route needs, and the answer that each gets (in: whatever the page says, but neither 401, 403 nor the way to
the sign-in):

    need      nobody    viewer  phone   agent   lead    admin
    open      in        in      in      in      in      in
    half      sign-in   away    away    away    away    away     a page of the sign-in itself
    somebody  sign-in   in      in      in      in      in       about oneself
    viewer    sign-in   in      403     in      in      in
    phone     sign-in   403     in      in      in      in
    agent     sign-in   403     403     in      in      in
    lead      sign-in   403     403     403     in      in
    admin     sign-in   403     403     403     403     in
    key       401       401     401     401     401     401      programs: a session opens nothing
"""

from __future__ import annotations

ROLES = ("nobody", "viewer", "phone", "agent", "lead", "admin")
ANSWERS = {
    "open": ("in", "in", "in", "in", "in", "in"),
    "half": ("sign-in", "away", "away", "away", "away", "away"),
    "somebody": ("sign-in", "in", "in", "in", "in", "in"),
    "viewer": ("sign-in", "in", "403", "in", "in", "in"),
    "phone": ("sign-in", "403", "in", "in", "in", "in"),
    "agent": ("sign-in", "403", "403", "in", "in", "in"),
    "lead": ("sign-in", "403", "403", "403", "in", "in"),
    "admin": ("sign-in", "403", "403", "403", "403", "in"),
    "key": ("401", "401", "401", "401", "401", "401"),
}

NEEDS = {
    "GET /static/{name:str}": "open",
    # signing in
    "GET /sign-in": "open",
    "POST /sign-in": "open",
    "GET /sign-in/factor": "half",
    "POST /sign-in/factor": "half",
    "GET /sign-in/oidc": "open",
    "GET /sign-in/oidc/back": "open",
    "GET /welcome/{token:str}": "open",
    "POST /welcome/{token:str}": "open",
    "POST /sign-out": "somebody",
    # oneself: nothing here takes anybody else's name
    "GET /account": "somebody",
    "POST /account/password": "somebody",
    "POST /account/sessions/{handle:str}/end": "somebody",
    "POST /account/sessions/end-others": "somebody",
    "GET /account/factor": "somebody",
    "POST /account/factor": "somebody",
    "POST /account/factor/remove": "somebody",
    # people
    "GET /people": "admin",
    "POST /people": "admin",
    "POST /people/{name:str}/role": "admin",
    "POST /people/{name:str}/disable": "admin",
    "POST /people/{name:str}/enable": "admin",
    "POST /people/{name:str}/link": "admin",
    "POST /people/{name:str}/factor": "admin",
    "POST /people/{name:str}/sign-out": "admin",
    # keys of programs
    "GET /programs": "admin",
    "POST /programs": "admin",
    "POST /programs/{handle:str}/shut": "admin",
    # privacy
    "GET /privacy": "lead",
    "POST /privacy/export": "lead",
    "POST /privacy/erase": "lead",
    # desk
    "GET /": "viewer",
    "POST /run": "agent",
    "POST /holds/release": "lead",
    "POST /uncertain": "lead",
    "GET /ask": "agent",
    "POST /ask": "agent",
    "GET /cases": "viewer",
    "GET /cases/events": "viewer",
    "POST /cases/bulk": "agent",
    "POST /cases/views": "viewer",
    "GET /cases/{case:str}": "viewer",
    "GET /cases/{case:str}/sightings": "viewer",
    "GET /cases/{case:str}/notices/{notice:str}": "viewer",
    "POST /cases/{case:str}/act": "agent",
    "POST /cases/{case:str}/notes": "agent",
    "POST /cases/{case:str}/replies/{arrival:str}": "agent",
    "POST /cases/{case:str}/statements/{number:str}": "agent",
    "POST /cases/{case:str}/garden": "agent",
    "GET /garden": "viewer",
    "POST /garden/{quarantine:str}/approve": "lead",
    "POST /garden/{quarantine:str}/refuse": "agent",
    "POST /garden/{quarantine:str}/release": "agent",
    "GET /upload": "agent",
    "POST /upload": "agent",
    "GET /upload/{upload_id:str}": "agent",
    "GET /upload/{upload_id:str}/rejects.csv": "agent",
    "GET /sources": "viewer",
    "GET /measure": "viewer",
    "GET /networks": "viewer",
    "GET /contacts": "viewer",
    "GET /letters": "viewer",
    "GET /letters/sample.eml": "viewer",
    "GET /letters/sample.pdf": "viewer",
    "GET /settings/{section:str}": "lead",
    "POST /settings/{section:str}": "lead",
    "GET /settings/{section:str}/{entry:str}": "lead",
    "POST /settings/{section:str}/{entry:str}": "lead",
    "GET /audit": "lead",
    # phone
    "GET /phone": "phone",
    "GET /phone/account": "phone",
    "POST /phone/account": "phone",
    "GET /phone/calls": "phone",
    "GET /phone/calls/take": "phone",
    "POST /phone/calls/take": "phone",
    "GET /phone/calls/note": "phone",
    "POST /phone/calls/note": "phone",
    "GET /phone/code": "phone",
    "POST /phone/code": "phone",
    "GET /phone/fake": "phone",
    "POST /phone/fake": "phone",
    "GET /phone/garden": "phone",
    "POST /phone/garden": "phone",
    "GET /phone/garden/out": "phone",
    "POST /phone/garden/out": "phone",
    "GET /phone/notice": "phone",
    "POST /phone/notice": "phone",
    # programs
    "GET /api/v1": "open",
    "GET /api/v1/openapi.json": "open",
    "GET /api/v1/health": "open",
    "POST /api/v1/sightings": "key",
    "GET /api/v1/sightings": "key",
    "GET /api/v1/attribution": "key",
    "GET /api/v1/cases": "key",
    "GET /api/v1/cases/{case:str}": "key",
    "POST /api/v1/cases/{case:str}/actions": "key",
    "GET /api/v1/notices": "key",
    "GET /api/v1/confirmations": "key",
    "GET /metrics": "key",
}

SCOPES = {  # what a key needs for it: a key with every other scope and not this one gets 403
    "POST /api/v1/sightings": "sightings:write",
    "GET /api/v1/sightings": "sightings:read",
    "GET /api/v1/attribution": "attribution:read",
    "GET /api/v1/cases": "cases:read",
    "GET /api/v1/cases/{case:str}": "cases:read",
    "POST /api/v1/cases/{case:str}/actions": "cases:write",
    "GET /api/v1/notices": "notices:read",
    "GET /api/v1/confirmations": "confirmations:read",
    "GET /metrics": "health",
}
