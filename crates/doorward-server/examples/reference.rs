//! Prints the reference of every setting: the text of `docs/doorward.example.toml`.

fn main() {
    print!("{}", doorward_server::config::reference());
}
