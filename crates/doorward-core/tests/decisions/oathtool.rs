//! Codes made by a program of somebody else's, `oathtool`, are right. `scripts/test-deps` installs it.

use std::process::Command;

use doorward_core::{
    second_factor::totp::{Step, TotpSecret, TotpState, TotpVerdict, examine},
    time::Timestamp,
};
use doorward_testkit::SeededEntropy;

/// What an app shows that was told the secret as base32, by the clock of whoever holds it.
fn code_by_oathtool(secret: &TotpSecret, seconds: i64) -> String {
    let output = Command::new("oathtool")
        .args(["--totp", "--base32", secret.to_base32().reveal(), "--now", &format!("@{seconds}")])
        .output()
        .expect("oathtool runs: scripts/test-deps installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn codes_made_by_oathtool_are_accepted() {
    let entropy = SeededEntropy::new(3);
    for seconds in [0, 59, 1_111_111_109, 1_763_726_400, 1_763_726_429, 2_147_483_648, 20_000_000_000] {
        let secret = TotpSecret::generate(&entropy).unwrap();
        let now = Timestamp::from_seconds(seconds);
        for (clock_ahead, drift) in [(0, 0), (30, 1), (-30, -1)] {
            if seconds + clock_ahead < 0 {
                continue;
            }
            let code = code_by_oathtool(&secret, seconds + clock_ahead);
            let step = Step::at(Timestamp::from_seconds(seconds + clock_ahead));
            let verdict = examine(&secret, &code, now, TotpState::default());
            assert_eq!(verdict, TotpVerdict::Right { step, drift }, "{seconds} {clock_ahead}");
        }
        let too_late = code_by_oathtool(&secret, seconds + 60);
        assert_eq!(examine(&secret, &too_late, now, TotpState::default()), TotpVerdict::Wrong, "{seconds}");
    }
}
