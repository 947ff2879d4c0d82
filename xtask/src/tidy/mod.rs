//! The rules of the house, each a pure function from what is in the repository to findings.

mod dependencies;
mod length;
mod named_tests;
mod peers;
mod tree;
mod words;

use std::process::ExitCode;

use tree::Tree;

/// What is wrong, where, and what mends it: one line for a person.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding(String);

impl Finding {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Checks every rule, prints what is wrong, and fails if anything is.
pub(crate) fn run() -> ExitCode {
    let mut findings = match Tree::of_tracked_files() {
        Ok(tree) => check_tree(&tree),
        Err(why) => vec![Finding::new(why)],
    };
    match dependencies::metadata() {
        Ok(metadata) => findings.extend(dependencies::check(&metadata)),
        Err(why) => findings.push(Finding::new(why)),
    }
    findings.sort();
    for Finding(text) in &findings {
        eprintln!("tidy: {text}");
    }
    if findings.is_empty() {
        println!("tidy: nothing to mend");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn check_tree(tree: &Tree) -> Vec<Finding> {
    let mut findings = words::check(tree);
    findings.extend(length::check(tree));
    findings.extend(named_tests::check(tree));
    findings.extend(peers::check(tree));
    findings
}
