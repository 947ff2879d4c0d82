//! A new signing key while all nodes are at work.
//!
//! Goal: nobody is refused, whichever node signed their token and whichever they show it to.
//! Method: people are at work; a key is announced, and every node publishes it while none signs with it. The rest of the
//! wait, in which nothing happens, is cut short in the database.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_core::signing_key::PUBLISH_AHEAD;
use serde_json::Value as Json;

use crate::load::{Load, wait_for_answers};
use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage};

/// The key that signed a token, by its id.
fn key(token: &str) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Json = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The keys that sign the tokens each node gives now.
fn keys(persons: &mut [Person<'_>]) -> BTreeSet<String> {
    let signed = persons.iter_mut().enumerate().map(|(node, person)| {
        assert_eq!(person.refresh(node).status, 200);
        key(person.access_token())
    });
    signed.collect()
}

/// Lets a new key that waits for its time sign soon: in ten seconds from when it was made.
fn hasten(stage: &Stage) {
    let earlier = (PUBLISH_AHEAD - Duration::from_secs(10)).as_millis();
    stage.database.sql(&format!(
        "UPDATE signing_keys SET signs_from = signs_from - {earlier}
             WHERE signs_from = (SELECT max(signs_from) FROM signing_keys);
         UPDATE signing_keys SET retired_at = retired_at - {earlier} WHERE retired_at IS NOT NULL;
         UPDATE state SET signing_keys_version = signing_keys_version + 1"
    ));
}

#[test]
fn a_rotation_of_the_key_refuses_no_request_at_any_node() {
    let stage = Stage::new(&[]);
    let mut persons: Vec<_> = (0..NODES).map(|node| Person::signed_in(&stage, ROOT, node)).collect();
    let old = keys(&mut persons);
    assert_eq!(old.len(), 1, "all nodes sign with one key");
    Load::of(&stage, 4).during(|answered| {
        wait_for_answers(&stage, answered, 20);
        stage.place(1).json(&["key", "rotate"]);
        for (node, person) in persons.iter_mut().enumerate() {
            stage.eventually("the node publishes the new key", || {
                let published = person.ask(node, "GET", "/.well-known/jwks.json", "");
                published.body["keys"].as_array().map(Vec::len) == Some(2)
            });
        }
        assert_eq!(keys(&mut persons), old, "it does not sign before its time");
        hasten(&stage);
        stage.eventually("all nodes sign with the new key", || keys(&mut persons).is_disjoint(&old));
        assert_eq!(keys(&mut persons).len(), 1, "all nodes sign with one key");
        for person in &mut persons {
            for node in 0..NODES {
                assert_eq!(person.enter(node).status, 200, "node {node}");
            }
        }
        wait_for_answers(&stage, answered, 50);
    });
    stage.check_history();
}
