//! Second factors: what somebody has, and how they set them up and remove them.

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::PasskeyPrompt;
use crate::pages::{Failure, Field, Frame, moment::Moment, phrases::Phrase};

/// From here on it is time for new recovery codes.
const FEW_RECOVERY_CODES: u32 = 3;

/// What somebody can show beside their password.
#[derive(Clone, Copy, Debug)]
pub struct FactorSummary {
    /// An authenticator app.
    pub totp: bool,
    /// So many passkeys.
    pub passkeys: u32,
    /// So many recovery codes that were not used yet.
    pub recovery_codes_left: u32,
    /// So many recovery codes are made at a time.
    pub recovery_codes_made: u32,
}

impl FactorSummary {
    pub(super) const fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }

    pub(super) const fn is_last(&self) -> bool {
        self.totp as u32 + self.passkeys == 1
    }

    pub(super) const fn recovery_codes_used(&self) -> u32 {
        self.recovery_codes_made.saturating_sub(self.recovery_codes_left)
    }

    pub(super) const fn few_recovery_codes(&self) -> bool {
        self.any() && self.recovery_codes_left <= FEW_RECOVERY_CODES
    }
}

/// `BASE/account/factors`. Its forms post below that address, each with `rd` where given: nothing else to `totp` (begins),
/// `totp/remove` and `recovery-codes`, `id` to `passkeys/remove`, `name` and `credential` to `passkeys`.
#[derive(Clone, Template)]
#[template(path = "factors.html")]
pub struct FactorsPage {
    /// What every page has; of a signed-in user, with their CSRF token.
    pub frame: Frame,
    /// Where to go once a factor is set up, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The host that `rd` leads to, if it is another than ours.
    pub continue_to: Option<String>,
    /// What the user has.
    pub factors: FactorSummary,
    /// Their passkeys, oldest first.
    pub passkeys: Vec<PasskeyEntry>,
    /// How to add a passkey, where there are any.
    pub passkey: Option<PasskeyPrompt>,
    /// What the next one is to be called.
    pub passkey_name: Field,
    /// Where they confirm who they are before they can change anything; none if they did so lately.
    pub confirm_url: Option<String>,
    /// The operator demands a factor of them: the last one stays.
    pub required: bool,
    /// Where they are going wants a second factor.
    pub wanted: bool,
    /// What was just done.
    pub notice: Option<FactorNotice>,
    /// Why what was just asked for was not done.
    pub failure: Option<Failure>,
}

impl FactorsPage {
    /// Whether they can do nothing else until they have a factor.
    fn is_due(&self) -> bool {
        self.required && !self.factors.any()
    }

    fn last_stays(&self) -> bool {
        self.required && self.factors.is_last()
    }

    fn failed(&self) -> bool {
        self.failure.is_some() || self.passkey_name.error.is_some()
    }
}

/// One passkey in the list.
#[derive(Clone, Debug)]
pub struct PasskeyEntry {
    /// Its id, which the form posts.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// It may be on several devices.
    pub synced: bool,
    /// When it was added.
    pub created: Moment,
    /// When it was last used, if it was.
    pub last_used: Option<Moment>,
}

/// What was just done about factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorNotice {
    /// The authenticator app was removed.
    TotpRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
}

/// `BASE/account/factors/totp`: an authenticator app on its way in. Posts `code` and, where given, `rd` to
/// `BASE/account/factors/totp/confirm`. As secret as the app.
#[derive(Clone, Template)]
#[template(path = "totp.html")]
pub struct TotpPage {
    /// What every page has; of a signed-in user, with their CSRF token.
    pub frame: Frame,
    /// Where to go afterwards, carried along hidden. Only a target that passed the redirect check belongs here.
    pub rd: Option<String>,
    /// The QR code of `uri`, as [`svg`](crate::pages::qr::svg) draws it; none if it does not fit into one.
    pub qr_code: Option<String>,
    /// What apps on this device open: `otpauth://…`
    pub uri: String,
    /// The secret for who types it in.
    pub secret: String,
    /// It takes the place of another app.
    pub replaces: bool,
    /// The code that was just typed was not right.
    pub code_refused: bool,
    /// Where to go instead.
    pub cancel: String,
}

impl TotpPage {
    /// The secret in groups that can be read aloud.
    fn groups(&self) -> impl Iterator<Item = String> {
        let letters: Vec<char> = self.secret.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        groups.into_iter()
    }

    fn code_error(&self) -> Option<Phrase> {
        self.code_refused.then(|| self.frame.t.totp_refused())
    }
}

/// New recovery codes: the only page that shows them.
#[derive(Clone, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// What every page has; of a signed-in user, with their CSRF token.
    pub frame: Frame,
    /// The codes.
    pub codes: Vec<String>,
    /// What they are for: the installation's name, for the file that they are saved in.
    pub issuer: String,
    /// Whose they are, for the same.
    pub username: String,
    /// What brought them about.
    pub reason: RecoveryCodesReason,
    /// Where to go when they are saved. The caller must have checked it as a redirect target.
    pub target: String,
}

/// What brought new recovery codes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCodesReason {
    /// An authenticator app was set up.
    TotpEnabled,
    /// The first passkey was added.
    PasskeyAdded,
    /// They were asked for.
    MadeAnew,
}

impl RecoveryCodesPage {
    /// The codes as a file, in an address of its own: without script, and without a second request that would show them.
    fn file(&self) -> String {
        let t = self.frame.t;
        let heading = t.codes_file(&self.username, &self.issuer).text();
        let text = format!("{heading}\n{}\n\n{}\n", t.codes_file_hint(), self.codes.join("\n"));
        format!("data:text/plain;charset=utf-8;base64,{}", BASE64_STANDARD.encode(text))
    }
}
