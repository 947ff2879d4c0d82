import { useEffect, useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

export const LOGIN = "/login";
const PAGES: readonly string[] = ["/", "/devices", LOGIN];

export const isPage = (path: string): boolean => PAGES.includes(path);

/** The login page, from where the user comes to `path`. */
export const loginFor = (path: string): string => `${LOGIN}?to=${encodeURIComponent(path)}`;

/** Where to go after the login: a page of this app, whatever a link to the login page says. */
export function wantedPage(): string {
  const to = new URLSearchParams(location.search).get("to") ?? "/";
  return isPage(to) && to !== LOGIN ? to : "/";
}

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  return () => removeEventListener("popstate", listener);
}

/** The path of the page that is shown. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

function changed(): void {
  dispatchEvent(new PopStateEvent("popstate"));
}

export function Link({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactNode {
  const path = usePath();
  function follow(event: MouseEvent): void {
    // A new tab or window is the browser's business.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState(null, "", to);
    changed();
  }
  return (
    <a href={to} onClick={follow} aria-current={path === to ? "page" : undefined}>
      {children}
    </a>
  );
}

/** Shows another page instead. */
export function Redirect({ to }: { readonly to: string }): ReactNode {
  useEffect(() => {
    history.replaceState(null, "", to);
    changed();
  }, [to]);
  return null;
}
