//! Makes `data/common-passwords.filter` of the list beside it.

use std::{fs, path::Path};

use doorward_core::password::common_passwords_filter;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let passwords = fs::read_to_string(data.join("common-passwords.txt"))?;
    let filter = common_passwords_filter(passwords.lines())?;
    println!("{} bytes", filter.len());
    fs::write(data.join("common-passwords.filter"), filter)?;
    Ok(())
}
