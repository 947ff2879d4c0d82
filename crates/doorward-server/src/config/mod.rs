//! Configuration: typed, from a file, the environment and flags, and valid as a whole before anything starts (M-A10).
//!
//! Nothing in here reads the environment or the disk: [`load`] is given the text of the file and the variables, so
//! that tests and fuzzers drive exactly what the server runs.

mod complaint;
mod duration;
mod effective;
mod environment;
mod file;
mod load;
mod public_url;
mod rate;
mod reference;
mod reload;
mod relying_party;
mod rules;
mod settings;
mod source;
mod specs;
mod suggestion;
mod value;

pub use complaint::Complaint;
pub use effective::{EffectiveSetting, effective};
pub use environment::{FILE_VARIABLE, MASTER_KEY_VARIABLES, secret_files};
pub(crate) use load::database;
pub use load::{ConfigFile, Layers, Loaded, load};
pub use public_url::PublicUrl;
pub use rate::{Rate, Window};
pub use reference::reference;
pub use reload::{Reloaded, reload};
pub use settings::{Database, DatabaseInUse, Http, Secret, Settings, StorePool};
pub use source::Source;
