//! What the console's front page says.

use super::phrases;

phrases! {
    /// The section, and its heading.
    section_overview: "Overview", "Übersicht";
    /// The name of the links that choose how far back the pictures go.
    overview_ranges: "How far back", "Wie weit zurück";
    /// The last day, by the hour.
    overview_day: "24 hours", "24 Stunden";
    /// The last month, by the day.
    overview_month: "30 days", "30 Tage";
    /// Where times cannot be shown in the reader's zone, and the numbers' age.
    overview_hours_utc(as_of): "Hours are in <span data-zone-name>UTC</span>. Counted {as_of}.",
        "Stunden in <span data-zone-name>UTC</span>. Gezählt {as_of}.";
    /// Days begin where the numbers are kept, not where the reader is.
    overview_days_utc(as_of): "Days begin at midnight UTC. Counted {as_of}.", "Tage beginnen um Mitternacht UTC. Gezählt {as_of}.";
    /// Opens the numbers below a picture.
    overview_numbers: "Numbers", "Zahlen";
    /// The head of a column of hours.
    overview_hour: "Hour from", "Stunde ab";
    /// The head of a column of days.
    overview_date: "Day", "Tag";
    /// Where there is nothing yet to draw.
    overview_nothing_yet: "Nothing has been measured yet.", "Noch wurde nichts gemessen.";
}

phrases! {
    /// The picture of sign-ins.
    signins_heading: "Sign-ins", "Anmeldungen";
    /// Those that succeeded.
    signins_succeeded: "Succeeded", "Gelungen";
    /// Those that were refused.
    signins_refused: "Refused", "Abgelehnt";
    /// How many succeeded.
    signins_succeeded_count[count]: "One sign-in succeeded." | "{count} sign-ins succeeded.", "Eine Anmeldung gelang." | "{count} Anmeldungen gelangen.";
    /// How many were refused.
    signins_refused_count[count]: "One was refused." | "{count} were refused.", "Eine wurde abgelehnt." | "{count} wurden abgelehnt.";
}

phrases! {
    /// The picture of sessions.
    sessions_heading: "Live sessions", "Laufende Sitzungen";
    /// How many there are.
    sessions_now[count]: "There is one live session." | "There are {count} live sessions.", "Es gibt eine laufende Sitzung." | "Es gibt {count} laufende Sitzungen.";
    /// The picture of locked accounts.
    locked_heading: "Locked accounts", "Gesperrte Konten";
    /// How many there are.
    locked_now[count]: "One account is locked." | "{count} accounts are locked.", "Ein Konto ist gesperrt." | "{count} Konten sind gesperrt.";
    /// The picture of users.
    users_heading: "Users", "Benutzer";
    /// How many there are.
    users_now[count]: "There is one user." | "There are {count} users.", "Es gibt einen Benutzer." | "Es gibt {count} Benutzer.";
    /// The head of a column of the greatest numbers.
    overview_highest: "At most", "Höchstens";
}

phrases! {
    /// The picture of refusals.
    refusals_heading: "Refused requests by reason", "Abgelehnte Anfragen nach Grund";
    /// The head of a column of reasons.
    refusals_reason: "Reason", "Grund";
    /// The head of a column of their codes.
    refusals_code: "Code", "Code";
    /// The head of a column of numbers.
    refusals_count: "Number", "Anzahl";
    /// All reasons that are not shown by themselves.
    refusals_others: "all others", "alle anderen";
    /// A refusal of which no reason is known.
    refusals_unexplained: "no reason recorded", "kein Grund vermerkt";
    /// What its picture says.
    refusals_told[count]: "One request was refused." | "{count} requests were refused.", "Eine Anfrage wurde abgelehnt." | "{count} Anfragen wurden abgelehnt.";
    /// Where there are none.
    refusals_none: "No request was refused.", "Keine Anfrage wurde abgelehnt.";
}

phrases! {
    /// The picture of how old what is known of revocations is.
    staleness_heading: "Age of what is known of ended sessions", "Alter der Kenntnis beendeter Sitzungen";
    /// What it means.
    staleness_lead(bound): "How long ago each server confirmed which sessions have ended. One that could not for {bound} lets nobody in.",
        "Vor wie langer Zeit jeder Server bestätigt hat, welche Sitzungen beendet sind. Einer, der es {bound} lang nicht konnte, lässt niemanden ein.";
    /// The head of a column of servers.
    staleness_node: "Server", "Server";
    /// The head of a column of ages.
    staleness_age: "Age", "Alter";
    /// The server that made the page.
    staleness_this_node: "this server", "dieser Server";
    /// What its picture says.
    staleness_told(age, bound): "The oldest is {age} old, of at most {bound}.", "Das höchste Alter ist {age} von höchstens {bound}.";
    /// So many thousandths of a second.
    milliseconds(number): "{number} ms", "{number} ms";
}
