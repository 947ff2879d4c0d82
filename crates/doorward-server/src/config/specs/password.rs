//! `password.*`.

use std::path::PathBuf;

use super::Change::Reload;
use super::Spec;
use crate::config::settings::Settings;

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "password.min_length",
        Reload,
        "The shortest password that is accepted, in characters.",
        |settings, value| value.count(1, 256).map(|length| settings.password.min_length = length),
        |settings| settings.password.min_length.into(),
    ),
    Spec::new(
        "password.min_length_single_factor",
        Reload,
        "The shortest password of an account that nothing else protects, in characters; the greater of both lengths \
         counts. NIST SP 800-63B-4 asks for 15.",
        |settings, value| {
            value.count(1, 256).map(|length| settings.password.min_length_single_factor = length)
        },
        |settings| settings.password.min_length_single_factor.into(),
    ),
    Spec::new(
        "password.min_strength",
        Reload,
        "How hard a new password must be to guess, by zxcvbn's estimate: 1 takes more than a thousand guesses, 2 a \
         million, 3 a hundred million, 4 ten thousand million. 0 does not ask.",
        |settings, value| {
            let least = value.count(0, 4)?;
            settings.password.min_strength = u8::try_from(least).unwrap_or(u8::MAX);
            Ok(())
        },
        |settings| settings.password.min_strength.into(),
    ),
    Spec::new(
        "password.breached_filter",
        Reload,
        "A file of breached passwords, which `doorward breached build` makes of a public list: nobody can choose one of \
         them. SIGHUP reads it again. \"none\" refuses only the most common ones.",
        |settings, value| {
            let path = value.unless("none")?;
            if path.is_some_and(|path| path.contains('\0')) {
                return Err("write the path of a file".to_owned());
            }
            settings.breached_filter = path.map(PathBuf::from);
            Ok(())
        },
        |settings| {
            let path = settings.breached_filter.as_ref();
            path.map_or("none".into(), |path| path.to_string_lossy().into())
        },
    ),
    Spec::new(
        "password.argon2.memory_kib",
        Reload,
        "Memory that hashing one password takes, in KiB. Stored hashes move to new parameters at the next login.",
        |settings, value| value.count(8, 4_194_304).map(|memory| settings.hashing_cost.memory_kib = memory),
        |settings| settings.hashing_cost.memory_kib.into(),
    ),
    Spec::new(
        "password.argon2.iterations",
        Reload,
        "How often hashing passes over that memory.",
        |settings, value| value.count(1, 1_000).map(|passes| settings.hashing_cost.iterations = passes),
        |settings| settings.hashing_cost.iterations.into(),
    ),
    Spec::new(
        "password.argon2.parallelism",
        Reload,
        "Lanes of one hash.",
        |settings, value| value.count(1, 64).map(|lanes| settings.hashing_cost.parallelism = lanes),
        |settings| settings.hashing_cost.parallelism.into(),
    ),
];
