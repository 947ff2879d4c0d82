//! Where this run's configuration comes from: which file, which variables, which flags. Read again at SIGHUP.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::cli::args::{Global, Serve};
use crate::config::{Complaint, ConfigFile, FILE_VARIABLE, Layers, Loaded, load, secret_files};

/// Read where nobody names a file.
const DEFAULT_FILE: &str = "doorward.toml";

/// In bytes.
const LONGEST_SECRET: u64 = 64 * 1024;

/// What the layers are read from.
#[derive(Debug, Clone)]
pub struct ConfigSource {
    file: PathBuf,
    /// Whether somebody named the file, so that it has to be there.
    named: bool,
    environment: Vec<(OsString, OsString)>,
    flags: Vec<(&'static str, &'static str, String)>,
}

impl ConfigSource {
    /// What the command line and the environment name.
    #[must_use]
    pub fn new(global: &Global, serve: Option<&Serve>, environment: Vec<(OsString, OsString)>) -> Self {
        let variable = environment
            .iter()
            .find(|(name, value)| name == FILE_VARIABLE && !value.is_empty())
            .map(|(_, value)| PathBuf::from(value));
        let named = global.config.clone().or(variable);
        Self {
            named: named.is_some(),
            file: named.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE)),
            environment,
            flags: flags(global, serve),
        }
    }

    /// The environment.
    #[must_use]
    pub fn environment(&self) -> &[(OsString, OsString)] {
        &self.environment
    }

    /// The value of `RUST_LOG`.
    #[must_use]
    pub fn log_filter(&self) -> Option<&str> {
        self.environment.iter().find(|(name, _)| name == "RUST_LOG").and_then(|(_, value)| value.to_str())
    }

    /// Reads the file, and puts all layers together.
    ///
    /// # Errors
    /// A [`Complaint`] where a file that was named cannot be read.
    pub fn layers(&self) -> Result<Layers, Complaint> {
        let file = read(&self.file, self.named)?;
        let secret_files = secret_files(&self.environment).map(|(name, path)| read_secret(name, path));
        Ok(Layers {
            file,
            secret_files: secret_files.collect::<Result<_, _>>()?,
            environment: self.environment.clone(),
            flags: self.flags.clone(),
        })
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    /// The first [`Complaint`].
    pub fn load(&self) -> Result<Loaded, Complaint> {
        load(&self.layers()?)
    }
}

fn read(path: &Path, named: bool) -> Result<Option<ConfigFile>, Complaint> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(ConfigFile { path: path.to_owned(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => Ok(None),
        Err(error) => Err(Complaint::new(
            path.display().to_string(),
            format!("cannot read this configuration file ({error}): name one that is there with --config"),
        )),
    }
}

/// The text of a secret's file.
fn read_secret(variable: &str, path: &Path) -> Result<(String, String), Complaint> {
    let mut text = String::new();
    // No more than a secret can be long: an operator may name any file, `/dev/zero` included.
    let read = fs::File::open(path).and_then(|file| file.take(LONGEST_SECRET).read_to_string(&mut text));
    match read {
        Ok(_) => Ok((variable.to_owned(), text)),
        Err(error) => {
            let mend = format!("cannot read this file ({error}): write the path of one that holds the value");
            Err(Complaint::new(variable, mend).with_value(format!("{:?}", path.display().to_string())))
        }
    }
}

fn flags(global: &Global, serve: Option<&Serve>) -> Vec<(&'static str, &'static str, String)> {
    let nothing = Serve::default();
    let serve = serve.unwrap_or(&nothing);
    [
        ("data-dir", "data_dir", &global.data_dir),
        ("listen", "http.listen", &serve.listen),
        ("admin-listen", "http.admin_listen", &serve.admin_listen),
        ("public-url", "http.public_url", &serve.public_url),
        ("base-path", "http.base_path", &serve.base_path),
        ("trusted-proxies", "http.trusted_proxies", &serve.trusted_proxies),
    ]
    .into_iter()
    .filter_map(|(flag, key, value)| value.clone().map(|value| (flag, key, value)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(config: Option<&Path>, environment: &[(&str, &str)], serve: &Serve) -> ConfigSource {
        let global = Global { config: config.map(Path::to_owned), data_dir: None, json: false };
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        ConfigSource::new(&global, Some(serve), environment)
    }

    #[test]
    fn a_named_file_has_to_be_there_and_the_default_one_has_not() {
        let nowhere = Path::new("/nowhere/doorward.toml");
        let serve = Serve::default();
        let complaint = source(Some(nowhere), &[], &serve).load().unwrap_err().to_string();
        assert!(complaint.starts_with("/nowhere/doorward.toml: cannot read"), "{complaint}");
        let variable = [("DOORWARD_CONFIG", "/nowhere/other.toml")];
        assert!(source(None, &variable, &serve).load().unwrap_err().to_string().contains("other.toml"));
        assert!(source(None, &[("DOORWARD_CONFIG", "")], &serve).load().is_ok());
    }

    #[test]
    fn a_flag_goes_before_the_variable_and_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "[http]\nlisten = \"127.0.0.1:1\"\nbase_path = \"/file\"").unwrap();
        let serve = Serve { listen: Some("127.0.0.1:3".to_owned()), ..Serve::default() };
        let variables = [("DOORWARD_HTTP__LISTEN", "127.0.0.1:2"), ("DOORWARD_HTTP__BASE_PATH", "/variable")];
        let settings = source(Some(file.path()), &variables, &serve).load().unwrap().settings;
        assert_eq!((settings.http.listen.port(), settings.http.base_path.as_str()), (3, "/variable"));
    }
}
