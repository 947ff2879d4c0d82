//! Durations and dates.

use super::phrases;

phrases! {
    /// So many seconds.
    seconds[count]: "1 second" | "{count} seconds", "1 Sekunde" | "{count} Sekunden";
    /// So many minutes.
    minutes[count]: "1 minute" | "{count} minutes", "1 Minute" | "{count} Minuten";
    /// So many hours.
    hours[count]: "1 hour" | "{count} hours", "1 Stunde" | "{count} Stunden";
    /// So many days.
    days[count]: "1 day" | "{count} days", "1 Tag" | "{count} Tage";
    /// Two of these.
    both(greater, lesser): "{greater} and {lesser}", "{greater} und {lesser}";
    /// Less than a minute ago.
    just_now: "just now", "gerade eben";
    /// So many minutes ago.
    minutes_ago[count]: "1 minute ago" | "{count} minutes ago", "vor 1 Minute" | "vor {count} Minuten";
    /// So many hours ago.
    hours_ago[count]: "1 hour ago" | "{count} hours ago", "vor 1 Stunde" | "vor {count} Stunden";
    /// So many days ago.
    days_ago[count]: "1 day ago" | "{count} days ago", "vor 1 Tag" | "vor {count} Tagen";
    /// In so many seconds.
    in_seconds[count]: "in 1 second" | "in {count} seconds", "in 1 Sekunde" | "in {count} Sekunden";
    /// In so many minutes.
    in_minutes[count]: "in 1 minute" | "in {count} minutes", "in 1 Minute" | "in {count} Minuten";
    /// In so many hours.
    in_hours[count]: "in 1 hour" | "in {count} hours", "in 1 Stunde" | "in {count} Stunden";
    /// In so many days.
    in_days[count]: "in 1 day" | "in {count} days", "in 1 Tag" | "in {count} Tagen";
    /// A time that no calendar knows.
    at_unknown_time: "at an unknown time", "zu unbekannter Zeit";
    /// A date and a time of day.
    dated(day, month, year, clock): "{day} {month} {year}, {clock} UTC", "{day}. {month} {year}, {clock} UTC";
    /// A date of this year or the last, where there is little room.
    day_of_month(day, month): "{day} {month}", "{day}. {month}";
}

phrases! {
    /// January in a date, as browsers abbreviate it, too.
    january: "Jan", "Jan.";
    /// February.
    february: "Feb", "Feb.";
    /// March.
    march: "Mar", "März";
    /// April.
    april: "Apr", "Apr.";
    /// May.
    may: "May", "Mai";
    /// June.
    june: "Jun", "Juni";
    /// July.
    july: "Jul", "Juli";
    /// August.
    august: "Aug", "Aug.";
    /// September.
    september: "Sep", "Sept.";
    /// October.
    october: "Oct", "Okt.";
    /// November.
    november: "Nov", "Nov.";
    /// December.
    december: "Dec", "Dez.";
}
