//! What is said where a second factor is shown: in the second step of signing in, and to confirm who one is.

use super::phrases;

// The second step.
phrases! {
    /// The title.
    second_step: "Second step", "Zweiter Schritt";
    /// The heading.
    second_step_heading: "One more step", "Noch ein Schritt";
    /// What to do.
    second_step_lead(name):
        "Your password was right. Now show your second factor to sign in as <strong><bdi>{name}</bdi></strong>.",
        "Ihr Passwort war richtig. Bestätigen Sie jetzt mit Ihrem zweiten Faktor, dass Sie <strong><bdi>{name}</bdi></strong> sind.";
    /// The same, with where it leads.
    second_step_lead_to(name, host):
        "Your password was right. Now show your second factor to sign in as <strong><bdi>{name}</bdi></strong> and continue to <strong><bdi>{host}</bdi></strong>.",
        "Ihr Passwort war richtig. Bestätigen Sie jetzt mit Ihrem zweiten Faktor, dass Sie <strong><bdi>{name}</bdi></strong> sind. Danach geht es weiter zu <strong><bdi>{host}</bdi></strong>.";
    /// To the single operator.
    second_step_lead_operator: "Your password was right. Now show your second factor.",
        "Ihr Passwort war richtig. Bestätigen Sie jetzt mit Ihrem zweiten Faktor, dass Sie es sind.";
    /// To the single operator, with where it leads.
    second_step_lead_operator_to(host):
        "Your password was right. Now show your second factor and continue to <strong><bdi>{host}</bdi></strong>.",
        "Ihr Passwort war richtig. Bestätigen Sie jetzt mit Ihrem zweiten Faktor, dass Sie es sind. Danach geht es weiter zu <strong><bdi>{host}</bdi></strong>.";
    /// Other ways.
    second_step_otherwise(login_url):
        "<a href=\"{login_url}\">Start over</a> with another name or password. Lost all of it? An administrator can remove your second factors.",
        "<a href=\"{login_url}\">Von vorn beginnen</a> mit einem anderen Namen oder Passwort. Alles verloren? Die Administration kann Ihre zweiten Faktoren entfernen.";
    /// Other ways of the single operator.
    second_step_otherwise_operator(login_url):
        "<a href=\"{login_url}\">Start over</a>. Lost all of it? On the server, <code>doorward user reset-factors operator</code> removes your second factors.",
        "<a href=\"{login_url}\">Von vorn beginnen</a>. Alles verloren? Auf dem Server entfernt <code>doorward user reset-factors operator</code> Ihre zweiten Faktoren.";
}

// The forms.
phrases! {
    /// Between two ways.
    or: "or", "oder";
    /// A code of an authenticator app.
    code: "Code from your authenticator app", "Code aus Ihrer Authenticator-App";
    /// What such a code looks like, where it does not.
    code_form: "Six digits", "Sechs Ziffern";
    /// What such a code is.
    code_hint: "Six digits, which change every 30 seconds.", "Sechs Ziffern, die alle 30 Sekunden wechseln.";
    /// Where no script runs.
    passkeys_need_script: "Passkeys work here with JavaScript, in a browser that knows them.",
        "Passkeys funktionieren hier mit JavaScript, in einem Browser, der sie kennt.";
    /// Opens the form for a recovery code.
    recovery_code_instead: "Use a recovery code instead", "Stattdessen einen Wiederherstellungs&shy;code verwenden";
    /// A recovery code.
    recovery_code: "Recovery code", "Wiederherstellungs&shy;code";
    /// What a recovery code is.
    recovery_code_hint: "One of the codes that you saved when you set up the second factor. Each works once.",
        "Einer der Codes, die Sie beim Einrichten des zweiten Faktors gespeichert haben. Jeder funktioniert einmal.";
    /// A code of the app was refused.
    code_refused:
        "That code is not right, or was used already. Wait for the next one that your app shows.",
        "Dieser Code stimmt nicht oder wurde schon verwendet. Warten Sie auf den nächsten, den Ihre App anzeigt.";
    /// The same, with how often it may still be tried.
    code_refused_tries[tries]:
        "That code is not right, or was used already. Wait for the next one that your app shows. You can try once more." | "That code is not right, or was used already. Wait for the next one that your app shows. You can try {tries} more times.",
        "Dieser Code stimmt nicht oder wurde schon verwendet. Warten Sie auf den nächsten, den Ihre App anzeigt. Sie haben noch einen Versuch." | "Dieser Code stimmt nicht oder wurde schon verwendet. Warten Sie auf den nächsten, den Ihre App anzeigt. Sie haben noch {tries} Versuche.";
    /// A recovery code was refused.
    recovery_code_refused: "That is none of your recovery codes, or it was used already.",
        "Das ist keiner Ihrer Wiederherstellungs&shy;codes, oder er wurde schon verwendet.";
    /// The same, with how often it may still be tried.
    recovery_code_refused_tries[tries]:
        "That is none of your recovery codes, or it was used already. You can try once more." | "That is none of your recovery codes, or it was used already. You can try {tries} more times.",
        "Das ist keiner Ihrer Wiederherstellungs&shy;codes, oder er wurde schon verwendet. Sie haben noch einen Versuch." | "Das ist keiner Ihrer Wiederherstellungs&shy;codes, oder er wurde schon verwendet. Sie haben noch {tries} Versuche.";
}

// To confirm who one is.
phrases! {
    /// Title and heading.
    step_up: "Confirm that it is you", "Bestätigen Sie, dass Sie es sind";
    /// Why.
    step_up_lead: "What comes next needs a fresh proof, although you are signed in.",
        "Was jetzt kommt, braucht eine frische Bestätigung, obwohl Sie angemeldet sind.";
    /// Why, with where it leads.
    step_up_lead_to(host):
        "What comes next needs a fresh proof, although you are signed in: you are on your way to <strong><bdi>{host}</bdi></strong>.",
        "Was jetzt kommt, braucht eine frische Bestätigung, obwohl Sie angemeldet sind: Sie sind auf dem Weg zu <strong><bdi>{host}</bdi></strong>.";
    /// Too many wrong attempts.
    step_up_locked:
        "<strong>Too many wrong attempts</strong> were made here. In this session nobody can confirm who they are for now; you stay signed in.",
        "<strong>Zu viele falsche Versuche</strong> wurden hier gemacht. In dieser Sitzung kann vorerst niemand etwas bestätigen; Sie bleiben angemeldet.";
    /// What to do meanwhile.
    step_up_locked_meanwhile(logout_url): "If it was somebody else, <a href=\"{logout_url}\">sign out here</a>.",
        "Wenn es jemand anders war, <a href=\"{logout_url}\">melden Sie sich hier ab</a>.";
    /// The password is wrong.
    step_up_not_password: "That is not your password.", "Das ist nicht Ihr Passwort.";
}
