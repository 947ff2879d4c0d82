import type { ReactNode } from "react";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time as the viewer's clock shows it. `at` is RFC 3339. */
export function Moment({ at }: { readonly at: string }): ReactNode {
  return <time dateTime={at}>{format.format(new Date(at))}</time>;
}
