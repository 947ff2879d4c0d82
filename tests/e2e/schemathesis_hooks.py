"""Authenticates schemathesis as a user of Doorward, again when it has logged itself out."""

import os

import requests
import schemathesis

ORIGIN = os.environ["DOORWARD_ORIGIN"]


# Often enough that an accidental logout, which ends the token, costs few of the requests after it.
@schemathesis.auth(refresh_interval=1)
class Bearer:
    def get(self, case, context):
        answer = requests.post(
            f"{ORIGIN}/auth/v1/token",
            data={"username": os.environ["DOORWARD_USERNAME"], "password": os.environ["DOORWARD_PASSWORD"]},
            timeout=120,
        )
        if not answer.ok:
            print(f"no token for schemathesis: {answer.status_code} {answer.text}", flush=True)
            answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
