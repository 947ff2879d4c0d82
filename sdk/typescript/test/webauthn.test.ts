// What stands in for PublicKeyCredential's own JSON methods, for browsers from before 2025.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { creationOptions, credentialJson, requestOptions } from "../src/webauthn.js";

const bytes = (source: BufferSource) => Buffer.from(source as Uint8Array);
const base64url = (data: Uint8Array) => Buffer.from(data).toString("base64url");
const buffer = (data: Uint8Array) => data.slice().buffer;

test("options have their bytes, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), (challenge, user, id) => {
      const made = creationOptions({
        challenge: base64url(challenge),
        user: { id: base64url(user), name: "ada", displayName: "Ada" },
        excludeCredentials: [{ id: base64url(id), type: "public-key" }],
        timeout: 5,
      });
      expect(bytes(made.challenge)).toEqual(Buffer.from(challenge));
      expect(bytes(made.user.id)).toEqual(Buffer.from(user));
      expect(made.user.name).toBe("ada");
      expect(made.excludeCredentials?.map((each) => [bytes(each.id), each.type])).toEqual([[Buffer.from(id), "public-key"]]);
      expect(made.timeout).toBe(5);
      const shown = requestOptions({ challenge: base64url(challenge), allowCredentials: [{ id: base64url(id) }] });
      expect(bytes(shown.challenge)).toEqual(Buffer.from(challenge));
      expect(shown.allowCredentials?.map((each) => bytes(each.id))).toEqual([Buffer.from(id)]);
    }),
  );
});

test("options without a list of passkeys allow any", () => {
  expect(requestOptions({ challenge: "AA" }).allowCredentials).toEqual([]);
});

test("a credential is JSON as the server reads it", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (id, data) => {
      const json = credentialJson({
        id: base64url(id), rawId: buffer(id), type: "public-key",
        response: { clientDataJSON: buffer(data), authenticatorData: buffer(data), signature: buffer(data), userHandle: null },
      } as unknown as PublicKeyCredential);
      expect(json).toEqual({
        id: base64url(id), rawId: base64url(id), type: "public-key",
        response: { clientDataJSON: base64url(data), authenticatorData: base64url(data), signature: base64url(data) },
      });
    }),
  );
});

test("a new credential tells its transports", () => {
  const response = { clientDataJSON: new ArrayBuffer(1), attestationObject: new ArrayBuffer(2), getTransports: () => ["internal"] };
  const json = credentialJson({ id: "a", rawId: new ArrayBuffer(1), type: "public-key", response } as unknown as PublicKeyCredential);
  expect(json).toMatchObject({ response: { clientDataJSON: "AA", attestationObject: "AAA", transports: ["internal"] } });
});
