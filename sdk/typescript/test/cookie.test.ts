import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csrfToken } from "../src/cookie.js";

const NAME = "__Host-dw_csrf";

describe("the CSRF token out of a cookie string", () => {
  test.each([
    ["alone", `${NAME}=abc`, "abc"],
    ["between others", `a=1; ${NAME}=abc; b=2`, "abc"],
    ["without a space after ;", `a=1;${NAME}=abc;b=2`, "abc"],
    ["with = in it", `${NAME}=abc==`, "abc=="],
    ["percent-encoded, as it is", `${NAME}=a%3Db`, "a%3Db"],
    ["with a percent sign that is no encoding", `${NAME}=a%zz`, "a%zz"],
    ["after a cookie without a value", `flag; ${NAME}=abc`, "abc"],
    ["after one of the same name that is no header's value", `${NAME}=a b; ${NAME}=abc`, "abc"],
    ["not under a name without the prefix", "dw_csrf=abc", null],
    ["not under a longer name", `x${NAME}=abc; ${NAME}x=abc`, null],
    ["not under a name in another case", `${NAME.toLowerCase()}=abc`, null],
    ["not if it is empty", `${NAME}=`, null],
    ["not if it could break a header", `${NAME}=a\r\nX-Evil: 1`, null],
    ["not if it is not ASCII", `${NAME}=ä`, null],
    ["not out of nothing", "", null],
    ["not out of what is no cookie string", ";;;===;", null],
  ])("is read %s", (_, cookies, token) => {
    expect(csrfToken(cookies, NAME)).toBe(token);
  });

  test("is read whatever stands around it, and nothing ever throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (before, after) => {
        const found = csrfToken(`${before.replaceAll(NAME, "")};${NAME}=token; ${after}`, NAME);
        expect(found).toBe("token");
        const any = csrfToken(before, NAME);
        if (any !== null) expect(() => new Headers({ "x-csrf-token": any })).not.toThrow();
      }),
    );
  });
});
