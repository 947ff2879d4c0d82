//! Nodes that begin at the same moment.

use crate::person::Person;
use crate::stage::{NODES, Stage, race};

/// How many try at each node.
const EACH: usize = 4;

#[test]
fn setup_completes_once_on_three_nodes() {
    // All three found an empty database, and each would have made its tables and its signing key.
    let stage = Stage::before_setup(&[]);
    let people = race(NODES * EACH, |racer| {
        let mut person = Person::new(&stage, &format!("root{racer}"));
        let answer = person.set_up(racer % NODES);
        assert!(answer.status == 201 || answer.code() == "setup_complete", "{}", answer.body);
        (answer.status == 201).then_some(person)
    });
    let administrators: Vec<_> = people.into_iter().flatten().collect();
    let [mut administrator] = <[Person<'_>; 1]>::try_from(administrators).map_err(|all| all.len()).unwrap();
    for node in 0..NODES {
        stage.eventually("the node lets the administrator in", || administrator.enter(node).status == 200);
    }
    let users = administrator.ask(1, "GET", "/v1/admin/users", "");
    assert_eq!(users.body["items"].as_array().map(Vec::len), Some(1), "{}", users.body);
    assert_eq!(stage.events("setup.completed"), 1);
}
