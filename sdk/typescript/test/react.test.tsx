// @vitest-environment jsdom

import { act, cleanup, render, screen } from "@testing-library/react";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DoorwardProvider, GuestOnly, RequireAuth, RequireSetup, useDoorward, useSession } from "../src/react.js";
import { createTestDoorward, type TestDoorward } from "../src/testing.js";

afterEach(cleanup);

/** Everything that was ever in the document, so that a flash is seen as well. */
function page(doorward: TestDoorward) {
  const shown: string[] = [];
  const Say = ({ what }: { readonly what: string }) => {
    shown.push(what);
    return <p>{what}</p>;
  };
  render(
    <StrictMode>
      <DoorwardProvider doorward={doorward}>
        <RequireAuth pending={<Say what="pending" />} fallback={<Say what="login page" />}>
          <Say what="protected" />
        </RequireAuth>
        <GuestOnly fallback={<Say what="way home" />}>
          <Say what="login form" />
        </GuestOnly>
      </DoorwardProvider>
    </StrictMode>,
  );
  const now = () => {
    const texts = [...document.querySelectorAll("p")].map((each) => each.textContent);
    return texts;
  };
  return { shown, now };
}

describe("guards", () => {
  test("show neither what is protected nor a login page while nobody knows", () => {
    const { shown } = page(createTestDoorward({ status: "unknown" }));
    expect(new Set(shown)).toEqual(new Set(["pending"]));
  });

  test("show what is protected to whoever is signed in, without a flash of the login page", () => {
    const doorward = createTestDoorward({ status: "unknown" });
    const { shown, now } = page(doorward);
    act(() => doorward.set({ status: "authenticated" }));
    expect(now()).toEqual(["protected", "way home"]);
    expect(shown).not.toContain("login page");
    expect(shown).not.toContain("login form");
  });

  test("show the login page to a guest, and nothing protected ever", () => {
    const doorward = createTestDoorward({ status: "unknown" });
    const { shown, now } = page(doorward);
    act(() => doorward.set({ status: "unauthenticated" }));
    expect(now()).toEqual(["login page", "login form"]);
    expect(shown).not.toContain("protected");
  });

  test("take what is protected away at a logout", async () => {
    const doorward = createTestDoorward();
    const { now } = page(doorward);
    expect(now()).toEqual(["protected", "way home"]);
    await act(() => doorward.logout());
    expect(now()).toEqual(["login page", "login form"]);
  });

  test.each([
    [null, "pending"],
    [false, "set it up"],
    [true, "the app"],
  ])("of setup: complete is %s", (setupComplete, shows) => {
    render(
      <DoorwardProvider doorward={createTestDoorward({ status: "unknown", setupComplete })}>
        <RequireSetup pending={<p>pending</p>} fallback={<p>set it up</p>}>
          <p>the app</p>
        </RequireSetup>
      </DoorwardProvider>,
    );
    expect(document.body.textContent).toBe(shows);
  });
});

describe("hooks", () => {
  test("tell who is signed in", () => {
    const Name = () => <b>{useSession().user?.username}</b>;
    render(
      <DoorwardProvider doorward={createTestDoorward({ user: { username: "grace" } })}>
        <Name />
      </DoorwardProvider>,
    );
    expect(screen.getByText("grace")).toBeDefined();
  });

  test("outside of a provider say what is missing", () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const Lost = () => <b>{useDoorward().getSnapshot().status}</b>;
    expect(() => render(<Lost />)).toThrow("There is no <DoorwardProvider> above this component.");
    quiet.mockRestore();
  });

  test("know nobody where a page is rendered ahead, even if the client does", () => {
    const html = renderToString(
      <DoorwardProvider doorward={createTestDoorward()}>
        <RequireAuth pending={<p>pending</p>} fallback={<p>login page</p>}>
          <p>protected</p>
        </RequireAuth>
      </DoorwardProvider>,
    );
    expect(html).toBe("<p>pending</p>");
  });
});
