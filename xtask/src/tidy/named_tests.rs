//! A test that a document names exists: `crates/x/src/y.rs::tests::name_of_test` or `tests/e2e/x.test.mjs::title of the test`, in
//! backticks.

use super::Finding;
use super::tree::Tree;

const COVERAGE: &str = "docs/COVERAGE.md";
const ATTACKS: &str = "docs/attacks/";

/// Names each test that does not exist, and each attack page or coverage row without one.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    if tree.text(COVERAGE).is_none() {
        findings.push(Finding::new(format!(
            "{COVERAGE}: missing: it names the test that shows each mission row"
        )));
    }
    for (path, text) in tree.files().filter(|(path, _)| *path == COVERAGE || is_attack_page(path)) {
        for (line, named) in named_tests(text) {
            if let Err(why) = named.find(tree) {
                findings
                    .push(Finding::new(format!("{path}:{line}: `{}::{}`: {why}", named.file, named.name)));
            }
        }
        if is_attack_page(path) && named_tests(text).next().is_none() {
            findings.push(Finding::new(format!(
                "{path}: names no test that shows the defence (`file.rs::test_name`)"
            )));
        }
    }
    findings.extend(tree.text(COVERAGE).into_iter().flat_map(rows_without_test));
    findings
}

fn is_attack_page(path: &str) -> bool {
    path.strip_prefix(ATTACKS).is_some_and(|page| page.ends_with(".md") && page != "README.md")
}

/// Rows of mission ids, `| M-A01 | …`, that name no test.
fn rows_without_test(coverage: &str) -> impl Iterator<Item = Finding> {
    (1..).zip(coverage.lines()).filter_map(|(number, line)| {
        let bare = line.starts_with("| M-") && named_tests(line).next().is_none();
        bare.then(|| {
            Finding::new(format!(
                "{COVERAGE}:{number}: a row without a test: {}",
                line.get(..40).unwrap_or(line)
            ))
        })
    })
}

/// A test as a document names it.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    file: &'a str,
    name: &'a str,
}

/// The tests that a text names, with their lines: what stands in backticks on one line and looks like `file::name`.
fn named_tests(text: &str) -> impl Iterator<Item = (usize, Named<'_>)> {
    (1..).zip(text.lines()).flat_map(|(number, line)| {
        // Between the first and second backtick, the third and fourth, and so on.
        let quoted = line.split('`').skip(1).step_by(2);
        quoted.filter_map(move |quoted| {
            let (file, name) = quoted.split_once("::")?;
            let in_tests = [".rs", ".mjs", ".ts", ".tsx"].iter().any(|ending| file.ends_with(ending));
            in_tests.then_some((number, Named { file, name }))
        })
    })
}

impl Named<'_> {
    fn find(&self, tree: &Tree) -> Result<(), &'static str> {
        let source = tree.text(self.file).ok_or("no such file")?;
        let found = if self.file.ends_with(".rs") {
            has_rust_test(source, self.name.rsplit("::").next().unwrap_or(self.name), self.file)
        } else {
            ["'", "\"", "`"].iter().any(|quote| source.contains(&format!("test({quote}{}{quote}", self.name)))
        };
        if found { Ok(()) } else { Err("no such test in that file") }
    }
}

/// Whether a function of this name is a test: it carries a test attribute, or is a rule of the store contract, which a macro
/// instantiates for each store.
fn has_rust_test(source: &str, name: &str, file: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_this = |line: &&str| {
        line.split_once("fn ").is_some_and(|(before, after)| {
            ["", "pub ", "async ", "pub async "].contains(&before)
                && after.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', '<']))
        })
    };
    let contract = file.starts_with("crates/doorward-testkit/");
    lines.iter().enumerate().filter(|(_, line)| is_this(line)).any(|(at, _)| {
        let above = lines.get(..at).unwrap_or_default().iter().rev();
        contract
            || above
                .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
                .any(|line| is_test_attribute(line))
    })
}

/// `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = …)]`.
fn is_test_attribute(line: &str) -> bool {
    let path = line.trim_start_matches("#[").split(['(', ']']).next().unwrap_or_default();
    line.starts_with("#[") && path.rsplit("::").next() == Some("test")
}

#[cfg(test)]
mod tests {
    use super::{Finding, Named, Tree, check, named_tests};

    const RUST: &str = "#[test]\n/// Why.\nfn it_holds() {}\n\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn in_a_race() {}\n\nfn not_a_test() {}\n";

    fn findings(attack_page: &str) -> Vec<String> {
        let tree = Tree::from([
            ("docs/COVERAGE.md", "| M-A01 | `src/a.rs::it_holds` |\n"),
            ("docs/attacks/theft.md", attack_page),
            ("src/a.rs", RUST),
            ("crates/doorward-testkit/src/contract.rs", "pub async fn one_wins<S: Store>(store: S) {}"),
            ("tests/e2e/a.test.mjs", "test('the app is closed', () => {});"),
            ("sdk/a.test.ts", "test(\"the app is quiet\", () => {});"),
        ]);
        check(&tree).into_iter().map(|Finding(text)| text).collect()
    }

    #[test]
    fn tests_that_exist_are_fine() {
        for named in [
            "src/a.rs::it_holds",
            "src/a.rs::tests::it_holds",
            "src/a.rs::in_a_race",
            "crates/doorward-testkit/src/contract.rs::one_wins",
            "tests/e2e/a.test.mjs::the app is closed",
            "sdk/a.test.ts::the app is quiet",
        ] {
            assert_eq!(findings(&format!("Shown by `{named}`.")), Vec::<String>::new(), "{named}");
        }
    }

    #[test]
    fn a_test_that_does_not_exist_is_found() {
        for named in [
            "src/gone.rs::it_holds",
            "src/a.rs::it_hold",
            "src/a.rs::it_holds_not",
            "src/a.rs::not_a_test",
            "tests/e2e/a.test.mjs::the app",
            "sdk/a.test.ts::the app",
        ] {
            let found = findings(&format!("First line.\nShown by `{named}`."));
            assert_eq!(found.len(), 1, "{named}");
            assert!(found[0].starts_with("docs/attacks/theft.md:2: "), "{found:?}");
        }
    }

    #[test]
    fn an_attack_page_without_a_test_is_found() {
        assert_eq!(findings("A defence, we believe.").len(), 1);
    }

    #[test]
    fn a_coverage_row_without_a_test_is_found_and_so_is_a_missing_table() {
        let bare = Tree::from([("docs/COVERAGE.md", "| id | test |\n| --- | --- |\n| M-A01 | soon |\n")]);
        assert_eq!(check(&bare).len(), 1);
        assert_eq!(check(&Tree::default()).len(), 1);
    }

    #[test]
    fn several_tests_in_a_line_are_all_read() {
        let names: Vec<_> =
            named_tests("`a.rs::x`, `not one`, `b.mjs::y z`").map(|(_, named)| named).collect();
        assert_eq!(names, [Named { file: "a.rs", name: "x" }, Named { file: "b.mjs", name: "y z" }]);
    }
}
