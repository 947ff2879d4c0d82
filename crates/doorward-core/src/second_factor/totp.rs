//! Time-based one-time codes (RFC 6238), as every authenticator app makes them: HMAC-SHA-1, six digits, thirty seconds.
//!
//! SHA-1 is no weakness here: HMAC does not rest on its collision resistance, and several apps ignore any other
//! algorithm that they are told to use, and show codes that are never right.

use std::{fmt, ops::RangeInclusive};

use aws_lc_rs::constant_time;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::base32;
use crate::{
    entropy::{Entropy, EntropyFailed},
    secret::PlainToken,
    time::Timestamp,
};

/// How long a code is shown, in seconds.
pub const PERIOD_SECONDS: u64 = 30;
/// How many digits a code has.
pub const DIGITS: usize = 6;
/// How many steps an app's clock may have drifted from ours, either way, and still be followed.
pub const MAX_DRIFT: i8 = 10;

/// What is not escaped in a URI: the unreserved characters of RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an authenticator app and we share: 160 bits, as RFC 4226, section 4 recommends.
///
/// Wiped when it is dropped, and not shown by `Debug`. Stored sealed only.
pub struct TotpSecret(Zeroizing<[u8; Self::BYTES]>);

impl TotpSecret {
    /// How many bytes it has.
    pub const BYTES: usize = 20;

    /// A new one.
    ///
    /// # Errors
    /// [`EntropyFailed`] when there is no randomness.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyFailed> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        entropy.fill(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// From its bytes, unsealed.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    /// As it is typed into an app by whoever cannot scan: 32 characters of base32 (RFC 4648, section 6).
    #[must_use]
    pub fn to_base32(&self) -> PlainToken {
        let (groups, _none_left) = self.0.as_chunks();
        PlainToken::new(base32::encode(base32::RFC4648, groups).to_string())
    }

    /// What a QR code tells an app: `otpauth://totp/issuer:account?…` (Key URI format).
    ///
    /// `account` may be any text. A colon in `issuer` is given as a blank: apps cut the label in two at its first
    /// colon, escaped or not, and what they find before it should equal the parameter `issuer`.
    #[must_use]
    pub fn otpauth_uri(&self, issuer: &str, account: &str) -> PlainToken {
        // By hand: the crate's own refuses every name that contains a colon, and leaves it to each app to know the
        // algorithm, the digits and the period.
        let issuer = issuer.replace(':', " ");
        let issuer = utf8_percent_encode(&issuer, ESCAPED);
        let account = utf8_percent_encode(account, ESCAPED);
        let label = format!("{issuer}:{account}");
        let secret = self.to_base32();
        let rest = format!("&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={PERIOD_SECONDS}");
        PlainToken::new(["otpauth://totp/", &label, "?secret=", secret.reveal(), &rest].concat())
    }

    /// The code of a step: what the app shows then.
    #[must_use]
    pub fn code(&self, step: Step) -> PlainToken {
        PlainToken::new(self.generator().generate(step.0).to_string())
    }

    /// Makes codes by the number of their step instead of by a time: a period of one second makes that the same, and
    /// no step is too large to be turned into a time. Our window is not the crate's: its `check` knows neither drift
    /// nor codes that are spent, and stops at the first match.
    fn generator(&self) -> Totp {
        Builder::new().with_secret(*self.0).with_step_duration(1).build_noncompliant()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// The number of a thirty-second step, counted from 1970-01-01T00:00:00Z (RFC 6238, section 4.2: T).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(pub u64);

impl Step {
    /// The step in which `time` lies; the first one for times before 1970.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(u64::try_from(time.as_seconds()).unwrap_or(0) / PERIOD_SECONDS)
    }

    /// The step so many later; none before the first one.
    fn shifted(self, steps: i8) -> Option<Self> {
        self.0.checked_add_signed(steps.into()).map(Self)
    }
}

/// What is remembered between two codes of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TotpState {
    /// The step of the last code that was accepted: neither it nor an earlier one is accepted again.
    pub last_step: Option<Step>,
    /// By how many steps the app's clock was ahead of ours then (behind, if negative).
    pub drift: i8,
}

/// What a typed code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpVerdict {
    /// It is right, and not spent yet by what was remembered. It counts once the store has advanced to this.
    Right {
        /// The step whose code it is: to be remembered as [`TotpState::last_step`], atomically, if it is still later
        /// than that.
        step: Step,
        /// To be remembered as [`TotpState::drift`].
        drift: i8,
    },
    /// It is not the code of any step that counts now.
    Wrong,
    /// It is the code of a step that is not later than the last accepted one (RFC 6238, section 5.2). To be answered
    /// as a wrong one: whoever looked over the shoulder need not learn that he was close.
    Used,
}

/// Examines what somebody typed.
///
/// The codes of six steps count: those within one step of `now` (RFC 6238, section 5.2, advises no more than that for
/// the way of a code through the network), and those within one of where the app's clock was last seen (section 6),
/// so that a clock that goes wrong slowly is followed, up to [`MAX_DRIFT`]. Blanks do not matter.
///
/// Every one of the six codes is made and compared in constant time, whichever of them is right.
#[must_use]
pub fn examine(secret: &TotpSecret, typed: &str, now: Timestamp, state: TotpState) -> TotpVerdict {
    let Some(typed) = digits(typed) else {
        return TotpVerdict::Wrong;
    };
    let generator = secret.generator();
    let matching = |ahead: i8| {
        let step = Step::at(now).shifted(ahead)?;
        let code = Zeroizing::new(generator.generate(step.0).to_string());
        constant_time::verify_slices_are_equal(code.as_bytes(), typed.as_slice())
            .is_ok()
            .then_some((step, ahead))
    };
    let drift = state.drift.clamp(-MAX_DRIFT, MAX_DRIFT);
    // Two steps share a code once in a million: the later one counts, lest the same digits be good a second time.
    let latest = within_one_step_of(0).chain(within_one_step_of(drift)).filter_map(matching).max();
    match latest {
        None => TotpVerdict::Wrong,
        Some((step, _)) if Some(step) <= state.last_step => TotpVerdict::Used,
        Some((step, ahead)) => TotpVerdict::Right { step, drift: ahead.clamp(-MAX_DRIFT, MAX_DRIFT) },
    }
}

fn within_one_step_of(centre: i8) -> RangeInclusive<i8> {
    centre - 1..=centre + 1
}

/// The digits of a code, if it has as many as it must and nothing else but blanks.
fn digits(typed: &str) -> Option<Zeroizing<[u8; DIGITS]>> {
    let mut typed = typed.chars().filter(|character| !character.is_whitespace());
    let mut digits = Zeroizing::new([0; DIGITS]);
    for digit in digits.iter_mut() {
        *digit =
            typed.next().filter(char::is_ascii_digit).and_then(|character| u8::try_from(character).ok())?;
    }
    typed.next().is_none().then_some(digits)
}
