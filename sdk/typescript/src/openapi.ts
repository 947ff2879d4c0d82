// Made by `npm run types` from the server's OpenAPI document; not edited by hand.

export interface paths {
    readonly "/auth/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The keys that verify access tokens, the one that signs first. May be cached for a minute: a new key is among them for
         *     longer than that before it signs.
         */
        readonly get: operations["jwks"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Events, newest first. */
        readonly get: operations["audit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/audit/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The events that the filters let through, oldest first, as a file.
         * @description Written as it is read, however long that takes, but no longer than the access token lives and may be used: an export
         *     that ends before its end is cut off, and no whole answer. That it began is an event of the log, and in the file.
         */
        readonly get: operations["export"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/audit/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Events that the filters let through, as they happen: each as `data`, in the form of the list, with its `seq` as `id`.
         * @description Ends when the access token does, at once when the session is ended or the role taken away, and when the server stops;
         *     an `event: end` tells why, as a code. Whoever comes back with the last `id` misses nothing.
         */
        readonly get: operations["stream"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The keys that sign access tokens, or did: newest first, all of them at once. */
        readonly get: operations["signing_keys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/keys/rotate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Makes a new key, which signs two minutes later, when every verifier knows it; the one that signs is retired then. What
         *     it signed stays good until it expires: nobody is signed out, and no request is refused. 409 `conflict` while a new key
         *     waits already.
         */
        readonly post: operations["rotate_signing_key"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/lockouts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What is locked right now: first what does not end by itself, then what is somebody's, then names that are nobody's;
         *     the soonest to end last.
         */
        readonly get: operations["lockouts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/overview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** How many users, sessions and locks there are, how many there were, and how many events of each kind. */
        readonly get: operations["overview"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Users: all of them, oldest first, or those whom a search finds. */
        readonly get: operations["users"];
        readonly put?: never;
        /** Makes a user; without a password, invites them. */
        readonly post: operations["create_user"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A user. */
        readonly get: operations["user"];
        readonly put?: never;
        readonly post?: never;
        /** Removes a user and ends their sessions. The name stays taken. */
        readonly delete: operations["delete_user"];
        readonly options?: never;
        readonly head?: never;
        /** Changes a user, in force on the next request. */
        readonly patch: operations["change_user"];
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}/devices": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Makes strangers of all devices that a user has signed in with; nobody is signed out.
         * @description A stolen device cookie is worth nothing from then on. Each device is known again after its next login.
         */
        readonly delete: operations["forget_user_devices"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}/mfa": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Removes every second factor of a user, recovery codes included, for somebody who lost them: the password alone lets
         *     them in again.
         * @description Their sessions live on, and can do nothing sensitive before the password was shown again.
         */
        readonly delete: operations["reset_user_factors"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}/reset-link": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Issues a one-time link by which a user chooses a new password; earlier links of theirs are dead. */
        readonly post: operations["reset_link"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Ends every session of a user. */
        readonly delete: operations["revoke_user_sessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/admin/users/{id}/unlock": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Forgets every failure that was counted against a user, so that they may try again at once.
         * @description Ends the lock and the delay of the account, of its known devices, of its sessions and of its authenticator app. The
         *     delay of an address stays.
         */
        readonly post: operations["unlock_user"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Opens a session in cookies; for somebody who has a second factor, only begins to. A session presented with it is
         *     revoked.
         * @description Also takes the form of an OAuth2 password grant; its other fields are ignored.
         */
        readonly post: operations["login"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/login/mfa": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Completes a login by a code. Five codes are looked at for each login; after that it begins anew with the password. */
        readonly post: operations["complete_login"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/login/passkey": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Logs in by a passkey. */
        readonly post: operations["login_by_passkey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/login/passkey/options": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What `navigator.credentials.get()` is given to log in. With a pending cookie the passkey is the second factor, and the
         *     CSRF token of the pending login is needed; without one the passkey is all, and has to verify its user.
         */
        readonly post: operations["passkey_login_options"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ends every session that is presented, by cookie or bearer token, and a login that waits for its second factor, and
         *     clears their cookies. Succeeds without any.
         */
        readonly post: operations["logout"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The user who asks. */
        readonly get: operations["me"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/mfa/recovery-codes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Makes ten new recovery codes; the old ones are dead. Needs a recent authentication. */
        readonly post: operations["replace_recovery_codes"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/mfa/totp": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Begins to set up an authenticator app; it counts once a code of it has confirmed it, within half an hour. Needs a
         *     recent authentication.
         */
        readonly post: operations["begin_totp"];
        /** Removes the authenticator app. Needs a recent authentication. */
        readonly delete: operations["remove_totp"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/mfa/totp/confirm": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Puts the authenticator app in force that was being set up, in place of any other, and makes ten recovery codes; older
         *     ones are dead. Needs a recent authentication.
         */
        readonly post: operations["confirm_totp"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** This description. */
        readonly get: operations["openapi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/passkeys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The passkeys of whoever asks, oldest first. */
        readonly get: operations["passkeys"];
        readonly put?: never;
        /** Adds a passkey. Needs a recent authentication. Somebody who has no recovery codes gets ten with it. */
        readonly post: operations["add_passkey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/passkeys/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Removes a passkey. Needs a recent authentication. */
        readonly delete: operations["remove_passkey"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/passkeys/options": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What `navigator.credentials.create()` is given to make a passkey. Needs a recent authentication. */
        readonly post: operations["passkey_registration_options"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/password": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Changes the password: a new session in new cookies; every older session and token of the user is dead. */
        readonly post: operations["change_password"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Exchanges the refresh cookie for its successor and fresh session and CSRF cookies.
         * @description Tabs that race, and a tab whose answer was lost and that asks again within the grace, all receive the same
         *     successor. A refusal clears no cookie: another tab may have logged in again meanwhile.
         */
        readonly post: operations["refresh"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/revocations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Which sessions and users were revoked, so that a program can verify access tokens by itself, with the keys of
         *     `/.well-known/jwks.json`, and refuse those that are revoked.
         * @description With `Accept: text/event-stream`, entries come as they are made, each as `data` with its number as `id`. Between them, for as long as
         *     this node knows that it missed nothing and several times within `revocation.max_staleness`, an event `confirmed`
         *     tells up to which number everything was sent, and as of when (`Confirmation`). Who has had none for too long lets
         *     nobody in. The stream ends when the access token does, when the session is ended or the role taken away, when this
         *     node cannot confirm the feed itself, and when the server stops; an `event: end` tells why, as a code.
         *
         *     409 `conflict`, and that code at the end of a stream, says that the number is none to go on from: too old, or of a
         *     database that was put back since. Begin again, after 0, and keep what you have. 503 `revocation_state_stale`: this
         *     node does not know itself.
         */
        readonly get: operations["revocations"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/session": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The session that asks, and whose it is.
         * @description A browser that holds session and refresh cookie and has lost the CSRF cookie is given another one.
         */
        readonly get: operations["session"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Live sessions, newest first. */
        readonly get: operations["sessions"];
        readonly put?: never;
        readonly post?: never;
        /** Ends every other session of the user who asks. */
        readonly delete: operations["revoke_others"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Ends one session: one's own, or anybody's for administrators. */
        readonly delete: operations["revoke_session"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/setup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Tells whether setup was completed. */
        readonly get: operations["setup_state"];
        readonly put?: never;
        /** Makes the first administrator and logs them in. Of racing calls one succeeds. */
        readonly post: operations["complete_setup"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/step-up": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Exchanges the session for one with a fresh authentication, as strong as what is shown; the old one is dead. */
        readonly post: operations["step_up"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/step-up/passkey": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Steps a session up by a passkey. */
        readonly post: operations["step_up_by_passkey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/step-up/passkey/options": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** What `navigator.credentials.get()` is given to step a session up. */
        readonly post: operations["passkey_step_up_options"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/v1/token": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Gives tokens in the body, never a cookie. `not_found` unless `token_endpoint.enabled`. */
        readonly post: operations["token"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/verify/{policy}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly get: operations["verify"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly put: operations["verify_put"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly post: operations["verify_post"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly delete: operations["verify_delete"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly options: operations["verify_options"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly head: operations["verify_head"];
        /**
         * Answers a proxy: whether the request it describes may pass, and who is calling. Reads no body.
         * @description Whatever follows the policy's name in the path, and the query, are ignored. The request is described by one family of
         *     headers, complete: `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, or `X-Original-Method` and `X-Original-URL`.
         */
        readonly patch: operations["verify_patch"];
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The process answers. */
        readonly get: operations["healthz"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The process can do its work. */
        readonly get: operations["readyz"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A passkey that was added. */
        readonly AddedPasskey: components["schemas"]["Passkey"] & {
            /** @description Recovery codes, for somebody who had none; shown once. */
            readonly recovery_codes?: readonly string[] | null;
        };
        /** @description The `response` of a passkey that signs in (`AuthenticatorAssertionResponse`), bytes as base64url. */
        readonly Assertion: {
            readonly authenticatorData: string;
            readonly clientDataJSON: string;
            readonly signature: string;
            readonly userHandle?: string | null;
        };
        /** @description An event. */
        readonly AuditItem: {
            /** @description Who did it: a user's id, `anonymous`, `command-line` or `system`. */
            readonly actor: string;
            /** @description From where. */
            readonly address?: string | null;
            /**
             * Format: date-time
             * @description When.
             */
            readonly at: string;
            /** @description What else is worth knowing. */
            readonly details: {
                readonly [key: string]: string;
            };
            /** @description What happened. */
            readonly event: string;
            /** @description `success` or `refused`. */
            readonly outcome: string;
            /** @description Why. */
            readonly reason?: string | null;
            /** @description In which request. */
            readonly request_id?: string | null;
            /**
             * Format: int64
             * @description Its place in the log.
             */
            readonly seq: number;
            /** @description The session it concerns. */
            readonly session_id?: string | null;
            /** @description With what. */
            readonly user_agent: string;
            /** @description Whom it concerns. */
            readonly user_id?: string | null;
        };
        /** @description A code, and what it is. */
        readonly CodeBody: {
            /**
             * Format: password
             * @description The code. Of a recovery code, case and dashes do not matter.
             */
            readonly code: string;
            /** @description What it is. */
            readonly method: components["schemas"]["CodeMethod"];
        };
        /**
         * @description What a code is of.
         * @enum {string}
         */
        readonly CodeMethod: "totp" | "recovery_code";
        /** @description That nothing is missing: the stream's event `confirmed`. */
        readonly Confirmation: {
            /**
             * Format: int64
             * @description The lifetime of access tokens, in seconds: entries are needed for as long.
             */
            readonly access_ttl: number;
            /**
             * Format: int64
             * @description What was revoked longer before this was sent than that is among it.
             */
            readonly age_milliseconds: number;
            /**
             * Format: int64
             * @description Up to this number everything was sent.
             */
            readonly seq: number;
            /**
             * Format: int64
             * @description Another number, and `/.well-known/jwks.json` has other keys.
             */
            readonly signing_keys_version: number;
            /**
             * Format: int64
             * @description The same moment, counted from the arrival of the request; negative before it. A reader that adds it to when it
             *     *sent* the request by its own monotonic clock knows as of when it is fresh, however long this was on its way.
             */
            readonly since_request_milliseconds: number;
        };
        /** @description A code of the app that is being set up. */
        readonly ConfirmTotpBody: {
            /**
             * Format: password
             * @description Six digits.
             */
            readonly code: string;
        };
        /** @description A user that was made. */
        readonly CreatedUser: components["schemas"]["User"] & {
            /** @description The one-time link by which an invited user chooses a password. */
            readonly invite_url?: string | null;
        };
        /**
         * @description The kinds of credentials there are.
         * @enum {string}
         */
        readonly CredentialKind: "public-key";
        /**
         * @description How to write the file.
         * @enum {string}
         */
        readonly ExportFormat: "csv" | "json";
        /** @description A value that breaks a rule. */
        readonly FieldProblem: {
            /** @description Which rule, as a stable word. */
            readonly code: string;
            /** @description The rule in a sentence. */
            readonly detail: string;
            /** @description The member of the request. */
            readonly field: string;
        };
        /** @description How much there is at some time. */
        readonly GaugesAt: {
            /**
             * Format: date-time
             * @description As of when.
             */
            readonly at: string;
            /**
             * Format: int64
             * @description Sessions that are alive.
             */
            readonly live_sessions: number;
            /**
             * Format: int64
             * @description Users whose account or authenticator app is locked.
             */
            readonly locked_accounts: number;
            /**
             * Format: int64
             * @description Users, disabled ones included.
             */
            readonly users: number;
        };
        /** @description How many events of a kind there were in an hour. */
        readonly HourlyCount: {
            /**
             * Format: int64
             * @description How many. An event that tells of many refusals counts as many.
             */
            readonly count: number;
            /** @description The event's name. */
            readonly event: string;
            /**
             * Format: date-time
             * @description When the hour began.
             */
            readonly hour: string;
            /** @description Why. */
            readonly reason?: string | null;
        };
        /** @description A public key. */
        readonly JsonWebKey: {
            /** @description `EdDSA` */
            readonly alg: string;
            /** @description `Ed25519` */
            readonly crv: string;
            /** @description Names the key. */
            readonly kid: string;
            /** @description `OKP` */
            readonly kty: string;
            /** @description `sig` */
            readonly use: string;
            /** @description The public key. */
            readonly x: string;
        };
        /** @description A set of public keys. */
        readonly JsonWebKeySet: {
            /** @description The keys, the one that signs first. */
            readonly keys: readonly components["schemas"]["JsonWebKey"][];
        };
        /** @description A part of a list. */
        readonly List_AuditItem: {
            /** @description The items. */
            readonly items: readonly {
                /** @description Who did it: a user's id, `anonymous`, `command-line` or `system`. */
                readonly actor: string;
                /** @description From where. */
                readonly address?: string | null;
                /**
                 * Format: date-time
                 * @description When.
                 */
                readonly at: string;
                /** @description What else is worth knowing. */
                readonly details: {
                    readonly [key: string]: string;
                };
                /** @description What happened. */
                readonly event: string;
                /** @description `success` or `refused`. */
                readonly outcome: string;
                /** @description Why. */
                readonly reason?: string | null;
                /** @description In which request. */
                readonly request_id?: string | null;
                /**
                 * Format: int64
                 * @description Its place in the log.
                 */
                readonly seq: number;
                /** @description The session it concerns. */
                readonly session_id?: string | null;
                /** @description With what. */
                readonly user_agent: string;
                /** @description Whom it concerns. */
                readonly user_id?: string | null;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A part of a list. */
        readonly List_Lockout: {
            /** @description The items. */
            readonly items: readonly {
                /**
                 * Format: date-time
                 * @description When it ends; null if it ends only when the user is unlocked.
                 */
                readonly locked_until?: string | null;
                /**
                 * @description What is locked: `account` (for browsers that never signed in to it), `device`, `session`, `authenticator_app`, or
                 *     `unknown_name`, a name that is nobody's.
                 */
                readonly subject: string;
                /** @description Whose it is; null for a name that is nobody's. */
                readonly user_id?: string | null;
                /** @description That user's name. */
                readonly username?: string | null;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A part of a list. */
        readonly List_Passkey: {
            /** @description The items. */
            readonly items: readonly {
                /**
                 * Format: date-time
                 * @description When it was added.
                 */
                readonly created_at: string;
                /** @description Its credential id, as base64url. */
                readonly id: string;
                /**
                 * Format: date-time
                 * @description When it was last used.
                 */
                readonly last_used_at?: string | null;
                /** @description What its owner calls it. */
                readonly name: string;
                /** @description It may be on several devices, or come back from a backup. */
                readonly synced: boolean;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A part of a list. */
        readonly List_Session: {
            /** @description The items. */
            readonly items: readonly {
                /**
                 * Format: int32
                 * @description Authentication assurance level (NIST SP 800-63B).
                 */
                readonly aal: number;
                /** @description The address that used it last. */
                readonly address?: string | null;
                /** @description Authentication methods (RFC 8176). */
                readonly amr: readonly string[];
                /**
                 * Format: date-time
                 * @description When its owner last proved who they are.
                 */
                readonly auth_time: string;
                /** @description What it is bound to. */
                readonly binding: string;
                /**
                 * Format: date-time
                 * @description When it was opened.
                 */
                readonly created_at: string;
                /** @description Whether it is the one that asks. */
                readonly current: boolean;
                /**
                 * Format: date-time
                 * @description It ends here, whatever happens.
                 */
                readonly expires_at: string;
                /** @description Names the session. */
                readonly id: string;
                /**
                 * Format: date-time
                 * @description It ends here unless it is refreshed before.
                 */
                readonly idle_expires_at: string;
                /**
                 * Format: date-time
                 * @description When it was last refreshed, or opened.
                 */
                readonly last_seen_at: string;
                /** @description The browser or program that used it last. */
                readonly user_agent: string;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A part of a list. */
        readonly List_SigningKey: {
            /** @description The items. */
            readonly items: readonly {
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                readonly created_at: string;
                /** @description Names the key in tokens. */
                readonly id: string;
                /**
                 * Format: date-time
                 * @description From when on it signs no more, which may lie ahead; none if no other is to follow it.
                 */
                readonly retired_at?: string | null;
                /**
                 * Format: date-time
                 * @description From when on it signs.
                 */
                readonly signs_from: string;
                /**
                 * @description `next`: published, to sign from `signs_from` on; `signing`; `verifying` what it signed before it was retired; or
                 *     `retired`: nothing it signed is believed any more.
                 */
                readonly state: string;
                /**
                 * Format: date-time
                 * @description When the last token that it signed will have expired; none if no other is to follow it.
                 */
                readonly verifies_until?: string | null;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A part of a list. */
        readonly List_User: {
            /** @description The items. */
            readonly items: readonly {
                /**
                 * Format: date-time
                 * @description When the account was made.
                 */
                readonly created_at: string;
                /** @description They cannot log in. */
                readonly disabled: boolean;
                /** @description Where mail reaches them. */
                readonly email?: string | null;
                /** @description Names the user for ever. */
                readonly id: string;
                /** @description Their second factors. */
                readonly mfa: components["schemas"]["SecondFactors"];
                /** @description They can do nothing else until they have chosen a new password. */
                readonly must_change_password: boolean;
                /** @description What they may do. */
                readonly roles: readonly string[];
                /** @description The name they log in with. */
                readonly username: string;
            }[];
            /** @description Ask with this as `cursor` for the next part; null at the end. */
            readonly next_cursor?: string | null;
        };
        /** @description A lock that is in force. */
        readonly Lockout: {
            /**
             * Format: date-time
             * @description When it ends; null if it ends only when the user is unlocked.
             */
            readonly locked_until?: string | null;
            /**
             * @description What is locked: `account` (for browsers that never signed in to it), `device`, `session`, `authenticator_app`, or
             *     `unknown_name`, a name that is nobody's.
             */
            readonly subject: string;
            /** @description Whose it is; null for a name that is nobody's. */
            readonly user_id?: string | null;
            /** @description That user's name. */
            readonly username?: string | null;
        };
        /** @description A login that succeeded. The tokens are in cookies only. */
        readonly LoggedIn: {
            /** @description With which session. */
            readonly session: components["schemas"]["Session"];
            /** @description `authenticated` */
            readonly status: string;
            /** @description Who. */
            readonly user: components["schemas"]["User"];
        };
        /** @description What a right password leads to. */
        readonly LoginAnswer: components["schemas"]["LoggedIn"] | components["schemas"]["SecondFactorDue"];
        /** @description Who wants to log in. */
        readonly LoginBody: {
            readonly client_id?: string | null;
            readonly client_secret?: string | null;
            /** @description The fields of an OAuth2 password form that we have no use for (RFC 6749, 4.3.2). */
            readonly grant_type?: string | null;
            /**
             * Format: password
             * @description The password.
             */
            readonly password: string;
            readonly scope?: string | null;
            /** @description Whether the second factor may be skipped on this device in future, as far as `mfa.trust_device` allows it. */
            readonly trust_device?: boolean;
            /** @description The user name; where there is a single operator it may be left out, and is not heeded. */
            readonly username: string;
        };
        /** @description A passkey that a browser made. */
        readonly NewPasskeyBody: components["schemas"]["PublicKeyCredential_Attestation"] & {
            /** @description What to call it; after the browser unless given. */
            readonly name?: string | null;
        };
        /** @description Who is signed in now, with which session. */
        readonly NewSessionBody: components["schemas"]["SignedInBody"] & {
            readonly tokens?: components["schemas"]["Tokens"] | null;
        };
        /** @description A user to be made. */
        readonly NewUserBody: {
            /** @description A mail address. */
            readonly email?: string | null;
            /**
             * Format: password
             * @description The first password; without one the answer holds an invitation.
             */
            readonly password?: string | null;
            /** @description Role names. */
            readonly roles?: readonly string[] | null;
            /** @description The name to log in with. */
            readonly username: string;
        };
        /** @description A node, as it last told of itself. */
        readonly NodeAge: {
            /**
             * Format: int64
             * @description The number up to which the revocation feed was in force there.
             */
            readonly feed_seq: number;
            /** @description Its name. */
            readonly name: string;
            /**
             * Format: date-time
             * @description When it told this.
             */
            readonly reported_at: string;
            /**
             * Format: int64
             * @description How long ago it had confirmed the feed; for a node that tells nothing any more, how long that has been.
             */
            readonly revocation_age_milliseconds: number;
            /** @description Whether it tells nothing any more: it does not run, or does not reach the store. */
            readonly silent: boolean;
            /**
             * Format: date-time
             * @description Since when it runs.
             */
            readonly started_at: string;
            /** @description The version it runs. */
            readonly version: string;
        };
        /** @description How much there is, and what happened. */
        readonly Overview: {
            /** @description How many events there were in each hour, by name and reason, oldest first. */
            readonly events: readonly components["schemas"]["HourlyCount"][];
            /**
             * Format: int64
             * @description Beyond this age it lets nobody in: `revocation.max_staleness`.
             */
            readonly max_staleness_milliseconds: number;
            /** @description The nodes that share the store, by name, as each told within the last second; none where there is only this one. */
            readonly nodes: readonly components["schemas"]["NodeAge"][];
            /** @description How much there is now, as of the last minute. */
            readonly now: components["schemas"]["GaugesAt"];
            /**
             * Format: int64
             * @description How long ago this node confirmed the revocation feed.
             */
            readonly revocation_age_milliseconds: number;
            /** @description How much there was, one sample for each quarter of an hour, oldest first. */
            readonly samples: readonly components["schemas"]["GaugesAt"][];
        };
        /** @description A passkey. */
        readonly Passkey: {
            /**
             * Format: date-time
             * @description When it was added.
             */
            readonly created_at: string;
            /** @description Its credential id, as base64url. */
            readonly id: string;
            /**
             * Format: date-time
             * @description When it was last used.
             */
            readonly last_used_at?: string | null;
            /** @description What its owner calls it. */
            readonly name: string;
            /** @description It may be on several devices, or come back from a backup. */
            readonly synced: boolean;
        };
        /** @description What a browser is asked. */
        readonly PasskeyOptions: {
            /** @description The member `publicKey` of the argument of `navigator.credentials.create()` or `.get()`, with bytes as base64url. */
            readonly publicKey: Record<string, never>;
        };
        /**
         * @description `password`
         * @enum {string}
         */
        readonly Password: "password";
        /** @description The password: enough for those who have no second factor. */
        readonly PasswordAgain: {
            /**
             * Format: password
             * @description The password.
             */
            readonly password: string;
        };
        /** @description The old password and the new one. */
        readonly PasswordBody: {
            /**
             * Format: password
             * @description The password so far.
             */
            readonly current_password: string;
            /**
             * Format: password
             * @description The password from now on.
             */
            readonly new_password: string;
        };
        /** @description Tokens for a password. */
        readonly PasswordGrant: {
            /**
             * Format: password
             * @description A code of the authenticator app, or a recovery code, for those who have a second factor.
             */
            readonly code?: string | null;
            /** @description `password`, which is the default. */
            readonly grant_type?: components["schemas"]["Password"];
            /**
             * Format: password
             * @description The password.
             */
            readonly password: string;
            /** @description The user name; where there is a single operator it may be left out, and is not heeded. */
            readonly username: string;
        };
        /** @description A problem document as it is sent. */
        readonly Problem: {
            /** @description The stable code. */
            readonly code: string;
            /** @description What happened and how to mend it. */
            readonly detail: string;
            /** @description The values that break rules, with 422. */
            readonly errors?: readonly components["schemas"]["FieldProblem"][];
            /** @description Ties the answer to log lines and audit events. */
            readonly request_id: string;
            /**
             * Format: int64
             * @description Seconds to wait, rounded up.
             */
            readonly retry_after?: number | null;
            /**
             * Format: int32
             * @description The status code.
             */
            readonly status: number;
            /** @description The status in words. */
            readonly title: string;
            /** @description A URL that explains the code. */
            readonly type: string;
        };
        /**
         * @description What a browser answers: `PublicKeyCredential.toJSON()`. Members that are not named here are passed over, as browsers
         *     add some.
         */
        readonly PublicKeyCredential_Assertion: {
            /** @description The credential id, as base64url. */
            readonly id: string;
            /** @description The same. */
            readonly rawId: string;
            /** @description The `response` of a passkey that signs in (`AuthenticatorAssertionResponse`), bytes as base64url. */
            readonly response: {
                readonly authenticatorData: string;
                readonly clientDataJSON: string;
                readonly signature: string;
                readonly userHandle?: string | null;
            };
            /** @description `public-key` */
            readonly type: components["schemas"]["CredentialKind"];
        };
        /**
         * @description What a browser answers: `PublicKeyCredential.toJSON()`. Members that are not named here are passed over, as browsers
         *     add some.
         */
        readonly PublicKeyCredential_Attestation: {
            /** @description The credential id, as base64url. */
            readonly id: string;
            /** @description The same. */
            readonly rawId: string;
            /** @description The `response` of a passkey that was made (`AuthenticatorAttestationResponse`), bytes as base64url. */
            readonly response: {
                readonly attestationObject: string;
                readonly clientDataJSON: string;
                readonly transports?: readonly string[] | null;
            };
            /** @description `public-key` */
            readonly type: components["schemas"]["CredentialKind"];
        };
        /** @description Recovery codes. This answer is the only one that shows them. */
        readonly RecoveryCodes: {
            /** @description Ten, each good once: `XXXX-XXXX-XXXX-XXXX`. */
            readonly recovery_codes: readonly string[];
        };
        /**
         * @description `refresh_token`
         * @enum {string}
         */
        readonly RefreshToken: "refresh_token";
        /** @description Tokens for a refresh token. */
        readonly RefreshTokenGrant: {
            /** @description `refresh_token` */
            readonly grant_type: components["schemas"]["RefreshToken"];
            /** @description The refresh token. */
            readonly refresh_token: string;
        };
        /** @description A one-time link by which a user chooses a new password. */
        readonly ResetLink: {
            /**
             * Format: date-time
             * @description When it ends.
             */
            readonly expires_at: string;
            /** @description The link. */
            readonly reset_url: string;
        };
        /**
         * @description What becomes of a token.
         * @enum {string}
         */
        readonly RevocationEffect: "revoked" | "outdated";
        /** @description What was revoked: tokens of a session or of a user below an epoch. */
        readonly RevocationItem: {
            /** @description What tokens below the epoch are from now on. */
            readonly effect: components["schemas"]["RevocationEffect"];
            /**
             * Format: int64
             * @description The least that is still valid of `sv`, for a session, or `uv`, for a user.
             */
            readonly epoch: number;
            /**
             * Format: date-time
             * @description No token it concerns can be alive from here on.
             */
            readonly expires_at: string;
            /**
             * Format: int64
             * @description Its number.
             */
            readonly seq: number;
            /** @description The session, whose tokens carry it as `sid`, where it is about one. */
            readonly session_id?: string;
            /** @description The user, whose tokens carry it as `sub`, where it is about all of them. */
            readonly user_id?: string;
        };
        /** @description A part of the feed. */
        readonly Revocations: {
            /** @description Whether the feed held nothing after that when it was read. Nothing else confirms that no revocation is missing. */
            readonly complete: boolean;
            /** @description Entries in order of their numbers. */
            readonly items: readonly components["schemas"]["RevocationItem"][];
            /**
             * Format: int64
             * @description After which number to ask for the next part. Without gaps, but for entries that have expired.
             */
            readonly seq: number;
        };
        /** @description How many sessions were ended. */
        readonly RevokedCount: {
            /** @description So many. */
            readonly revoked: number;
        };
        /**
         * @description Whose sessions.
         * @enum {string}
         */
        readonly Scope: "own" | "all";
        /** @description A login that waits for its second factor. Its token is in a cookie only, which is good for nothing else. */
        readonly SecondFactorDue: {
            /**
             * Format: int64
             * @description Seconds until the password has to be given again.
             */
            readonly expires_in: number;
            /** @description What it can be completed with: `totp`, `passkey`, `recovery_code`. */
            readonly methods: readonly string[];
            /** @description `mfa_required` */
            readonly status: string;
        };
        /** @description The second factors of a user. */
        readonly SecondFactors: {
            /**
             * Format: int32
             * @description How many passkeys are.
             */
            readonly passkeys: number;
            /**
             * Format: int32
             * @description How many recovery codes are left.
             */
            readonly recovery_codes_left: number;
            /** @description Whether an authenticator app is enrolled. */
            readonly totp: boolean;
        };
        /** @description One login on one device. */
        readonly Session: {
            /**
             * Format: int32
             * @description Authentication assurance level (NIST SP 800-63B).
             */
            readonly aal: number;
            /** @description The address that used it last. */
            readonly address?: string | null;
            /** @description Authentication methods (RFC 8176). */
            readonly amr: readonly string[];
            /**
             * Format: date-time
             * @description When its owner last proved who they are.
             */
            readonly auth_time: string;
            /** @description What it is bound to. */
            readonly binding: string;
            /**
             * Format: date-time
             * @description When it was opened.
             */
            readonly created_at: string;
            /** @description Whether it is the one that asks. */
            readonly current: boolean;
            /**
             * Format: date-time
             * @description It ends here, whatever happens.
             */
            readonly expires_at: string;
            /** @description Names the session. */
            readonly id: string;
            /**
             * Format: date-time
             * @description It ends here unless it is refreshed before.
             */
            readonly idle_expires_at: string;
            /**
             * Format: date-time
             * @description When it was last refreshed, or opened.
             */
            readonly last_seen_at: string;
            /** @description The browser or program that used it last. */
            readonly user_agent: string;
        };
        /** @description The first administrator. */
        readonly SetupBody: {
            /** @description A mail address. */
            readonly email?: string | null;
            /**
             * Format: password
             * @description The password.
             */
            readonly password: string;
            /** @description The token of the setup URL, or the configured one. */
            readonly setup_token: string;
            /** @description The name to log in with; where there is a single operator it may be left out, and is not heeded. */
            readonly username: string;
        };
        /** @description Whether setup was completed. */
        readonly SetupState: {
            /** @description It was. */
            readonly complete: boolean;
        };
        /** @description Who is signed in, with which session. */
        readonly SignedInBody: {
            /** @description With which session. */
            readonly session: components["schemas"]["Session"];
            /** @description Who. */
            readonly user: components["schemas"]["User"];
        };
        /** @description A key that signs access tokens, or did. */
        readonly SigningKey: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            readonly created_at: string;
            /** @description Names the key in tokens. */
            readonly id: string;
            /**
             * Format: date-time
             * @description From when on it signs no more, which may lie ahead; none if no other is to follow it.
             */
            readonly retired_at?: string | null;
            /**
             * Format: date-time
             * @description From when on it signs.
             */
            readonly signs_from: string;
            /**
             * @description `next`: published, to sign from `signs_from` on; `signing`; `verifying` what it signed before it was retired; or
             *     `retired`: nothing it signed is believed any more.
             */
            readonly state: string;
            /**
             * Format: date-time
             * @description When the last token that it signed will have expired; none if no other is to follow it.
             */
            readonly verifies_until?: string | null;
        };
        /** @description What is shown. */
        readonly StepUpBody: components["schemas"]["PasswordAgain"] | components["schemas"]["CodeBody"];
        /** @description A password, or a refresh token. */
        readonly TokenBody: components["schemas"]["PasswordGrant"] | components["schemas"]["RefreshTokenGrant"];
        /** @description Tokens. */
        readonly Tokens: {
            /** @description The access token, for the Authorization header. */
            readonly access_token: string;
            /**
             * Format: int64
             * @description Seconds until the access token ends.
             */
            readonly expires_in: number;
            /**
             * Format: int64
             * @description Seconds until the refresh token ends.
             */
            readonly refresh_expires_in: number;
            /** @description Exchanges for the next tokens, once. */
            readonly refresh_token: string;
            /** @description The session. */
            readonly session_id: string;
            /** @description `Bearer` */
            readonly token_type: string;
        };
        /** @description What an authenticator app needs to know. This answer is the only one that shows it. */
        readonly TotpSecretBody: {
            /** @description All that an app needs: `otpauth://totp/…`. */
            readonly otpauth_uri: string;
            /** @description The same as a QR code: an SVG document. */
            readonly qr_svg: string;
            /** @description The secret, for whoever types it: 32 characters of base32 (RFC 4648). */
            readonly secret: string;
        };
        /** @description A user. */
        readonly User: {
            /**
             * Format: date-time
             * @description When the account was made.
             */
            readonly created_at: string;
            /** @description They cannot log in. */
            readonly disabled: boolean;
            /** @description Where mail reaches them. */
            readonly email?: string | null;
            /** @description Names the user for ever. */
            readonly id: string;
            /** @description Their second factors. */
            readonly mfa: components["schemas"]["SecondFactors"];
            /** @description They can do nothing else until they have chosen a new password. */
            readonly must_change_password: boolean;
            /** @description What they may do. */
            readonly roles: readonly string[];
            /** @description The name they log in with. */
            readonly username: string;
        };
        /** @description Changes to a user; what is left out stays as it is. */
        readonly UserChangesBody: {
            /** @description Disable, which ends every session, or enable. */
            readonly disabled?: boolean | null;
            /** @description A mail address; null for none. */
            readonly email?: string | null;
            /** @description Demand a new password, or stop demanding it. */
            readonly must_change_password?: boolean | null;
            /** @description Role names, instead of the present ones. */
            readonly roles?: readonly string[] | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly jwks: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["JsonWebKeySet"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly audit: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those from this address. */
                readonly address?: string;
                /** @description Only those at or after this time. */
                readonly after?: string;
                /** @description Only those before this time. */
                readonly before?: string;
                /** @description `next_cursor` of the part before. */
                readonly cursor?: string;
                /** @description Only those of this name. */
                readonly event?: string;
                /** @description At most so many items. */
                readonly limit?: number;
                /** @description Only those concerning this user. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events, newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_AuditItem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly export: {
        readonly parameters: {
            readonly query: {
                /** @description Only those from this address. */
                readonly address?: string;
                /** @description Only those at or after this time. */
                readonly after?: string;
                /** @description Only those before this time. */
                readonly before?: string;
                /** @description Only those of this name. */
                readonly event?: string;
                /** @description `csv` or `json`. */
                readonly format: components["schemas"]["ExportFormat"];
                /** @description Only those concerning this user. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The file. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["AuditItem"][];
                    readonly "text/csv": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly stream: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those from this address. */
                readonly address?: string;
                /** @description Only those at or after this time. */
                readonly after?: string;
                /** @description Only those before this time. */
                readonly before?: string;
                /** @description Only those of this name. */
                readonly event?: string;
                /**
                 * @description After the event of this `seq`, as the header `Last-Event-ID` says it, which goes before; with neither, what happens
                 *     from now on.
                 */
                readonly last_event_id?: number;
                /** @description Only those concerning this user. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events without end. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly signing_keys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_SigningKey"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rotate_signing_key: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SigningKey"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly lockouts: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the part before. */
                readonly cursor?: string;
                /** @description At most so many items. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What is locked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_Lockout"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly overview: {
        readonly parameters: {
            readonly query?: {
                /** @description From this time on; a day before `before` unless given, and at most 31 days. */
                readonly after?: string;
                /** @description Up to this time, not included; now unless given. */
                readonly before?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The numbers. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly users: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the part before. */
                readonly cursor?: string;
                /** @description At most so many items. */
                readonly limit?: number;
                /**
                 * @description Only those whose name or mail address begins with this, in whatever case, or who have this id. Those found by
                 *     name come first, in the order of their names.
                 */
                readonly search?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Users. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly create_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewUserBody"];
            };
        };
        readonly responses: {
            /** @description Made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CreatedUser"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The user. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly delete_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly change_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UserChangesBody"];
            };
        };
        readonly responses: {
            /** @description Changed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly forget_user_devices: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Forgotten. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reset_user_factors: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed, or there were none. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reset_link: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Issued. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ResetLink"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revoke_user_sessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Ended. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly unlock_user: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Unlocked, or was not locked. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly login: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LoginBody"];
                readonly "application/x-www-form-urlencoded": components["schemas"]["LoginBody"];
            };
        };
        readonly responses: {
            /** @description Logged in; session, CSRF, refresh and device cookies are set. Or the second factor is due; pending and CSRF cookie are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly complete_login: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CodeBody"];
            };
        };
        readonly responses: {
            /** @description Logged in; session, CSRF, refresh and device cookies are set, the pending cookie is cleared. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LoggedIn"];
                };
            };
            /** @description Refused. The pending cookie is cleared where the login is over. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly login_by_passkey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PublicKeyCredential_Assertion"];
            };
        };
        readonly responses: {
            /** @description Logged in; session, CSRF, refresh and device cookies are set, a pending cookie is cleared. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LoggedIn"];
                };
            };
            /** @description Refused. A pending cookie is cleared where the login is over. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly passkey_login_options: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To be read by `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logout: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Logged out; the cookies are cleared. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly me: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The user who asks. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["User"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly replace_recovery_codes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The codes; fresh cookies of the same session are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description There is no factor that they could stand in for. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly begin_totp: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What the app needs to know. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TotpSecretBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly remove_totp: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed; fresh cookies of the same session are set. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is the last factor, and policy demands one. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly confirm_totp: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ConfirmTotpBody"];
            };
        };
        readonly responses: {
            /** @description In force; fresh cookies of the same session are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            /** @description The code is wrong. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None is being set up. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly openapi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description This description. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
        };
    };
    readonly passkeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them: there is no further part. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_Passkey"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly add_passkey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewPasskeyBody"];
            };
        };
        readonly responses: {
            /** @description Added; fresh cookies of the same session are set. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["AddedPasskey"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly remove_passkey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The passkey. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Removed; fresh cookies of the same session are set. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is the last factor, and policy demands one. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly passkey_registration_options: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To be read by `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly change_password: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PasswordBody"];
            };
        };
        readonly responses: {
            /** @description Changed; new cookies are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewSessionBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly refresh: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Moved on; session, CSRF and refresh cookies are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignedInBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revocations: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description After the entry of this number; 0, or nothing, is the beginning. For a stream, the header `Last-Event-ID` goes
                 *     before.
                 */
                readonly after?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A part of the feed, or with `Accept: text/event-stream` the feed without end. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Revocations"];
                    readonly "text/event-stream": string;
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session that asks. */
            readonly 200: {
                headers: {
                    /** @description For how many seconds the access token is good yet. */
                    readonly "x-session-expires-in"?: number;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignedInBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly sessions: {
        readonly parameters: {
            readonly query?: {
                /** @description `next_cursor` of the part before. */
                readonly cursor?: string;
                /** @description At most so many. */
                readonly limit?: number;
                /** @description `own`, the default, or `all`, for administrators. */
                readonly scope?: components["schemas"]["Scope"];
                /** @description With `all`: only this user's. */
                readonly user_id?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Live sessions, newest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["List_Session"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revoke_others: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Ended. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RevokedCount"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revoke_session: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The session. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Ended. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly setup_state: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether setup was completed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SetupState"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly complete_setup: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SetupBody"];
            };
        };
        readonly responses: {
            /** @description Done; logged in as by a login. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LoggedIn"];
                };
            };
            /** @description The setup token is wrong. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Setup was completed before. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly step_up: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["StepUpBody"];
            };
        };
        readonly responses: {
            /** @description Stepped up; new cookies are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewSessionBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly step_up_by_passkey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PublicKeyCredential_Assertion"];
            };
        };
        readonly responses: {
            /** @description Stepped up; new cookies are set. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewSessionBody"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly passkey_step_up_options: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description To be read by `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly token: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["TokenBody"];
                readonly "application/x-www-form-urlencoded": components["schemas"]["TokenBody"];
            };
        };
        readonly responses: {
            /** @description Tokens. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Tokens"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_put: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_delete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_options: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_head: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly verify_patch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Its Host. */
                readonly "X-Forwarded-Host"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Forwarded-Method"?: string | null;
                /** @description Its scheme. */
                readonly "X-Forwarded-Proto"?: string | null;
                /** @description Its path and query. */
                readonly "X-Forwarded-Uri"?: string | null;
                /** @description The method of the client's request. */
                readonly "X-Original-Method"?: string | null;
                /** @description Its whole URL. */
                readonly "X-Original-URL"?: string | null;
            };
            readonly path: {
                /** @description The name of a configured policy. */
                readonly policy: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It may pass; the body is empty. */
            readonly 200: {
                headers: {
                    /** @description Authentication assurance level. */
                    readonly "X-Auth-Aal"?: string;
                    /** @description Their mail address; empty if they have none. */
                    readonly "X-Auth-Email"?: string;
                    /** @description `cookie` or `bearer`. */
                    readonly "X-Auth-Method"?: string;
                    /** @description Their roles, separated by commas. */
                    readonly "X-Auth-Roles"?: string;
                    /** @description The session. */
                    readonly "X-Auth-Session-Id"?: string;
                    /** @description Their name. */
                    readonly "X-Auth-User"?: string;
                    /** @description Who. */
                    readonly "X-Auth-User-Id"?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A browser may sign in there, with `redirect`. */
            readonly 302: {
                headers: {
                    /** @description `continue`, with the client's URL as `rd`. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly healthz: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It does. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
        };
    };
    readonly readyz: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It can. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/plain": string;
                };
            };
            /** @description Not now. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Refused. */
            readonly default: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
