//! Measures look-ups in a filter of breached passwords: `cargo run --release -p doorward-server --example
//! breached_lookups -- FILE`. The hashes looked for are made up, so whatever is found is a false positive.

use std::path::Path;

use doorward::platform::SystemClock;
use doorward_core::{password::BreachedPasswords, time::Clock};
use doorward_server::breached::{BreachedFilter, Check};

const LOOK_UPS: u32 = 200_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a filter file")?;
    let clock = SystemClock::new();
    let filter = BreachedFilter::open(Path::new(&path), Check::Everything)?;
    println!("{} entries, opened and checked in {:?}", filter.entries(), clock.monotonic());
    let (mut times, mut found) = (Vec::new(), 0_u32);
    for n in 0..LOOK_UPS {
        // Spread over the shards; a list of real hashes has none of this form.
        let spread = n.wrapping_mul(0x9e37_79b9);
        let mut hash = [0x5a; 20];
        hash[..4].copy_from_slice(&spread.to_be_bytes());
        hash[4..8].copy_from_slice(&n.to_be_bytes());
        let before = clock.monotonic();
        found += u32::from(filter.contains(&hash)?);
        times.push(clock.monotonic() - before);
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).copied().unwrap_or_default();
    println!("look-up: median {:?}, 99 % {:?}, 99.9 % {:?}", at(500), at(990), at(999));
    println!("false positives: {found} of {LOOK_UPS}");
    Ok(())
}
