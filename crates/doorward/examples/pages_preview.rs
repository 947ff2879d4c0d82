//! Writes every page in every variant to a directory, to be looked at in a browser without a server:
//! `cargo run -p doorward --example pages_preview -- DIR`, then open `DIR/index.html`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use doorward::pages::{Language, static_files};

#[path = "../tests/gallery/mod.rs"]
mod gallery;

fn main() -> io::Result<()> {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("say where to: pages_preview DIR"));
    };
    write_static_files(&directory)?;
    let mut index = String::from("<!doctype html><meta charset=\"utf-8\"><title>Pages</title><ul>");
    for language in Language::ALL {
        for exhibit in gallery::pages(&gallery::Words { language, ..gallery::ORDINARY }) {
            // Beside the static files, whose addresses begin with the base path.
            let html = exhibit.html.replace("/auth/static/", "static/");
            let file = format!("{}.{}.html", exhibit.name, language.tag());
            let group = if exhibit.signed_in { "signed in" } else { "anonymous" };
            index.push_str(&format!("<li><a href=\"{file}\">{file}</a> ({group})"));
            fs::write(directory.join(&file), html)?;
        }
    }
    fs::write(directory.join("index.html"), index)
}

fn write_static_files(directory: &Path) -> io::Result<()> {
    let folder = directory.join("static");
    fs::create_dir_all(&folder)?;
    for file in static_files::ALL {
        fs::write(folder.join(file.name()), file.body)?;
    }
    Ok(())
}
