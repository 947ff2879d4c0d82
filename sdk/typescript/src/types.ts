/** What travels, by the names of the server's OpenAPI document. Times are RFC 3339 in UTC, durations whole seconds. */

import type { components, operations } from "./openapi.js";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type Passkey = Schemas["Passkey"];
export type AddedPasskey = Schemas["AddedPasskey"];
export type RecoveryCodes = Schemas["RecoveryCodes"];
export type TotpSecret = Schemas["TotpSecretBody"];
export type FieldProblem = Schemas["FieldProblem"];
export type Problem = Schemas["Problem"];

/** Who is signed in, with which session. */
export type SignedIn = Schemas["SignedInBody"];

/** A login that is through. */
export type LoggedIn = Omit<Schemas["LoggedIn"], "status"> & { readonly status: "authenticated" };

/** A login that waits for its second factor, for `expires_in` seconds. */
export type SecondFactorDue = Omit<Schemas["SecondFactorDue"], "status" | "methods"> & {
  readonly status: "mfa_required";
  readonly methods: readonly ("totp" | "passkey" | "recovery_code")[];
};

/** What a right password leads to. */
export type LoginAnswer = LoggedIn | SecondFactorDue;

/** Name and password. With one operator only, `username` may be left out. */
export type Credentials = Pick<Schemas["LoginBody"], "password" | "trust_device"> & { readonly username?: string };

/** A code of an authenticator app, or a recovery code. */
export type Code = Schemas["CodeBody"];

/** What a step-up shows: the password for whoever has no second factor, else a code. */
export type StepUp = Schemas["StepUpBody"];

/** The password so far, and the one from now on. */
export type NewPassword = Schemas["PasswordBody"];

/** A part of a list. Ask for the next with `next_cursor` as `cursor`; at the end there is none. */
export type List<Item> = { readonly items: readonly Item[]; readonly next_cursor?: string | null };

/** Which sessions, and which part of the list. */
export type SessionQuery = NonNullable<operations["sessions"]["parameters"]["query"]>;

/** The members of a registration's or a request's `publicKey`, bytes as base64url. */
export type PasskeyAttestation = Schemas["PublicKeyCredential_Attestation"];
export type PasskeyAssertion = Schemas["PublicKeyCredential_Assertion"];
