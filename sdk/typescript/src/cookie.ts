/**
 * The CSRF token out of a cookie string, exactly as it stands there: no decoding, so nothing to fail on. A value may hold
 * `=`, and the space after `;` may be missing. Only exactly this name counts, never one without its prefix: a sibling host
 * can set `dw_csrf`, and cannot set `__Host-dw_csrf`. One that cannot be a header's value is as good as none.
 */
export function csrfToken(cookies: string, name: string): string | null {
  for (const pair of cookies.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) {
      const value = pair.slice(at + 1).trim();
      if (/^[\x21-\x7e]+$/.test(value)) return value;
    }
  }
  return null;
}
