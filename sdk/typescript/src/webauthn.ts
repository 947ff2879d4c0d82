import type { Authenticators } from "./environment.js";
import { isRecord } from "./problem.js";
import type { PasskeyAssertion, PasskeyAttestation } from "./types.js";

/** How the browser is to ask for a passkey. */
export interface Ceremony {
  /** Ends it, as for an autofill that is not needed any more. */
  readonly signal?: AbortSignal;
  /** `conditional`: offers passkeys in the autofill of a form, and waits. */
  readonly mediation?: CredentialMediationRequirement;
}

type Json = Readonly<Record<string, unknown>>;

function bytes(base64url: unknown): Uint8Array<ArrayBuffer> {
  const text = atob(String(base64url).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function base64url(buffer: ArrayBuffer): string {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function descriptors(list: unknown): unknown[] {
  return Array.isArray(list) ? list.map((each: Json) => ({ ...each, id: bytes(each.id) })) : [];
}

/** `PublicKeyCredential.parseCreationOptionsFromJSON`, for browsers from before 2025. */
export function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
  const user = json.user as Json;
  return {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
}

/** `PublicKeyCredential.parseRequestOptionsFromJSON`, for browsers from before 2025. */
export function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
  return {
    ...json,
    challenge: bytes(json.challenge),
    allowCredentials: descriptors(json.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

/** `PublicKeyCredential.toJSON()`, for browsers and password managers that do not have it. */
export function credentialJson(credential: PublicKeyCredential): unknown {
  if (typeof credential.toJSON === "function") return credential.toJSON();
  const response: Record<string, unknown> = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value: unknown = (credential.response as unknown as Json)[name];
    if (value instanceof ArrayBuffer) response[name] = base64url(value);
  }
  const { getTransports } = credential.response as { getTransports?: () => string[] };
  if (getTransports) response.transports = getTransports.call(credential.response);
  return { id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response };
}

function supported(authenticators: Authenticators | null): Authenticators {
  if (!authenticators) throw new DOMException("This browser has no passkeys.", "NotSupportedError");
  return authenticators;
}

function publicKeyOf(options: unknown): Json {
  const publicKey = isRecord(options) ? options.publicKey : null;
  if (!isRecord(publicKey)) throw new TypeError("These are no options for a passkey.");
  return publicKey;
}

/**
 * Makes a passkey.
 *
 * @throws {DOMException} what the browser says: `NotAllowedError` if the user would not, `InvalidStateError` if the
 * authenticator has one already.
 */
export async function createPasskey(
  authenticators: Authenticators | null,
  options: unknown,
  { signal }: Ceremony = {},
): Promise<PasskeyAttestation> {
  const { credentials, json } = supported(authenticators);
  const given = publicKeyOf(options);
  const publicKey =
    json?.parseCreationOptionsFromJSON?.(given as unknown as PublicKeyCredentialCreationOptionsJSON) ??
    creationOptions(given);
  const credential = await credentials.create({ publicKey, ...(signal && { signal }) });
  return credentialJson(credential as PublicKeyCredential) as PasskeyAttestation;
}

/**
 * Has the user show a passkey.
 *
 * @throws {DOMException} what the browser says: `NotAllowedError` if the user would not.
 */
export async function showPasskey(
  authenticators: Authenticators | null,
  options: unknown,
  { signal, mediation }: Ceremony = {},
): Promise<PasskeyAssertion> {
  const { credentials, json } = supported(authenticators);
  const given = publicKeyOf(options);
  const publicKey =
    json?.parseRequestOptionsFromJSON?.(given as unknown as PublicKeyCredentialRequestOptionsJSON) ??
    requestOptions(given);
  const credential = await credentials.get({ publicKey, ...(signal && { signal }), ...(mediation && { mediation }) });
  return credentialJson(credential as PublicKeyCredential) as PasskeyAssertion;
}
