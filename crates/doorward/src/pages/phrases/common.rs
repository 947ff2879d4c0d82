//! What every page says.

use super::phrases;

phrases! {
    /// To the page that signs out, and its button.
    sign_out: "Sign out", "Abmelden";
    /// The name of the header's links.
    account_links: "Account", "Konto";
    /// To the console.
    administration: "Administration", "Verwaltung";
    /// Before the name that leads to the account page; for screen readers.
    your_account_of: "Your account: ", "Ihr Konto: ";
}
